/** Every operation on an environment that `start` began: what it prints for people, and its JSON. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { followLines } from "../../vitest/test/lines.ts";
import { shapeOf } from "./shape.ts";
import { IMAGE, Workshop } from "./workshop.ts";

/** Each is a process; the shapes change only when somebody means to change them. */
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

const REDIS_IMAGE = process.env["REDIS_IMAGE"] ?? "real-services/redis:7";
const STACK = {
  "compose.yaml": `services:
  api: { image: "${IMAGE}", ports: [8000], depends_on: { cache: { condition: service_healthy } } }
  ticker:
    image: "${IMAGE}"
    command: [sh, -c, "n=0; while :; do n=$$((n + 1)); echo tick $$n; sleep 0.5; done"]
    healthcheck: { test: [CMD, "true"], interval: 1s }
  cache:
    image: "${REDIS_IMAGE}"
    command: [redis-server, --requirepass, top-secret-word]
    ports: [6379]
    mem_limit: 64m
    healthcheck: { test: [CMD, redis-cli, ping], interval: 1s }
`,
};

let workshop: Workshop;
let name: string;
beforeAll(async () => {
  workshop = await Workshop.open(STACK);
  name = await workshop.start();
});
afterAll(async () => {
  await workshop[Symbol.asyncDispose]();
});

/** Its output, normalized; it has to succeed. */
async function printed(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await workshop.run(args);
  expect(exitCode, stderr).toBe(0);
  return workshop.normalize(stdout);
}

async function json(...args: string[]) {
  const { stdout } = await workshop.run([...args, "--json"]);
  return JSON.parse(workshop.normalize(stdout));
}

