import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { eventually } from "./scenario.ts";

const DOCKERD = ["/usr/sbin/dockerd", "/usr/bin/dockerd"].find((path) => existsSync(path));

/** Namespaces of one's own need root; a second engine needs to be installed. */
export const canHaveSecondEngine =
  process.platform === "linux" && process.getuid?.() === 0 && DOCKERD !== undefined;

/** The only image there: a shell and a handful of tools. */
export const TINY_IMAGE = "tiny:1";
const TOOLS = ["sh", "sleep", "cat", "dd", "touch", "true", "false"].map((name) => `/bin/${name}`);

/**
 * An engine to maltreat: it shares nothing with this machine's but the kernel, and lives in mount
 * and network namespaces of its own. Its data are a file system in memory, of a size that can be
 * used up.
 */
export class SecondEngine implements AsyncDisposable {
  readonly folder: string;
  readonly host: string;
  readonly #holder: ChildProcess;
  #daemon: ChildProcess | undefined;

  private constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "second-engine-"));
    this.host = `unix://${this.folder}/docker.sock`;
    const script = `
mount -t tmpfs none /run
[ "$(readlink -f /var/run)" = /run ] || mount -t tmpfs none /var/run
mkdir "$1/data"
mount -t tmpfs -o "size=$2" none "$1/data"
touch "$1/namespaces"
exec sleep infinity`;
    const args = ["-mn", "sh", "-ec", script, "sh", this.folder, "64m"];
    this.#holder = spawn("unshare", args, { stdio: "ignore" });
  }

  static async start(): Promise<SecondEngine> {
    const engine = new SecondEngine();
    await eventually(() => existsSync(join(engine.folder, "namespaces")), Boolean);
    await engine.start();
    await engine.#import();
    return engine;
  }

  /** @param host where it can be reached */
  async start(host: string = this.host): Promise<void> {
    const own = (name: string) => join(this.folder, name);
    // What a killed one left: its containerd died with it, and would be waited for all the same.
    for (const name of ["pid", "exec/containerd/containerd.pid"])
      rmSync(own(name), { force: true });
    this.#daemon = spawn(
      "nsenter",
      [
        ...["-t", String(this.#holder.pid), "-m", "-n", DOCKERD ?? ""],
        ...["-H", host, `--data-root=${own("data")}`, `--exec-root=${own("exec")}`],
        ...[`--pidfile=${own("pid")}`, "--iptables=false", "--ip6tables=false"],
      ],
      { stdio: "ignore" },
    );
    await eventually(
      () => this.docker(["-H", host, "version"]),
      ({ failed }) => !failed,
    );
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#daemon = undefined;
    const exit = once(daemon, "exit");
    // `nsenter` has become the daemon itself.
    daemon.kill(signal);
    await exit;
  }

  docker(args: readonly string[]) {
    const env = { DOCKER_HOST: this.host };
    return execa("docker", [...args], { env, reject: false, stripFinalNewline: true });
  }

  /** As an administrator does it who is short of room. */
  async emptyLog(container: string): Promise<void> {
    const { stdout } = await this.docker(["inspect", "-f", "{{.LogPath}}", container]);
    truncateSync(`/proc/${this.#holder.pid}/root${stdout}`);
  }

  /** Everything that carries our labels: containers, networks, volumes. */
  async remains(): Promise<string[]> {
    const filter = ["-q", "--filter", "label=real-services.id"];
    const lists = await Promise.all([
      this.docker(["ps", "-a", ...filter]),
      this.docker(["network", "ls", ...filter]),
      this.docker(["volume", "ls", ...filter]),
    ]);
    return lists.flatMap(({ stdout }) => stdout.split("\n").filter((line) => line !== ""));
  }

  async #import(): Promise<void> {
    const linked = await Promise.all(TOOLS.map((tool) => execa("ldd", [tool])));
    const libraries = linked.flatMap(({ stdout }) => stdout.match(/\/\S+/g) ?? []);
    const files = [...new Set([...TOOLS, ...libraries])];
    await execa("tar", ["-chPf", join(this.folder, "tiny.tar"), ...files]);
    const imported = await this.docker(["import", join(this.folder, "tiny.tar"), TINY_IMAGE]);
    if (imported.failed) throw new Error(imported.stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon === undefined) await this.start();
    const { stdout } = await this.docker(["ps", "-aq"]);
    // Before the daemon goes: what it runs outlives it.
    const ids = stdout.split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.docker(["rm", "-fv", ...ids]);
    await this.kill("SIGTERM");
    const exit = once(this.#holder, "exit");
    this.#holder.kill("SIGKILL");
    await exit;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
