/** Every line that a service writes is in its file once and in order, whatever happens to the container. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import type { Environment } from "../src/environment.ts";
import { readSlice } from "../src/logs/read-slice.ts";
import { eventually, IMAGE, Scenario } from "./scenario.ts";

const LINES = process.env["REAL_SERVICES_SOAK"] ? 1_000_000 : 20_000;

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

test.concurrent("with and without a terminal, from the first line, stdout and stderr told apart", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  plain: ${perl("print qq(one\\n); print STDERR qq(two\\n); sleep 600")}
  terminal: ${perl("print qq(one\\n), q(x) x 40_000, qq(\\ntwo\\n); sleep 600", "tty: true")}
  mute: ${perl("print qq(not muted\\n); sleep 600", "logging: { driver: none }")}
  silent: ${perl("sleep 600")}
  pair: ${perl("print qq(we are two\\n); sleep 600", "scale: 2")}
`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const seen = await eventually(
    () => everything(environment),
    (all) => [...all.values()].reduce((sum, { lines }) => sum + lines.length, 0) === 8,
  );
  const lines = (service: string) =>
    seen.get(service)?.lines.map(({ stream, replica, text }) => `${stream} ${replica} ${text}`);
  expect(lines("plain")?.toSorted()).toEqual(["stderr 1 two", "stdout 1 one"]);
  expect(lines("terminal")).toEqual([
    "stdout 1 one",
    `stdout 1 ${"x".repeat(40_000)}`,
    "stdout 1 two",
  ]);
  expect(lines("mute")).toEqual(["stdout 1 not muted"]);
  expect(lines("pair")?.toSorted()).toEqual(["stdout 1 we are two", "stdout 2 we are two"]);
  expect(lines("silent")).toEqual([]);
  const folder = environment.logFolder ?? "";
  const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
  expect(files.some((name) => name.startsWith("silent"))).toBe(false);
  for (const name of files) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(scenario.read(".real-services/.gitignore")).toBe("*\n");
  await manager.releaseEnvironment(environment.name);
  await scenario.expectNothingLeft();
});

test.concurrent("what cannot be a line as it is", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  binary: ${perl("print qq(\\\\x00\\\\x01\\\\xff\\\\xfe end\\n); sleep 600")}
  long: ${perl("print q(z) x 10_000_000, qq(\\nafter\\n); sleep 600")}
  bar: ${perl("print qq($$_ %\\\\r) for 1..100; print qq(\\nafter\\n); sleep 600")}
  colour: ${perl("print qq(\\\\e[31mred\\\\e[0m\\n); sleep 600")}
`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const seen = await eventually(
    () => everything(environment),
    (all) => [...all.values()].reduce((sum, { lines }) => sum + lines.length, 0) === 6,
    20_000,
  );
  const lines = (service: string) => seen.get(service)?.lines.map(({ text }) => text);
  expect(lines("binary")).toEqual(["\\x00\\x01\ufffd\ufffd end"]);
  expect(lines("bar")).toEqual(["100 %", "after"]);
  expect(lines("colour")).toEqual(["\u001b[31mred\u001b[0m"]);
  expect(lines("long")).toEqual([
    `${"z".repeat(65_536)} … [9934464 more bytes of this line were left out]`,
    "after",
  ]);
  await manager.releaseEnvironment(environment.name);
});

test.concurrent("over restarts, crashes and kills, each in the timeline", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  crashing:
    image: ${IMAGE}
    restart: on-failure
    command: [sh, -c, "touch /tmp/n; echo run $$(wc -c < /tmp/n); printf x >> /tmp/n; [ $$(wc -c < /tmp/n) -gt 2 ] || exit 3; exec sleep 600"]
  terminal: ${perl("print q(no end)", "tty: true, restart: 'no'")}
  counting: ${perl("print qq($$_\\n) for 1..2000; $$SIG{TERM} = sub { print qq(bye\\n); exit 0 }; sleep 600")}
`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  const counting = environment.services["counting"]?.containers[0] ?? "";
  const terminal = environment.services["terminal"]?.containers[0] ?? "";
  await eventually(
    () => textsOf(environment, "counting"),
    (texts) => texts.length === 2_000,
  );
  await manager.restartService("counting");
  await eventually(
    () => textsOf(environment, "counting"),
    (texts) => texts.length === 4_001,
  );
  await execa("docker", ["kill", counting]);
  await execa("docker", ["start", counting]);
  await execa("docker", ["start", terminal]);
  await eventually(
    () => textsOf(environment, "counting"),
    (texts) => texts.length === 6_001,
  );
  const terminalTexts = await eventually(
    () => textsOf(environment, "terminal"),
    (texts) => texts.length === 2,
  );
  expect(terminalTexts).toEqual(["no end", "no end"]);
  const numbers = Array.from({ length: 2_000 }, (_, index) => String(index + 1));
  expect(await textsOf(environment, "counting")).toEqual([
    ...numbers,
    "bye",
    ...numbers,
    ...numbers,
  ]);
  const crashing = await eventually(
    async () => (await everything(environment)).get("crashing"),
    (slice) => slice?.lines.length === 3,
  );
  expect(crashing?.lines.map(({ text }) => text)).toEqual(["run 0", "run 1", "run 2"]);
  expect(crashing?.events.map(({ text }) => text)).toEqual([
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
  ]);
  await manager.releaseEnvironment(environment.name);
});

test.concurrent("out of memory, said where it happened", async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  hog: ${perl("print qq(filling\\n); my $$n = 200_000_000; my $$x = q(x) x $$n; sleep 600", "mem_limit: 32m, memswap_limit: 32m")}
`,
  });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices().catch(() => {});
  const slice = await eventually(
    async () => (await everything(environment)).get("hog"),
    (hog) => hog?.events.some(({ type }) => type === "exited") === true && hog.lines.length === 1,
  );
  // A busy engine tells it late, or misses it.
  const said = slice?.events.map(({ text }) => text).join("; ");
  expect(said).toMatch(
    /^was started; .*(was OOM-killed here|nobody sent it SIGKILL, memory may have run out), limit 32 MiB/,
  );
  expect(said).toContain("exited with code 137");
  await manager.releaseEnvironment(environment.name);
});

test.concurrent(`${LINES} lines are the same lines in the file, and those before the release are there`, async () => {
  await using scenario = new Scenario({
    "compose.yaml": `
services:
  many: ${perl(`print qq($$_\\n) for 1..${LINES}; print qq(last\\n); sleep 600`)}
  chatty: ${perl("for (my $$i = 1; ; $$i++) { print qq($$i\\n); select undef, undef, undef, 0.001 }")}
`,
  });
  const manager = scenario.manager({ logs: { maxBytes: 1e9 } });
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  await eventually(
    async () => (await everything(environment, 1)).get("many")?.omittedLines,
    (omitted) => omitted === LINES,
    60_000,
  );
  const chatty = environment.services["chatty"]?.containers[0] ?? "";
  const { stdout } = await execa("docker", ["logs", "--tail", "1", chatty]);
  await manager.releaseEnvironment(environment.name);
  const many = await textsOf(environment, "many");
  expect(many).toHaveLength(LINES + 1);
  expect(many.findIndex((text, index) => text !== String(index + 1))).toBe(LINES);
  const said = await textsOf(environment, "chatty");
  expect(said.length).toBeGreaterThanOrEqual(Number(stdout));
  expect(said.findIndex((text, index) => text !== String(index + 1))).toBe(-1);
  expect(readFileSync(join(environment.logFolder ?? "", "environment.json"), "utf8")).toContain(
    "endedMs",
  );
  await scenario.expectNothingLeft();
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
