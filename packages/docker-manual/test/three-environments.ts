import { expect } from "vitest";
import type { CommandHost } from "./command-host.ts";
import { killOwner, type Owned, onHostOfItsOwn, spawnOwned } from "./owner.ts";
import { IMAGE, Workshop } from "./workshop.ts";

export const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const REDIS_IMAGE = process.env["REDIS_IMAGE"] ?? "real-services/redis:7";
/** In an anonymous volume of `api`. */
export const SCRATCH_BYTES = 300_000;
const STACK = {
  "compose.yaml": `services:
  api:
    image: "${IMAGE}"
    command: [sh, -c, "head -c ${SCRATCH_BYTES} /dev/zero >/scratch/zeros; exec peer"]
    ports: [8000]
    volumes: [/scratch]
    configs: [{ source: rules, target: /etc/rules, mode: 0400 }]
    secrets: [token]
    depends_on: { cache: { condition: service_healthy } }
  cache:
    image: "${REDIS_IMAGE}"
    command: [redis-server, --requirepass, top-secret-word]
    ports: [6379]
    mem_limit: 64m
    healthcheck: { test: [CMD, redis-cli, ping], interval: 1s }
configs: { rules: { content: "be kind" } }
secrets: { token: { environment: TOKEN } }
`,
};

/** By how it began: by an owner that lives, by one that was killed, and by `start`. */
export const KINDS = ["living", "killed", "started"] as const;
export type Kind = (typeof KINDS)[number];

/** The same stack three times, begun at once by all who begin environments. */
export class ThreeEnvironments implements AsyncDisposable {
  readonly workshop: Workshop;
  readonly names: Readonly<Record<Kind, string>>;
  /** What `start --json` said. */
  readonly document: string;
  /** Process that owns the living one. */
  readonly ownerPid: number;
  readonly #env: Readonly<Record<string, string>>;
  readonly #hosts: readonly CommandHost[];
  readonly #stack: AsyncDisposableStack;

  private constructor(
    parts: Pick<ThreeEnvironments, "workshop" | "names" | "document" | "ownerPid">,
    env: Readonly<Record<string, string>>,
    hosts: readonly CommandHost[],
    stack: AsyncDisposableStack,
  ) {
    this.workshop = parts.workshop;
    this.names = parts.names;
    this.document = parts.document;
    this.ownerPid = parts.ownerPid;
    this.#env = env;
    this.#hosts = hosts;
    this.#stack = stack;
  }

  static async open(): Promise<ThreeEnvironments> {
    await using stack = new AsyncDisposableStack();
    const workshop = stack.use(await Workshop.open(STACK));
    const env = { TOKEN: "from-a-variable", ...onHostOfItsOwn(workshop) };
    const hosts = KINDS.map(() => stack.use(workshop.host(env)));
    const owned = async (): Promise<Owned> => {
      const spawned = await spawnOwned(workshop, env);
      stack.defer(() => void spawned.owner.kill("SIGKILL"));
      return spawned;
    };
    const [living, killed, started] = await Promise.all([
      owned(),
      owned(),
      workshop.run(["start", "--json"], { env }),
    ]);
    await killOwner(killed.owner);
    const { stdout: document, stderr } = started;
    if (started.exitCode !== 0) throw new Error(stderr);
    const { name }: { name: string } = JSON.parse(document);
    const names = { living: living.name, killed: killed.name, started: name };
    const ownerPid = living.owner.pid ?? 0;
    return new ThreeEnvironments({ workshop, names, document, ownerPid }, env, hosts, stack.move());
  }

  /** A command, in the process for commands that has the least to do. */
  run(args: readonly string[]) {
    const [host] = this.#hosts.toSorted((a, b) => a.waiting - b.waiting);
    if (host === undefined) throw new Error("There is no process for commands.");
    return this.workshop.runIn(host, args);
  }

  /** What it prints, normalized; it has to succeed. */
  async printed(args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args);
    expect(exitCode, stderr).toBe(0);
    return this.workshop.normalize(stdout);
  }

  /** Its document, as it is. */
  async json(args: readonly string[]) {
    return JSON.parse((await this.run([...args, "--json"])).stdout);
  }

  /** The command with the choice of the environment in front of its own words. */
  on(kind: Kind, [command = "", ...args]: readonly string[]): string[] {
    return [command, "-e", this.names[kind], ...args];
  }

  /** A command in a process of its own. */
  spawn(args: readonly string[]) {
    return this.workshop.spawn(args, { env: this.#env });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Looks at one, and in the soak at all at the same time; it has to be the same. */
export async function onEach<T>(typical: Kind, look: (kind: Kind) => Promise<T>): Promise<T> {
  const others = IS_SOAK ? KINDS.filter((kind) => kind !== typical) : [];
  const [seen, ...same] = await Promise.all([look(typical), ...others.map(look)]);
  for (const other of same) expect(other).toEqual(seen);
  return seen;
}
