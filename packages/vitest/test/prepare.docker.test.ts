/** When `prepare` throws, the run ends with the reason. */
import { afterEach, expect, test } from "vitest";
import { runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";

const name = uniqueName();
afterEach(() => removeEnvironments(name));

test("a `prepare` that throws is shown with the services, and nothing is left", async () => {
  const { exitCode, stdout, stderr } = await runVitest("prepare", ["--real-services"], {
    env: { COMPOSE_PROJECT_NAME: name },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("REAL_SERVICES_PREPARE_FAILED");
  expect(stderr).toMatch(
    /`prepare` failed in seed \(\S+\/prepare\/seed\.ts:\d+:\d+\): relation “orders” does not exist/,
  );
  const [, own = ""] = /web running.* Their logs: \.real-services\/(t\w+-\w+)$/m.exec(stderr) ?? [];
  expect(own).toContain(`${name}-`);
  expect(stderr).toMatch(/^ +report \.real-services\/t\w+-\w+\/report\.md$/m);
  // What it wrote while it was prepared, and no more.
  const [, log = ""] = /^ +web +\.real-services\/.*\n((?: {4,}.*\n)*)/m.exec(stderr) ?? [];
  expect(log).toMatch(new RegExp(`^ +\\+[\\d.]+m?s +seeded for ${own}\\n$`));
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).not.toMatch(/Tests |never gets here/);
  expect(await findEnvironments(name)).toEqual([]);
});
