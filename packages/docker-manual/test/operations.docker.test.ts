/**
 * Every operation on an environment whose owner lives, on one whose owner was killed (both are test
 * runs in the soak), and on one that `start` began: what it prints for people, and its JSON. One long file, because these three
 * are dear.
 */
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { followLines } from "../../vitest/test/lines.ts";
import { shapeOf } from "./shape.ts";
import {
  IS_SOAK,
  KINDS,
  type Kind,
  onEach,
  SCRATCH_BYTES,
  ThreeEnvironments,
} from "./three-environments.ts";
import { eventually } from "./workshop.ts";

let three: ThreeEnvironments;
beforeAll(async () => {
  three = await ThreeEnvironments.open();
});
afterAll(async () => {
  await three[Symbol.asyncDispose]();
});

const printed = (args: readonly string[]) => three.printed(args);
const json = (args: readonly string[]) => three.json(args);
const on = (kind: Kind, args: readonly string[]) => three.on(kind, args);

test("start tells what a test would get", () => {
  const document = JSON.parse(three.workshop.normalize(three.document));
  expect(document.services.cache.url).toBe("redis://:top-secret-word@127.0.0.1:30000");
  expect(document.env.CACHE_URL).toBe(document.services.cache.url);
  expect(shapeOf(document)).toMatchSnapshot();
});

