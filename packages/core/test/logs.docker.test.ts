/** Every line that a service writes is in its file once and in order, whatever it is and whatever happens to the container. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../src/environment.ts";
import { writeErrorReport } from "../src/logs/error-report.ts";
import { readSlice } from "../src/logs/read-slice.ts";
import type { EnvironmentManager } from "../src/manager.ts";
import { eventually, IMAGE, Scenario } from "./scenario.ts";

const LINES = process.env["REAL_SERVICES_SOAK"] ? 1_000_000 : 5_000;

const perl = (program: string, rest = "") =>
  `{ image: ${IMAGE}, command: [perl, -e, "$$| = 1; ${program}"], ${rest} }`;

async function everything(environment: Environment, maxLines = 1_000) {
  const span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, maxLines };
  const { services } = await readSlice(environment.logFolder ?? "", span);
  return new Map(services.map((slice) => [slice.service, slice]));
}

async function textsOf(environment: Environment, service: string): Promise<string[]> {
  const slice = (await everything(environment, 2e6)).get(service);
  return (slice?.lines ?? []).map(({ text }) => text);
}

// One environment for all of them; the last of the tests releases it.
describe("what containers write", () => {
  let scenario: Scenario;
  let manager: EnvironmentManager;
  let environment: Environment;
  beforeAll(async () => {
    scenario = new Scenario({
      "compose.yaml": `
services:
  pair: ${perl("print qq(one\\n); print STDERR qq(two\\n); sleep 600", "scale: 2, logging: { driver: none }")}
  terminal: ${perl("print qq(one\\n), q(x) x 40_000, qq(\\ntwo\\nno end)", "tty: true, restart: 'no'")}
  silent: ${perl("sleep 600", "healthcheck: { test: [CMD, 'true'], interval: 1s }")}
  changing: ${perl("sleep 600", "healthcheck: { test: '[ ! -e /tmp/bad ]', interval: 1s, start_interval: 1s, start_period: 1s, retries: 1 }")}
  odd: ${perl("print qq(\\\\x00\\\\x01\\\\xff\\\\xfe end\\n); print qq($$_ %\\\\r) for 1..100; print qq(\\nafter\\n\\\\e[31mred\\\\e[0m\\n); sleep 600")}
  long: ${perl("print q(z) x 1_000_000, qq(\\nafter\\n); sleep 600")}
  crashing:
    image: ${IMAGE}
    restart: on-failure
    command: [sh, -c, "touch /tmp/n; echo run $$(wc -c < /tmp/n); printf x >> /tmp/n; [ $$(wc -c < /tmp/n) -gt 2 ] || exit 3; exec sleep 600"]
  counting: ${perl("print qq($$_\\n) for 1..2000; $$SIG{TERM} = sub { print qq(bye\\n); exit 0 }; sleep 600")}
  hog: ${perl("select undef, undef, undef, 0.02 until -e q(/tmp/go); print qq(filling\\n); my $$n = 200_000_000; my $$x = q(x) x $$n; sleep 600", "mem_limit: 32m, memswap_limit: 32m")}
  chatty: ${perl(`select undef, undef, undef, 0.02 until -e q(/tmp/go); for (my $$i = 1; ; $$i++) { print qq($$i\\n); select undef, undef, undef, 0.001 if $$i > ${LINES} }`, "logging: { options: { max-size: 10k, max-file: '2' } }")}
`,
    });
    manager = scenario.manager({ logs: { maxBytes: 1e9 } });
    environment = await manager.acquireEnvironment();
    await manager.waitForServices();
  });
  afterAll(() => scenario[Symbol.asyncDispose]());

  /** The lines of a service, once there are so many. */
  async function linesOf(service: string, count: number) {
    const slice = await eventually(
      async () => (await everything(environment)).get(service),
      (seen) => (seen?.lines.length ?? 0) >= count,
    );
    return slice?.lines.map(({ stream, replica, text }) => `${stream} ${replica} ${text}`);
  }

  test("with and without a terminal, from the first line, stdout and stderr told apart", async () => {
    expect((await linesOf("pair", 4))?.toSorted()).toEqual([
      ...["stderr 1 two", "stderr 2 two", "stdout 1 one", "stdout 2 one"],
    ]);
    const run = ["one", "x".repeat(40_000), "two", "no end"].map((text) => `stdout 1 ${text}`);
    expect(await linesOf("terminal", 4)).toEqual(run);
    const folder = environment.logFolder ?? "";
    const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
    expect(files.some((name) => name.startsWith("silent"))).toBe(false);
    expect((await everything(environment)).get("silent")?.lines).toEqual([]);
    for (const name of files) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(scenario.read(".real-services/.gitignore")).toBe("*\n");
    // What the engine goes on to write on the same line of its own.
    await execa("docker", ["start", environment.services["terminal"]?.containers[0] ?? ""]);
    expect(await linesOf("terminal", 8)).toEqual([...run, ...run]);
  });

  test("what cannot be a line as it is", async () => {
    expect(await linesOf("odd", 4)).toEqual([
      "stdout 1 \\x00\\x01\ufffd\ufffd end",
      "stdout 1 100 %",
      "stdout 1 after",
      "stdout 1 \u001b[31mred\u001b[0m",
    ]);
    expect(await linesOf("long", 2)).toEqual([
      `stdout 1 ${"z".repeat(65_536)} … [934464 more bytes of this line were left out]`,
      "stdout 1 after",
    ]);
  });

  const happenedTo = async (service: string) =>
    (await everything(environment)).get(service)?.events.map(({ text }) => text) ?? [];

  test("health as it was found by us, and then by the engine, each change once", async () => {
    // The engine looks first after half a minute.
    expect(await happenedTo("silent")).toEqual(["was started", "became healthy"]);
    const changing = environment.services["changing"]?.containers[0] ?? "";
    const told = ["was started", "became healthy"];
    for (const [command, change] of [
      ["touch", "became unhealthy"],
      ["rm", "became healthy"],
    ] as const) {
      await execa("docker", ["exec", changing, command, "/tmp/bad"]);
      told.push(change);
      const seen = await eventually(
        () => happenedTo("changing"),
        ({ length }) => length >= told.length,
      );
      expect(seen).toEqual(told);
    }
  });

  test("over restarts, crashes, kills and recreations, each in the timeline", async () => {
    const counting = environment.services["counting"]?.containers[0] ?? "";
    const counted = (count: number) =>
      eventually(
        () => textsOf(environment, "counting"),
        (texts) => texts.length === count,
      );
    await counted(2_000);
    await manager.restartService("counting");
    await counted(4_001);
    await execa("docker", ["kill", counting]);
    await execa("docker", ["start", counting]);
    const numbers = Array.from({ length: 2_000 }, (_, index) => String(index + 1));
    await counted(6_001);
    await (await manager.findEnvironment(environment.name)).recreate(["counting"]);
    expect(await counted(8_001)).toEqual([
      ...[...numbers, "bye", ...numbers, ...numbers, ...numbers],
    ]);
    const crashing = await eventually(
      async () => (await everything(environment)).get("crashing"),
      (slice) => slice?.lines.length === 3,
    );
    expect(crashing?.lines.map(({ text }) => text)).toEqual(["run 0", "run 1", "run 2"]);
    expect(await happenedTo("crashing")).toEqual([
      "was started",
      "exited with code 3",
      "was started again (1)",
      "exited with code 3",
      "was started again (2)",
    ]);
    const events = (await everything(environment)).get("counting")?.events ?? [];
    expect(events.map(({ type }) => type)).toEqual([
      ...["started", "killed", "exited", "started"],
      ...["killed", "exited", "started"],
      ...["killed", "exited", "removed", "started"],
    ]);
  });

  test("out of memory, said where it happened", async () => {
    const hog = environment.services["hog"]?.containers[0] ?? "";
    await execa("docker", ["exec", hog, "touch", "/tmp/go"]);
    const slice = await eventually(
      async () => (await everything(environment)).get("hog"),
      (seen) =>
        seen?.events.some(({ type }) => type === "exited") === true && seen.lines.length === 1,
    );
    // A busy engine tells it late, or misses it.
    const said = slice?.events.map(({ text }) => text).join("; ");
    expect(said).toMatch(
      /^was started; .*(was OOM-killed here|nobody sent it that signal, memory may have run out), limit 32 MiB/,
    );
    expect(said).toContain("was killed by SIGKILL (137)");
  });

  test(`${LINES} lines and more are the same in the file, though the engine rotates its own`, async () => {
    const chatty = environment.services["chatty"]?.containers[0] ?? "";
    await execa("docker", ["exec", chatty, "touch", "/tmp/go"]);
    await eventually(
      async () => (await everything(environment, 1)).get("chatty")?.omittedLines ?? 0,
      (omitted) => omitted > LINES,
      100_000,
    );
    const { stdout } = await execa("docker", ["logs", "--tail", "1", chatty]);
    await manager.releaseEnvironment(environment.name);
    const said = await textsOf(environment, "chatty");
    expect(said.length).toBeGreaterThanOrEqual(Number(stdout));
    expect(said.findIndex((text, index) => text !== String(index + 1))).toBe(-1);
    expect(readFileSync(join(environment.logFolder ?? "", "environment.json"), "utf8")).toContain(
      "endedMs",
    );
    await scenario.expectNothingLeft();
  });
});

