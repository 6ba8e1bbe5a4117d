/** Ctrl-C while services start: the command removes what it has begun, then ends as signals do. */
import { expect, test } from "vitest";
import { nextStart } from "../../vitest/test/engine.ts";
import { IMAGE, Workshop } from "./workshop.ts";

const NEVER_READY = `
services:
  web:
    image: "${IMAGE}"
    volumes: [data:/data]
    healthcheck: { test: ["CMD", "false"], interval: 1s, retries: 1000 }
volumes: { data: {} }
`;

test("SIGINT", async () => {
  await using workshop = await Workshop.open({ "compose.yaml": NEVER_READY });
  const started = nextStart(`${workshop.name}-`);
  const command = workshop.spawn(["start"]);
  await started;
  command.kill("SIGINT");
  const result = await command;
  expect(result.exitCode).toBe(130);
  expect(result.stdout).toBe("");
  expect(result.stderr).toContain("Interrupted by SIGINT.");
  expect(result.stderr).not.toMatch(/^\s+at /m);
  expect(await workshop.environments()).toEqual([]);
});