describe("looking changes nothing", () => {
  test.concurrent.for<[string[], RegExp, Kind]>([
    [["health"], /^shop-3f9a1c {2}HEALTHY\n {2}api +HEALTHY/, "living"],
    [["ports"], /^api {4}8000\/tcp {2}127.0.0.1:30000\ncache {2}6379\/tcp/, "killed"],
    [["env"], /^CACHE_URL=redis:\/\/:top-secret-word@127.0.0.1:30000$/m, "living"],
    [["env", "--format", "shell"], /^export API_URL=http:/m, "started"],
    [
      ["logs"],
      /^cache \| .*Ready to accept connections.*\n(?:.*\n)*api {3}\| peer listens on 8000/m,
      "killed",
    ],
    [
      ["inspect", "cache"],
      /waited for by: api\n.*memory limit +64.0 MiB.*: exit code 0/s,
      "started",
    ],
    [["top", "cache"], /redis-server/, "killed"],
    [["stats"], /^SERVICE +CPU +MEMORY.*\napi .*\ncache /s, "living"],
    [["check-network", "api", "cache"], /api can use cache\.$/, "started"],
  ])("%j", async ([args, says, typical], { expect }) => {
    const shape = await onEach(typical, async (kind) => {
      expect(await printed(on(kind, args))).toMatch(says);
      const { stdout } = await three.run([...on(kind, args), "--json"]);
      // Logs are a document a line.
      const document = args[0] === "logs" ? (stdout.split("\n")[0] ?? "") : stdout;
      return shapeOf(JSON.parse(document.replaceAll(three.names[kind], "shop-3f9a1c")));
    });
    expect(shape).toMatchSnapshot();
  });

  test.concurrent("status, list and df tell of all three", async ({ expect }) => {
    const owners = {
      living: /^process 4711 on <host>$/,
      killed: /^orphan of process 4711 on <host>$/,
      started: /^lease until <time>$/,
    };
    const list = (await three.run(["list"])).stdout.split("\n");
    const quiet = (await three.run(["list", "--quiet"])).stdout.split("\n");
    expect(quiet.toSorted()).toEqual(Object.values(three.names).toSorted());
    const { environments } = await json(["df"]);
    for (const kind of KINDS) {
      const name = three.names[kind];
      const line = list.find((one) => one.startsWith(name)) ?? "";
      const [, , age, health, owner] = three.workshop.normalize(line).split(/ {2,}/);
      expect([age, health]).toEqual([expect.stringMatching(/^\d+(ms|[smhd]) old$/), "2/2 healthy"]);
      expect(owner).toMatch(owners[kind]);
      // The anonymous volume is counted as well.
      expect(environments).toContainEqual({
        name,
        containerBytes: expect.any(Number),
        volumeBytes: SCRATCH_BYTES,
      });
    }
    expect(await printed(["df"])).toMatch(/^environment +shop-3f9a1c +\d+ B +293 KiB$/m);
    const shape = await onEach("living", async (kind) =>
      shapeOf(await json(["status", three.names[kind]])),
    );
    expect(shape).toMatchSnapshot();
    expect(shapeOf(await json(["list"]))).toEqual(shape);
  });

  test.concurrent("status says whose each is", async ({ expect }) => {
    const { exitCode, stdout } = await three.run(["status"]);
    expect(exitCode).toBe(0);
    const parts = stdout.split("\n\n");
    const part = (kind: Kind) =>
      three.workshop.normalize(parts.find((one) => one.startsWith(three.names[kind])) ?? "");
    expect(part("living")).toMatchInlineSnapshot(`
      "shop-3f9a1c  dedicated, 4s old
        owner: process 4711 on <host>, alive
        api    running  HEALTHY  up 4s  127.0.0.1:30000->8000
        cache  running  HEALTHY  up 4s  127.0.0.1:30000->6379"
    `);
    expect(part("killed")).toMatchInlineSnapshot(`
      "shop-3f9a1c  dedicated, 4s old
        owner: process 4711 on <host>, dead; an orphan, \`docker-manual clean\` removes it
        api    running  HEALTHY  up 4s  127.0.0.1:30000->8000
        cache  running  HEALTHY  up 4s  127.0.0.1:30000->6379"
    `);
    expect(part("started")).toMatchInlineSnapshot(`
      "shop-3f9a1c  shared, 4s old
        owner: lease until <time>, alive
        api    running  HEALTHY  up 4s  127.0.0.1:30000->8000
        cache  running  HEALTHY  up 4s  127.0.0.1:30000->6379"
    `);
  });

  test.concurrent("health tells of all three, and of all together", async ({ expect }) => {
    const { exitCode, stdout } = await three.run(["health"]);
    for (const name of Object.values(three.names)) expect(stdout).toContain(`${name}  HEALTHY\n`);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/\n\nsystem {2}HEALTHY$/)]);
  });

  test.concurrent("logs: of one service, from the end, by words, by level, with times", async () => {
    const logs = (...args: string[]) => printed(on("started", ["logs", ...args]));
    expect((await logs("cache", "--tail", "1")).split("\n")).toHaveLength(1);
    expect(await logs("--grep", "peer lis.*8000")).toBe("api   | peer listens on 8000");
    expect(await logs("--level", "error")).toBe("");
    expect(await logs("api", "--timestamps")).toMatch(/^api {3}\| <time> peer/);
    expect(await logs("api", "--since", "0s")).toBe("");
  });

  test.concurrent("doctor knows the stack and the orphan", async ({ expect }) => {
    const { exitCode, stdout } = await three.run(["doctor"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("api: has no health check: it counts as ready when its port");
    expect(stdout).toContain(three.names.killed);
    expect(shapeOf(await json(["doctor"]))).toMatchSnapshot();
  });

  test.concurrent("graph, with the times of the last start", async ({ expect }) => {
    expect(await printed(["graph"])).toMatch(/^\* api +\d+\.\d s {2}after cache \(healthy\)$/m);
    expect(await printed(["graph", "--format", "mermaid"])).toContain("-->");
    const graph = await json(["graph"]);
    // Only a start that took its time has one.
    graph.lastStart.advice = "";
    expect(shapeOf(graph)).toMatchSnapshot();
  });
});

test.concurrent.for([["status", "--watch"], ...(IS_SOAK ? [["stats", "--watch"]] : [])])(
  "%j as JSON is a document a line",
  async ([command = "", ...args], { expect }) => {
    const name = three.names.started;
    const watching = three.spawn([
      command,
      ...(command === "status" ? [name] : ["-e", name]),
      ...args,
      "--json",
    ]);
    const next = followLines(watching.stdout);
    for (const _time of ["once", "and again"]) {
      expect((await next(/^\{.*\}$/)).input).toContain(name);
    }
    watching.kill("SIGINT");
    expect((await watching).exitCode).toBe(130);
  },
);

