/** No engine, an engine that has to be started, an engine without Compose. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ConnectReport } from "./connect-worker.ts";
import type { OwnerReport } from "./owner-worker.ts";
import { eventually, IMAGE, refusal, Scenario } from "./scenario.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const STACK = { "compose.yaml": `services: { web: { image: ${IMAGE} } }` };
const worker = (name: string) => resolve(import.meta.dirname, `${name}-worker.ts`);
/** A mount namespace of one's own needs root; everything else here does not. */
const canUnshare = process.platform === "linux" && process.getuid?.() === 0;
const DOCKERD = ["/usr/sbin/dockerd", "/usr/bin/dockerd"].find((path) => existsSync(path));

describe("no engine answers", () => {
  test.each([
    ["a socket that is not there", "unix:///nowhere/docker.sock", /ENOENT/],
    ["a port nobody listens on", "tcp://127.0.0.1:1", /ECONNREFUSED/],
    ["an address that is none", "docker.sock", /not an address/],
  ])("DOCKER_HOST names %s", async (_case, host, message) => {
    await using scenario = new Scenario(STACK);
    vi.stubEnv("DOCKER_HOST", host);
    const error = await refusal(scenario.manager().acquireEnvironment());
    expect(error.code).toBe("REAL_SERVICES_NO_ENGINE");
    expect(error.received).toBe(host);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/DOCKER_HOST|unix:\/\/\/path/);
    // Somebody chose that address: an engine is never started in its place.
    expect(scenario.events).toEqual([]);
  });

  test("a socket that a crashed engine left", async () => {
    await using scenario = new Scenario(STACK);
    const socket = join(scenario.folder, "docker.sock");
    await execa("perl", [
      ...["-MIO::Socket::UNIX", "-e", "IO::Socket::UNIX->new(Local => shift, Listen => 1)", socket],
    ]);
    vi.stubEnv("DOCKER_HOST", `unix://${socket}`);
    const error = await refusal(scenario.manager().acquireEnvironment());
    expect(error.code).toBe("REAL_SERVICES_NO_ENGINE");
    expect(error.message).toMatch(/ECONNREFUSED/);
  });

  test.each(["SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ""])(
    "something else answers there: %j",
    async (answer) => {
      await using scenario = new Scenario(STACK);
      const server = createServer((socket) => {
        socket.on("error", () => {});
        socket.end(answer);
      });
      await new Promise<void>((listening) => server.listen(join(scenario.folder, "s"), listening));
      vi.stubEnv("DOCKER_HOST", `unix://${join(scenario.folder, "s")}`);
      try {
        const error = await refusal(scenario.manager().acquireEnvironment());
        expect(error.code).toBe("REAL_SERVICES_NO_ENGINE");
      } finally {
        server.close();
      }
    },
  );

  test("the next call of the same manager tries again", async () => {
    await using scenario = new Scenario(STACK);
    const manager = scenario.manager();
    vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock");
    await refusal(manager.listEnvironments());
    vi.unstubAllEnvs();
    await manager.listEnvironments();
    expect(scenario.story("engine:found")).toHaveLength(1);
  });
});

test("there is no docker command", async () => {
  await using scenario = new Scenario({ ...STACK, "bin/none": "" });
  const { stdout } = await execa(
    process.execPath,
    [worker("owner"), JSON.stringify({ cwd: scenario.folder, name: scenario.name })],
    { env: { PATH: join(scenario.folder, "bin") } },
  );
  const report: OwnerReport = JSON.parse(stdout);
  expect(report.code).toBe("REAL_SERVICES_NO_COMPOSE");
  expect(report.message).toContain("not on the PATH");
  await scenario.expectNothingLeft();
});

/**
 * Runs a worker where only a part of this machine can be seen: the script says what is hidden. The
 * network is its own too: an engine that starts with `--bridge=none` takes `docker0` away from
 * whoever else uses it.
 */
