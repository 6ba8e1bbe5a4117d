/** A person at a terminal: what is asked, and whom Ctrl-C is for. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Owned, spawnOwner } from "./owner.ts";
import { CTRL_C, hasTerminals, PseudoTerminal } from "./pseudo-terminal.ts";
import { IMAGE, Workshop } from "./workshop.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const IN_COLUMNS_AS_WELL = [
  ["list"],
  ["health"],
  ["df"],
  ["stats", "-e"],
  ["ports", "-e"],
  ["top", "cache", "-e"],
  ["check-network", "web", "cache", "-e"],
  ["graph"],
  ["init", "--dry-run"],
];
const REDIS_IMAGE = process.env["REDIS_IMAGE"] ?? "real-services/redis:7";
const STACK = {
  "compose.yaml": `services:
  web: { image: "${IMAGE}", ports: [8000], deploy: { replicas: 2 }, depends_on: [cache] }
  cache: { image: "${REDIS_IMAGE}" }`,
  "package.json": "{}",
};

describe.runIf(hasTerminals)("two environments", () => {
  let workshop: Workshop;
  let living: Owned;
  let started: string;
  beforeAll(async () => {
    workshop = await Workshop.open(STACK);
    [living, started] = await Promise.all([spawnOwner(workshop), workshop.start()]);
  });
  afterAll(async () => {
    living.owner.kill("SIGKILL");
    await workshop[Symbol.asyncDispose]();
  });
  const ask = (...args: string[]) =>
    new PseudoTerminal(workshop, args, { env: { DOCKER_HOST: workshop.engine } });
  const inside = (...args: string[]) => new PseudoTerminal(workshop, args);

  test.concurrent("which one is asked, until there is an answer", async () => {
    const names = [living.name, started].sort();
    const terminal = ask("ports");
    await terminal.shows(new RegExp(`1  ${names[0]}\\r\\n  2  ${names[1]}`));
    await terminal.shows(/Which one\? \(1-2\) /);
    terminal.type("7\n");
    await terminal.shows(/Which one\? \(1-2\) /);
    terminal.type("2\n");
    await terminal.shows(/web +8000\/tcp +127\.0\.0\.1:\d+/);
    expect((await terminal.ended()).exitCode).toBe(0);
  });

  test.concurrent.each([
    ["status"],
    ["inspect", "web", "-e"],
    ["doctor"],
    ["clean", "--dry-run"],
    ...(IS_SOAK ? IN_COLUMNS_AS_WELL : []),
  ])("%s on 40 columns: the terminal has no line to break", async (...args) => {
    const env = { DOCKER_HOST: workshop.engine };
    const words = args.at(-1) === "-e" ? [...args, started] : args;
    const terminal = new PseudoTerminal(workshop, words, { env, columns: 40 });
    const { exitCode, text } = await terminal.ended();
    expect(exitCode, text).toBe(0);
    // What is waited for is written over.
    const shown = stripVTControlCharacters(text).replaceAll(/[^\n]*\r/g, "");
    const lines = shown.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(1);
    // A single word may be longer, such as the path of a socket.
    expect(lines.filter((line) => line.length > 40 && /\S\s/.test(line))).toEqual([]);
  });

  test.concurrent("logs name the container in front, and all texts begin in one column", async () => {
    const { stdout } = await workshop.run(["logs", "-e", started]);
    const labels = stdout.split("\n").map((line) => line.slice(0, line.indexOf(" | ")));
    expect(new Set(labels)).toEqual(new Set(["cache", "web  ", "web#2"]));
  });

  test.concurrent.each<[string, string, number]>([
    ["Ctrl-C", CTRL_C, 130],
    ["no more input", "\x04", 1],
  ])("%s instead of an answer", async (_what, key, code) => {
    const terminal = ask("stop");
    await terminal.shows(/Which one\?/);
    terminal.type(key);
    const { exitCode, text } = await terminal.ended();
    expect(exitCode).toBe(code);
    expect(text).not.toMatch(/^\s+at |Warning/m);
  });

  test.concurrent("Ctrl-C is for the command inside", async () => {
    const script = 'trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.1; done';
    const terminal = inside("exec", "-e", started, "web", "sh", "-c", script);
    await terminal.shows(/ready/);
    terminal.type(CTRL_C);
    await terminal.shows(/caught/);
    expect((await terminal.ended()).exitCode).toBe(7);
  });

  test.concurrent("Ctrl-C is for what runs in the shell", async () => {
    const terminal = inside("shell", "-e", started, "web");
    terminal.type("sh -c 'echo in\"\"side; exec cat'\n");
    await terminal.shows(/inside/);
    terminal.type(CTRL_C);
    await terminal.shows(/# /);
    terminal.type("exit 5\n");
    expect((await terminal.ended()).exitCode).toBe(5);
  });

  test.concurrent("Ctrl-C is for the service's own client", async () => {
    const terminal = inside("connect", "-e", started, "cache");
    await terminal.shows(/6379> /);
    terminal.type("ping\r");
    await terminal.shows(/PONG/);
    // Only while it asks is the key its own.
    await terminal.shows(/6379> /);
    terminal.type(CTRL_C);
    const { exitCode, text } = await terminal.ended();
    expect([exitCode, text]).toEqual([0, expect.stringContaining("PONG")]);
  });

  test.concurrent("a shell has no document at a terminal", async () => {
    const terminal = inside("shell", "-e", started, "--json", "web");
    const { exitCode, text } = await terminal.ended();
    expect([exitCode, text]).toEqual([1, expect.stringContaining("Leave `--json` out")]);
  });

  test.concurrent("what takes its time is told meanwhile, and no longer", async () => {
    const hold = workshop.hold(/GET .*\/system\/df/);
    const terminal = ask("df");
    await terminal.shows(/measuring, 2 s/);
    hold.release();
    const { exitCode, text } = await terminal.ended();
    expect([exitCode, text]).toEqual([0, expect.stringContaining("\r\x1b[KWHAT ")]);
  });

  test("clean --all shows them with their owners, and removes them when told to", async () => {
    const captured = () => readdirSync(join(workshop.folder, ".real-services")).sort();
    const before = captured();
    const refused = ask("clean", "--all", "--logs");
    await refused.shows(new RegExp(`process ${living.owner.pid} .*, alive`));
    await refused.shows(/Remove them all\? \(y\/N\) /);
    refused.type("n\n");
    await refused.shows(/^Nothing was removed\.\r$/m);
    expect((await refused.ended()).exitCode).toBe(0);
    expect(await workshop.environments()).toHaveLength(2);
    expect(captured()).toEqual(before);

    const agreed = ask("clean", "--all");
    await agreed.shows(/Remove them all\?/);
    agreed.type("y\n");
    const { exitCode, text } = await agreed.ended();
    expect(exitCode, text).toBe(0);
    expect(text).toContain(`asked for; its owner was process ${living.owner.pid}`);
    expect(await workshop.environments()).toEqual([]);
  });
});