test.concurrent("a service that writes ten times what may be kept: its head, its tail, and how much is missing", async () => {
  const maxBytes = 100_000;
  const [lines, bytes] = [10_000, 100];
  await using scenario = new Scenario({
    "compose.yaml": `services: { chatty: ${perl(`printf qq(%0${bytes}d\\n), $$_ for 1..${lines}; sleep 600`)} }`,
  });
  const manager = scenario.manager({ logs: { maxBytes } });
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const folder = environment.logFolder ?? "";
  const read = async () => (await everything(environment, 4)).get("chatty");
  await eventually(read, (seen) => Number(seen?.lines.at(-1)?.text) === lines);
  await manager.releaseEnvironment(environment.name);
  const slice = await read();
  expect(slice?.lines.map(({ text }) => Number(text))).toEqual([1, 2, lines - 1, lines]);
  const written = lines * (bytes + "2026-01-01T00:00:00.000000000Z out 1 \n".length);
  const missing = slice?.missingBytes ?? 0;
  expect(missing).toBeGreaterThan(written - maxBytes);
  expect(missing).toBeLessThan(written);
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  const manifest = statSync(join(folder, "environment.json")).size;
  expect(sizes.reduce((sum, size) => sum + size, 0) - manifest).toBeLessThanOrEqual(maxBytes);
  const span = { fromMs: 0, toMs: Date.now(), maxLines: 4 };
  const failures = [{ title: "it", message: "", slice: await readSlice(folder, span) }];
  const report = readFileSync(await writeErrorReport(folder, { failures }), "utf8");
  expect(report).toContain(`${missing} bytes of it are missing`);
});

test.concurrent("logs: false keeps none", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { loud: ${perl("print qq(hello\\n); sleep 600")} }`,
  });
  const manager = scenario.manager({ logs: false });
  const environment = await manager.acquireEnvironment();
  expect(environment.logFolder).toBeUndefined();
  await manager.waitForServices();
  await manager.releaseEnvironment(environment.name);
  expect(readdirSync(scenario.folder)).toEqual(["compose.yaml"]);
});

test.concurrent("following logs keeps no process alive", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `services: { chatty: ${perl("while (1) { print qq(hello\\n); sleep 1 }")} }`,
  });
  const worker = join(import.meta.dirname, "idle-worker.ts");
  const { stdout } = await execa("node", [worker, scenario.name], {
    ...{ cwd: scenario.folder, timeout: 60_000 },
  });
  expect(stdout).toBe("ready");
  await eventually(
    () => scenario.remains(),
    ({ containers, networks }) => containers.length + networks.length === 0,
  );
});
