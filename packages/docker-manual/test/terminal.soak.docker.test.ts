/** What a person does by hand beside a test run, all of it at terminals. */
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { hasTerminals, PseudoTerminal } from "./pseudo-terminal.ts";
import { Workshop } from "./workshop.ts";

test.runIf(hasTerminals)("start, adopt, restart under a running test, stop", async () => {
  await using workshop = await Workshop.open({});
  const cwd = join(import.meta.dirname, "../../../fixtures/projects/adopted");
  const play = (args: string[], columns = 80) =>
    new PseudoTerminal(workshop, args, { cwd, columns });
  const done = async (args: string[], columns?: number): Promise<string> => {
    const { exitCode, text } = await play(args, columns).ended();
    expect(exitCode, text).toBe(0);
    return text;
  };
  const name = /docker-manual stop (\S+)/.exec(await done(["start"]))?.[1] ?? "";
  expect(await workshop.environments()).toEqual([name]);

  const tests = play(["test"]);
  await tests.shows(/adopted/);
  await tests.shows(/waiting for a restart/);
  const restarted = await done(["restart", "-e", name, "--services", "web"], 40);
  // Where there is little room, it is for what happens.
  expect(restarted).not.toContain("real-services");
  expect(stripVTControlCharacters(restarted)).toMatch(/^web {2}ready {2}127\.0\.0\.1:\d+$/m);
  const { exitCode, text } = await tests.ended();
  expect(exitCode, text).toBe(0);
  expect(text).toContain("1 passed");
  expect(await workshop.environments()).toEqual([name]);

  expect(await done(["stop", name])).toContain(`stopped ${name}`);
  expect(await workshop.environments()).toEqual([]);
});