test.concurrent.for<[string[], RegExp]>([
  [
    ["check-network", "api", "cache", "--port", "81"],
    /FAILED {2}open +81 (refused|does not open)\nIt breaks at: open\.$/,
  ],
  [["connect", "api"], /NO_CLIENT\n.*of no kind whose client is known.*shell api.*exec api --/s],
  [["restart", "--services", "cahce"], /Did you mean “cache”\?/],
])("%j fails, and says why", async ([args, says]) => {
  const { exitCode, stdout, stderr } = await three.run(on("started", args));
  expect([exitCode, stdout + stderr]).toEqual([1, expect.stringMatching(says)]);
});

describe("going in", () => {
  test.concurrent("exec, shell and connect, whoever the owner is", async () => {
    await onEach("killed", async (kind) => {
      const words = ["sh", "-c", "echo $0 && exit 3", "a b"];
      const { stdout, exitCode } = await three.run(on(kind, ["exec", "api", "--", ...words]));
      expect([stdout, exitCode]).toEqual(["a b", 3]);
      expect(await printed(on(kind, ["connect", "cache", "ping"]))).toBe("PONG");
      const shell = three.spawn(on(kind, ["shell", "cache"]));
      shell.stdin.end("hostname\n");
      expect((await shell).stdout).toMatch(/^[0-9a-f]{12}$/);
    });
  });

  test.concurrent("what was said inside, as a document", async ({ expect }) => {
    const words = ["sh", "-c", "echo out; echo err >&2; exit 3"];
    const exec = await three.run(on("started", ["exec", "--json", "api", "--", ...words]));
    expect(exec.exitCode).toBe(3);
    expect(JSON.parse(exec.stdout)).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
    const client = await three.run(on("started", ["connect", "--json", "cache", "--", "ping"]));
    expect(JSON.parse(client.stdout)).toEqual({ exitCode: 0, stdout: "PONG\n", stderr: "" });
    const shell = three.spawn(on("started", ["shell", "--json", "cache"]));
    shell.stdin.end("echo $0; exit 4\n");
    expect(JSON.parse((await shell).stdout)).toMatchObject({ exitCode: 4, stderr: "" });
  });

  test.concurrent("logs that are followed, until the reader has seen enough", async () => {
    const command = three.spawn(on("started", ["logs", "--follow", "--tail", "1", "api"]));
    const next = followLines(command.stdout);
    await next(/peer listens/);
    for (const word of ["one", "two"]) {
      await printed(on("started", ["exec", "api", "sh", "-c", `echo ${word} >/proc/1/fd/1`]));
      await next(new RegExp(`^api +\\| ${word}$`));
    }
    command.stdout.destroy();
    await printed(on("started", ["exec", "api", "sh", "-c", "echo three >/proc/1/fd/1"]));
    const { exitCode, stderr } = await command;
    expect([exitCode, stderr]).toEqual([0, ""]);
  });
});