describe("looking", () => {
  test("list, status, health, ports, env", async () => {
    expect(await printed("list")).toMatch(
      /^shop-3f9a1c {2}shared {2}\d+m?s old {2}3\/3 healthy {2}lease until <time>$/,
    );
    expect(await printed("status", name.slice(0, -3))).toMatch(/cache +running +HEALTHY +up 4s/);
    expect(await printed("health")).toMatch(/^shop-3f9a1c {2}HEALTHY\n {2}api +HEALTHY/);
    expect(await printed("ports")).toMatch(
      /^api {4}8000\/tcp {2}127.0.0.1:30000\ncache {2}6379\/tcp/,
    );
    expect(await printed("env")).toContain("CACHE_URL=redis://:top-secret-word@127.0.0.1:30000");
    expect(await printed("env", "--format", "shell")).toContain("export API_URL=http://");
  });

  test("logs: of one service, from the end, by words, by level", async () => {
    const all = await printed("logs", "api", "cache");
    expect(all).toContain("api    | peer listens on 8000");
    expect(all).toMatch(/^cache {2}\| .*Ready to accept connections/m);
    expect((await printed("logs", "cache", "--tail", "1")).split("\n")).toHaveLength(1);
    expect(await printed("logs", "--grep", "peer lis.*8000")).toBe("api    | peer listens on 8000");
    expect(await printed("logs", "--level", "error")).toBe("");
    expect(await printed("logs", "api", "--timestamps")).toMatch(/^api {4}\| <time> peer/);
    const { stdout } = await workshop.run(["logs", "api", "--json"]);
    expect(shapeOf(JSON.parse(stdout))).toMatchInlineSnapshot(`
      {
        "replica": "number",
        "service": "string",
        "stream": "string",
        "text": "string",
        "timeMs": "number",
        "timestamp": "string",
      }
    `);
  });

  test("logs that are followed go on until Ctrl-C", async () => {
    const command = workshop.spawn(["logs", "--follow", "--tail", "1", "ticker"]);
    const next = followLines(command.stdout);
    const first = Number((await next(/ticker \| tick (\d+)/))[1]);
    await next(new RegExp(`ticker \\| tick ${first + 2}$`));
    command.kill("SIGINT");
    expect((await command).exitCode).toBe(130);
  });

  test("inspect, top, stats, df: for people", async () => {
    const inspected = await printed("inspect", "cache");
    expect(inspected).toContain("waited for by: api");
    expect(inspected).toContain("memory limit   64.0 MiB");
    expect(inspected).toMatch(/health check +\d+m?s ago: exit code 0/);
    expect(await printed("inspect", "api")).toContain("waits for: cache (healthy)");
    expect(await printed("top", "cache")).toContain("redis-server");
    expect(await printed("stats")).toMatch(/^SERVICE +CPU +MEMORY/);
    expect(await printed("df")).toMatch(/^environment +shop-3f9a1c/m);
  });

  test("check-network: open, and where it breaks", async () => {
    expect(await printed("check-network", "api", "cache")).toMatch(/api can use cache\.$/);
    const broken = await workshop.run(["check-network", "api", "cache", "--port", "81"]);
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout).toMatch(/FAILED {2}open +81 .*\nIt breaks at: open\.$/);
  });

  test("doctor and graph", async () => {
    const { exitCode, stdout } = await workshop.run(["doctor"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("api: has no health check: it counts as ready when its port");
    expect(await printed("graph")).toMatch(/^\* api +\d+\.\d s {2}after cache \(healthy\)$/m);
  });

  test.runIf(IS_SOAK).each<[string, string[]]>([
    ["list", ["list"]],
    ["health", ["health"]],
    ["ports", ["ports"]],
    ["env", ["env"]],
    ["inspect", ["inspect", "cache"]],
    ["top", ["top", "api"]],
    ["stats", ["stats"]],
    ["df", ["df"]],
    ["check-network", ["check-network", "api", "cache"]],
    ["doctor", ["doctor"]],
  ])("%s as JSON", async (_case, args) => {
    expect(shapeOf(await json(...args))).toMatchSnapshot();
  });

  test("graph as JSON", async () => {
    const graph = await json("graph");
    // Only a start that took its time has one.
    graph.lastStart.advice = "";
    expect(shapeOf(graph)).toMatchSnapshot();
  });
});

describe("ended early", () => {
  test("by a reader that has seen enough", async () => {
    const command = workshop.spawn(["logs", "--follow", "ticker"]);
    await followLines(command.stdout)(/tick/);
    command.stdout.destroy();
    const { exitCode, stderr } = await command;
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  test.each([
    ["stats", "--watch"],
    ["status", "--watch"],
  ])("%s %s by Ctrl-C", async (...args) => {
    const command = workshop.spawn(args);
    await followLines(command.stdout)(/cache/);
    command.kill("SIGINT");
    expect((await command).exitCode).toBe(130);
  });
});

describe("going in", () => {
  test("a command's output and exit code are its own", async () => {
    const { stdout, exitCode } = await workshop.run([
      "exec",
      "-e",
      name,
      "api",
      "sh",
      "-c",
      "echo $0 && exit 3",
      "a b",
    ]);
    expect([stdout, exitCode]).toEqual(["a b", 3]);
  });

  test("a shell, and the service's own client with its password", async () => {
    const shell = workshop.spawn(["shell", "-e", name, "cache"]);
    shell.stdin.end("hostname\n");
    expect((await shell).stdout).toMatch(/^[0-9a-f]{12}$/);
    expect(await printed("connect", "-e", name, "cache", "ping")).toBe("PONG");
    const unknown = await workshop.run(["connect", "-e", name, "api"]);
    expect(unknown.stderr).toContain("of no kind whose client is known");
  });
});

describe("again", () => {
  const container = async (): Promise<string> => {
    const { stdout } = await workshop.run(["inspect", "cache", "--json"]);
    const { containers } = JSON.parse(stdout);
    return `${containers[0].id} ${containers[0].startedAt}`;
  };
  const port = async (): Promise<string> => {
    const { stdout } = await workshop.run(["ports", "--json"]);
    return printedPort(JSON.parse(stdout));
  };
  const printedPort = ({ services }: { services: { name: string; ports: unknown }[] }) =>
    JSON.stringify(services.find((service) => service.name === "cache"));

  test("restart: the same container on the same port, ready", async () => {
    const before = [await container(), await port()];
    expect(shapeOf(await json("restart", "--services", "cache"))).toMatchSnapshot();
    const after = [await container(), await port()];
    expect(after[0]).not.toBe(before[0]);
    expect(after[0]?.slice(0, 64)).toBe(before[0]?.slice(0, 64));
    expect(after[1]).toBe(before[1]);
  });

  test("recreate: another container on the same port, found by the others", async () => {
    const before = [await container(), await port()];
    await printed("recreate", "--services", "cache");
    const after = [await container(), await port()];
    expect(after[0]?.slice(0, 64)).not.toBe(before[0]?.slice(0, 64));
    expect(after[1]).toBe(before[1]);
    expect(await printed("check-network", "api", "cache")).toMatch(/can use cache\.$/);
  });

  test("recovery stops at what helps", async () => {
    const report = await json("restart", "--recover", "--services", "cache");
    expect(report).toEqual({
      environment: "shop-3f9a1c",
      services: [{ service: "cache", helped: "restart service", failed: [] }],
    });
  });

  test("a service that does not exist, with the nearest name", async () => {
    const { exitCode, stderr } = await workshop.run(["restart", "--services", "cahce"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Did you mean “cache”?");
  });
});
