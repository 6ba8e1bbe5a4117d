/** A person at a terminal: start, tests adopt it, one service is restarted under a running test, stop. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { followLines } from "../../vitest/test/lines.ts";
import { Workshop } from "./workshop.ts";

const BIN = join(import.meta.dirname, "../bin/docker-manual.js");
const cwd = join(import.meta.dirname, "../../../fixtures/projects/adopted");

/** `script` gives a command a terminal of its own. The words are paths of this machine and plain flags. */
function atTerminal(workshop: Workshop, args: readonly string[], columns = 80) {
  const command = [process.execPath, BIN, ...args].join(" ");
  const line = `stty cols ${columns} rows 24; exec ${command}`;
  const env = { COMPOSE_PROJECT_NAME: workshop.name, TERM: "xterm", VITEST: "", NO_COLOR: "" };
  return execa("script", ["-qefc", line, "/dev/null"], { cwd, env, all: true, reject: false });
}

const mayPlay = process.platform === "linux" && existsSync("/usr/bin/script");

test.runIf(mayPlay)("start, adopt, restart under a running test, stop", async () => {
  await using workshop = await Workshop.open({});
  const started = await atTerminal(workshop, ["start"]);
  expect(started.exitCode, started.all).toBe(0);
  const name = /docker-manual stop (\S+)/.exec(started.stdout)?.[1] ?? "";
  expect(await workshop.environments()).toEqual([name]);

  const tests = atTerminal(workshop, ["test"]);
  const next = followLines(tests.stdout);
  await next(/adopted/);
  await next(/waiting for a restart/);
  const again = await atTerminal(workshop, ["restart", "-e", name, "--services", "web"]);
  expect(again.exitCode, again.all).toBe(0);
  const { exitCode, all } = await tests;
  expect(exitCode, all).toBe(0);
  expect(all).toContain("1 passed");
  expect(await workshop.environments()).toEqual([name]);

  // Nothing breaks where there is little room.
  const narrow = await atTerminal(workshop, ["status", name], 40);
  expect(narrow.exitCode, narrow.all).toBe(0);
  expect(narrow.all).toContain("HEALTHY");

  const stopped = await atTerminal(workshop, ["stop", name]);
  expect(stopped.exitCode, stopped.all).toBe(0);
  expect(await workshop.environments()).toEqual([]);
});