async function runHidden(scenario: Scenario, name: string, options: object, script: string) {
  const home = join(scenario.folder, "home");
  mkdirSync(home, { recursive: true });
  const { stdout } = await execa(
    "unshare",
    ["-mn", "sh", "-ec", `${script}\nexec "$@"`, "sh", process.execPath, worker(name)].concat(
      JSON.stringify({ cwd: scenario.folder, name: scenario.name, ...options }),
    ),
    {
      // Neither a context nor plugins of the user's own; an engine's log goes with the folder.
      env: {
        TMPDIR: scenario.folder,
        HOME: home,
        DOCKER_CONFIG: home,
        DOCKER_HOST: undefined,
        DOCKER_CONTEXT: undefined,
      },
    },
  );
  return JSON.parse(stdout);
}

test.skipIf(!canUnshare)("the docker command has no Compose v2", async () => {
  await using scenario = new Scenario(STACK);
  const folders = ["lib", "libexec", "local/lib", "local/libexec"]
    .map((folder) => `/usr/${folder}/docker/cli-plugins`)
    .filter((folder) => existsSync(folder));
  const hide = folders.map((folder) => `mount -t tmpfs none ${folder}`).join("\n");
  const report: OwnerReport = await runHidden(scenario, "owner", {}, hide);
  expect(report.code).toBe("REAL_SERVICES_NO_COMPOSE");
  expect(report.message).toContain("no Compose v2");
  await scenario.expectNothingLeft();
});

describe.skipIf(!canUnshare || DOCKERD === undefined)(
  "a stopped engine",
  { concurrent: true },
  () => {
    /** This machine's engine is out of sight; `dockerd` starts another one that shares nothing with it. */
    const HIDE = `
mount -t tmpfs none /run
[ "$(readlink -f /var/run)" = /run ] || mount -t tmpfs none /var/run
export PATH="$PWD/bin:$PATH"`;

    function scenarioWithEngine(): Scenario {
      const scenario = new Scenario(STACK);
      const own = (name: string) => join(scenario.folder, name);
      const flags = [
        ...[`--data-root=${own("data")}`, `--exec-root=${own("exec")}`, `--pidfile=${own("pid")}`],
        ...["--bridge=none", "--iptables=false", "--ip6tables=false"],
      ];
      scenario.write("bin/dockerd", `#!/bin/sh\nexec ${DOCKERD} ${flags.join(" ")} "$@"\n`, 0o755);
      return scenario;
    }
    const connect = (scenario: Scenario, options: object): Promise<ConnectReport> =>
      runHidden(scenario, "connect", options, `cd ${scenario.folder}\n${HIDE}`);
    const interfaces = () =>
      readdirSync("/sys/class/net").filter((name) => !/^(br-|veth)/.test(name));
    const pidOf = (file: string) => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);

    test("is started, said in one event, and goes on when the process has ended", async () => {
      await using scenario = scenarioWithEngine();
      const before = interfaces();
      let pid = 0;
      try {
        const report = await connect(scenario, {});
        pid = pidOf(join(scenario.folder, "pid"));
        expect(report).toMatchObject({
          events: ["engine:starting dockerd", "engine:found"],
          environments: 0,
        });
        process.kill(pid, 0);
        expect(interfaces()).toEqual(before);
      } finally {
        pid ||= pidOf(join(scenario.folder, "pid"));
        if (pid > 0) {
          process.kill(pid, "SIGTERM");
          await eventually(
            () => existsSync(`/proc/${pid}`),
            (isThere) => !isThere,
          );
        }
      }
    });

    test("is left alone when told so", async () => {
      await using scenario = scenarioWithEngine();
      const report = await connect(scenario, { startEngine: false });
      expect(report).toMatchObject({
        code: "REAL_SERVICES_NO_ENGINE",
        received: "unix:///var/run/docker.sock",
        hint: expect.stringContaining("dockerd"),
        events: [],
      });
      expect(existsSync(join(scenario.folder, "pid"))).toBe(false);
    });

    test("that cannot start says its last words", async () => {
      await using scenario = scenarioWithEngine();
      scenario.write("bin/dockerd", "#!/bin/sh\necho no space left >&2\nexit 1\n", 0o755);
      const report = await connect(scenario, {});
      expect(report).toMatchObject({
        code: "REAL_SERVICES_NO_ENGINE",
        received: "dockerd",
        message: expect.stringMatching(/ended with code 1\.\nno space left/),
        events: ["engine:starting dockerd"],
      });
    });
  },
);
