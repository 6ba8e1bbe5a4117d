import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { PEER_COMMAND, peerRootfs } from "./peer-rootfs.ts";
import { eventually } from "./scenario.ts";
import { canHaveSecondEngine } from "./second-engine.ts";

const NEEDED = ["/usr/sbin/iptables-legacy", "/usr/sbin/ip6tables-legacy"];
export const canRunOtherEngine = canHaveSecondEngine && NEEDED.every(existsSync);

/** The peer's image, under the name it has on every other engine. */
export const OTHER_IMAGE = "real-services-fixture/peer:small";

/**
 * A second engine, in network and mount namespaces of its own: as far away as another machine. A
 * pair of virtual interfaces leads there and nowhere else. Its iptables is the one with a lock, and
 * gives up after a second, as those did that could not wait.
 */
export class OtherEngine implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: ChildProcess;
  /** By which this host reaches it. */
  readonly address: string;

  private constructor(folder: string, child: ChildProcess, address: string) {
    this.#folder = folder;
    this.#child = child;
    this.address = address;
  }

  static async start(): Promise<OtherEngine> {
    const folder = mkdtempSync(join(tmpdir(), "other-engine-"));
    // Documentation's block (RFC 5737), which nobody routes, in nets of two hosts.
    const net = `198.51.100.${4 * randomInt(64)}`;
    const [here, there] = [nextTo(net, 1), nextTo(net, 2)];
    const name = `rs${randomInt(1e9).toString(36)}`;
    writeTools(folder);
    const script = startScript(folder, `${name}b`, there);
    const child = spawn("unshare", ["-mn", "sh", "-ec", script], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    const engine = new OtherEngine(folder, child, there);
    try {
      await eventually(() => existsSync(join(folder, "unshared")), Boolean);
      await execa("ip", [
        ...["link", "add", `${name}a`, "type", "veth"],
        ...["peer", "name", `${name}b`, "netns", String(child.pid)],
      ]);
      await execa("ip", ["addr", "add", `${here}/30`, "dev", `${name}a`]);
      await execa("ip", ["link", "set", `${name}a`, "up"]);
      child.stdin?.end();
      await eventually(
        () =>
          engine.docker(["version"]).then(
            () => true,
            () => false,
          ),
        Boolean,
        30_000,
      );
      const change = `CMD ${JSON.stringify(PEER_COMMAND)}`;
      await engine.docker(["import", "-c", change, "-", OTHER_IMAGE], await peerRootfs());
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** As DOCKER_HOST names it. */
  get url(): string {
    return `tcp://${this.address}:2375`;
  }

  async docker(args: readonly string[], input: Buffer | string = ""): Promise<string> {
    const { stdout } = await execa("docker", args, { input, env: { DOCKER_HOST: this.url } });
    return stdout;
  }

  /** Another program at the firewall: holds the lock of iptables until the function that it returns is called. */
  lockFirewall(): () => void {
    const engine = readFileSync(join(this.#folder, "pid"), "utf8");
    // The lock lives as long as somebody has the file open.
    const script = "exec 9>/run/xtables.lock; flock 9; sleep 60 >/dev/null 2>&1 & echo $!";
    const holder = execFileSync("nsenter", ["-t", engine, "-m", "sh", "-c", script]);
    return () => process.kill(Number(holder));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function nextTo(net: string, step: number): string {
  return net.replace(/\d+$/, (last) => String(Number(last) + step));
}

function writeTools(folder: string): void {
  mkdirSync(join(folder, "bin"));
  for (const name of ["iptables", "ip6tables"]) {
    const script = `#!/bin/sh\n[ "$1" = --wait ] && shift\nexec /usr/sbin/${name}-legacy -w 1 "$@"\n`;
    writeFileSync(join(folder, "bin", name), script, { mode: 0o755 });
  }
}

/** This machine's engine is out of sight; nothing of either is shared. */
function startScript(folder: string, link: string, address: string): string {
  return `
mount -t tmpfs none /run
[ "$(readlink -f /var/run)" = /run ] || mount -t tmpfs none /var/run
ip link set lo up
touch ${folder}/unshared
cat
ip addr add ${address}/30 dev ${link}
ip link set ${link} up
export PATH=${folder}/bin:$PATH
exec dockerd --data-root=${folder}/data --exec-root=${folder}/exec --pidfile=${folder}/pid \
  -H tcp://${address}:2375 --tls=false >${folder}/log 2>&1`;
}