describe("again", () => {
  const cacheOf = async (kind: Kind) => {
    const { containers, ports } = await json(on(kind, ["inspect", "cache"]));
    const [{ id, startedAt }] = containers;
    return { id, startedAt, ports };
  };

  test("restart: the same container on the same port, ready", async () => {
    const shape = await onEach("killed", async (kind) => {
      const before = await cacheOf(kind);
      const report = await json(on(kind, ["restart", "--services", "cache"]));
      const after = await cacheOf(kind);
      expect(after).toEqual({ ...before, startedAt: after.startedAt });
      expect(after.startedAt).not.toBe(before.startedAt);
      return shapeOf(report);
    });
    expect(shape).toMatchSnapshot();
  });

  test("recreate: other containers on the same ports, with the files of configs and secrets", async () => {
    const shape = await onEach("living", async (kind) => {
      const before = await cacheOf(kind);
      const { stdout, stderr } = await three.run(on(kind, ["recreate", "--json"]));
      // One below the other.
      const columns = stderr.match(/^real-services.*ready/gm)?.map((line) => line.length);
      expect(new Set(columns).size).toBe(1);
      const report = JSON.parse(stdout);
      const after = await cacheOf(kind);
      expect(after.id).not.toBe(before.id);
      expect(after.ports).toEqual(before.ports);
      expect(await printed(on(kind, ["check-network", "api", "cache"]))).toMatch(/can use/);
      const look = "cat /etc/rules /run/secrets/token; stat -c %a /etc/rules";
      const files = await printed(on(kind, ["exec", "api", "sh", "-c", look]));
      expect(files).toBe("be kindfrom-a-variable400");
      return shapeOf(report);
    });
    expect(shape).toMatchSnapshot();
  });

  test("recovery stops at what helps", async () => {
    await onEach("started", async (kind) => {
      const report = await json(on(kind, ["restart", "--recover", "--services", "cache"]));
      expect(report).toEqual({
        environment: three.names[kind],
        services: [{ service: "cache", helped: "restart service", failed: [] }],
      });
    });
  });
});

test("a server that ended is no work that is done, though its exit code is 0", async () => {
  await three.run(on("started", ["exec", "cache", "sh", "-c", "kill 1"]));
  const { exitCode, stdout } = await eventually(
    () => three.run(["health"]),
    // Restarted a moment ago, it may be seen starting before it is seen to have ended.
    (health) => health.stdout.includes("STOPPED"),
  );
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    new RegExp(
      `^${three.names.started} {2}STOPPED\n.*\n {2}cache {2}STOPPED {2}exited \\(0\\)$`,
      "m",
    ),
  );
  expect(stdout).toMatch(/\n\nsystem {2}STOPPED$/);
  expect(await printed(on("living", ["health"]))).toMatch(/^shop-3f9a1c {2}HEALTHY$/m);
});

