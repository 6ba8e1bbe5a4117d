import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("importing the plugin loads no engine client", () => {
  const script = `
    const { createRequire } = await import("node:module");
    const { realServices } = await import("@real-services/vitest");
    realServices({ compose: "compose.yml" });
    console.log(Object.keys(createRequire(import.meta.url).cache).join("\\n"));
  `;
  const loaded = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    cwd: import.meta.dirname,
  });
  expect(loaded).not.toMatch(/dockerode|testcontainers|docker-modem|log-update/);
});
