/** A service that never becomes healthy ends the run with its post-mortem, before any test. */
import { afterEach, expect, test } from "vitest";
import { runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";

const name = uniqueName();
afterEach(() => removeEnvironments(name));

test.each([[[]], [["--reporter=junit"]]])("with reporters %j", async (reporters) => {
  const { exitCode, stdout, stderr } = await runVitest(
    "never-healthy",
    ["--real-services", ...reporters],
    { env: { COMPOSE_PROJECT_NAME: name } },
  );
  expect(exitCode).toBe(1);
  expect(stderr.match(/REAL_SERVICES_\w+/g)).toEqual(["REAL_SERVICES_SERVICE_UNHEALTHY"]);
  expect(stderr).toContain("the schema is missing");
  expect(stderr).toMatch(/needed by +behind/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).not.toMatch(/never gets here|is not run either/);
  expect(await findEnvironments(name)).toEqual([]);
});