describe("an end", () => {
  const left = () => three.workshop.environments();
  const refused = async (args: string[], ...says: string[]) => {
    const before = await left();
    const { exitCode, stdout, stderr } = await three.run(args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    for (const words of says) expect(stderr).toContain(words);
    expect(await left()).toEqual(before);
  };
  const lineIn = (text: string, kind: Kind) => {
    const line = text.split("\n").find((one) => one.includes(three.names[kind]));
    return three.workshop.normalize(line ?? "").replaceAll(/ {2,}/g, "  ");
  };
  const lineOf = async (args: string[], kind: Kind) => lineIn((await three.run(args)).stdout, kind);

  test("one of several has to be named", async () => {
    const { names, workshop } = three;
    const says = ["REAL_SERVICES_AMBIGUOUS_ENVIRONMENT", ...Object.values(names), "`-e "];
    await refused(["stop"], ...says);
    await refused(["ports"], ...says);
    const unknown = "REAL_SERVICES_UNKNOWN_ENVIRONMENT";
    await refused(["status", "typo"], unknown, "“typo”", ...Object.values(names));
    await refused(["stop", workshop.name], ...says);
    await refused(["stop", "-e", workshop.name], ...says);
    await refused(["stop", ""], "REAL_SERVICES_UNKNOWN_ENVIRONMENT", names.living);
  });

  test("clean explains what it would do", async () => {
    const plan = ["clean", "--dry-run"];
    const { stdout } = await three.run(plan);
    expect(lineIn(stdout, "living")).toMatchInlineSnapshot(
      `"kept  shop-3f9a1c  2 containers, 1 network, 0 volumes  owner process 4711 is alive"`,
    );
    expect(lineIn(stdout, "killed")).toMatchInlineSnapshot(
      `"would remove  shop-3f9a1c  2 containers, 1 network, 0 volumes  owner process 4711 is dead"`,
    );
    expect(lineIn(stdout, "started")).toMatchInlineSnapshot(
      `"kept  shop-3f9a1c  2 containers, 1 network, 0 volumes  its lease runs until <time>"`,
    );
    expect(await lineOf(["clean", "--older-than", "1h"], "killed")).toMatchInlineSnapshot(
      `"kept  shop-3f9a1c  2 containers, 1 network, 0 volumes  owner process 4711 is dead, but it is younger than asked for"`,
    );
    expect(await lineOf(["clean", "--all", "--dry-run"], "living")).toMatchInlineSnapshot(
      `"would remove  shop-3f9a1c  2 containers, 1 network, 0 volumes  asked for; its owner was process 4711 on <host>"`,
    );
    const all = ["clean", "--all", "--force", "--older-than", "1h"];
    for (const args of [all, on("living", ["clean", "--force", "--older-than", "1h"])]) {
      expect(await lineOf(args, "living")).toMatch(/^kept {2}.* {2}it is younger than asked for$/);
    }
    expect(shapeOf(await json(plan))).toMatchSnapshot();
    expect(await left()).toHaveLength(3);
  });

  test("what belongs to the living is spared, and its owner named", async () => {
    const owner = `process ${three.ownerPid}`;
    await refused(["stop", three.names.living], "REAL_SERVICES_OWNER_ALIVE", owner, "force");
    await refused(["clean", "-e", three.names.living], owner, "--force");
    await refused(["clean", "-e", three.names.started], "has a lease until", "--force");
    await refused(["clean", "--all"], ...Object.values(three.names), owner, "--force");
  });

  test("clean takes the orphan alone", async () => {
    expect(await lineOf(["clean"], "killed")).toMatchInlineSnapshot(
      `"removed  shop-3f9a1c  2 containers, 1 network, 0 volumes  owner process 4711 is dead"`,
    );
    expect(await left()).toEqual([three.names.living, three.names.started].sort());
  });

  test("by force, one and all", async () => {
    const { living, started } = three.names;
    const beginning = living.slice(0, -1);
    expect(await json(["stop", "-e", beginning, "--force"])).toEqual({ stopped: living });
    expect(await left()).toEqual([started]);
    // The only one there is needs no name.
    expect(await printed(["ports"])).toMatch(/^api/);
    const done = await json(["clean", "--all", "--force"]);
    expect(done.decisions).toMatchObject([{ environment: started, action: "removed" }]);
    expect(done.decisions[0].reason).toMatch(/^asked for; it had a lease until/);
    expect(await left()).toEqual([]);
  });

  test("what was captured of the gone is read, and goes unless its owner may still write", async () => {
    const { killed, started } = three.names;
    for (const name of [killed, started.slice(0, -1)]) {
      const said = await printed(["logs", "-e", name, "cache", "--grep", "ready to accept"]);
      expect(said).toMatch(/^cache \| .*Ready to accept connections/);
    }
    await refused(on("killed", ["logs", "ap"]), "REAL_SERVICES_UNKNOWN_SERVICE", "“api”");
    const { logs }: { logs: string[] } = await json(["clean", "--logs"]);
    expect(logs.map((path) => basename(path)).sort()).toEqual([killed, started].sort());
    await refused(on("killed", ["logs"]), "REAL_SERVICES_UNKNOWN_ENVIRONMENT");
    expect(await printed(on("living", ["logs", "cache"]))).toContain("Ready to accept");
  });

  test("where there is none", async () => {
    expect(await printed(["clean"])).toBe("There is nothing of ours on the engine.");
    expect(await printed(["list"])).toBe("There is no environment.");
    expect(await printed(["list", "--quiet"])).toBe("");
    await refused(["health"], "REAL_SERVICES_UNKNOWN_ENVIRONMENT", "docker-manual start");
    expect(await json(["stop"])).toMatchInlineSnapshot(`
      {
        "error": {
          "code": "REAL_SERVICES_UNKNOWN_ENVIRONMENT",
          "hint": "\`npx docker-manual start\` begins one.",
          "message": "There is no environment.",
        },
      }
    `);
  });
});
