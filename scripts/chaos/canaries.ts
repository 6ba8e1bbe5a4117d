import { tmpdir } from "node:os";
import { execa } from "execa";

/** A foreign thing on the engine, and how to see that nobody touched it. */
interface Canary {
  readonly what: string;
  readonly look: readonly string[];
  readonly remove: readonly string[];
  readonly seen: string;
}

const STATE = "{{.Id}} {{.State.Status}} {{.State.StartedAt}} {{.State.FinishedAt}}";

/** Foreign containers, networks and volumes that look like ours, in every way but the one that counts. */
export class Canaries implements AsyncDisposable {
  readonly #canaries: Canary[] = [];
  readonly #project: string;
  readonly #cwd: string;
  readonly #env: Readonly<Record<string, string>>;
  #networks = 0;

  private constructor(prefix: string, cwd: string, host?: string) {
    this.#project = `${prefix}-plain`;
    this.#cwd = cwd;
    this.#env = host === undefined ? {} : { DOCKER_HOST: host };
  }

  static async create(prefix: string, cwd: string, image: string): Promise<Canaries> {
    const canaries = new Canaries(prefix, cwd);
    await Promise.all([
      ...marksOf(prefix).flatMap(([suffix, mark]) => [
        canaries.#container(["run", "-d", ...mark, "--name", nameOf(prefix, suffix), image]),
        ...canaries.#quiet(prefix, suffix, mark, image),
      ]),
      canaries.#composeUp(),
    ]);
    return canaries;
  }

  /** Those that nothing happens to when their engine is restarted. @param host as in DOCKER_HOST */
  static async createQuiet(prefix: string, image: string, host: string): Promise<Canaries> {
    const canaries = new Canaries(prefix, tmpdir(), host);
    await Promise.all(
      marksOf(prefix).flatMap(([suffix, mark]) => canaries.#quiet(prefix, suffix, mark, image)),
    );
    return canaries;
  }

  get count(): number {
    return this.#canaries.length;
  }

  /** What is gone, or not as it was. */
  async harmed(): Promise<string[]> {
    const seen = await Promise.all(this.#canaries.map(({ look }) => this.#observe(look)));
    return this.#canaries.flatMap((canary, index) =>
      seen[index] === canary.seen
        ? []
        : [`${canary.what}: was “${canary.seen}”, is “${seen[index]}”`],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#docker(["compose", "-p", this.#project, "down", "-v", "-t", "0"], {
      reject: false,
    });
    await Promise.all(this.#canaries.map(({ remove }) => this.#docker(remove, { reject: false })));
  }

  #quiet(prefix: string, suffix: string, mark: readonly string[], image: string): Promise<void>[] {
    const name = nameOf(prefix, suffix);
    return [
      this.#container(["create", ...mark, "--name", `${name}-stopped`, image, "/bin/true"]),
      this.#network(name, mark),
      this.#volume(name, mark),
    ];
  }

  async #composeUp(): Promise<void> {
    await this.#docker(["compose", "-p", this.#project, "up", "-d"]);
    const { stdout } = await this.#docker([
      ...["ps", "-aq", "--no-trunc", "--filter"],
      `label=com.docker.compose.project=${this.#project}`,
    ]);
    for (const id of stdout.split("\n")) await this.#add("container of plain Compose", id);
  }

  async #container(args: readonly string[]): Promise<void> {
    const { stdout } = await this.#docker(args);
    await this.#add(args.join(" "), stdout);
  }

  async #network(name: string, mark: readonly string[]): Promise<void> {
    // A small one of its own: an engine's default pools are soon used up.
    this.#networks += 1;
    const subnet = `10.234.${process.pid % 256}.${this.#networks * 8}/29`;
    const create = ["network", "create", "--subnet", subnet, ...mark, name];
    const { stdout } = await this.#docker(create);
    await this.#record({
      what: `network ${name}`,
      look: ["network", "inspect", "-f", "{{.Id}} {{.Created}}", stdout],
      remove: ["network", "rm", stdout],
    });
  }

  async #volume(name: string, mark: readonly string[]): Promise<void> {
    await this.#docker(["volume", "create", ...mark, name]);
    await this.#record({
      what: `volume ${name}`,
      look: ["volume", "inspect", "-f", "{{.Name}} {{.CreatedAt}}", name],
      remove: ["volume", "rm", name],
    });
  }

  async #observe(args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.#docker(args, { reject: false });
    return stdout || stderr;
  }

  async #docker(args: readonly string[], options: { readonly reject?: boolean } = {}) {
    return execa("docker", args, { cwd: this.#cwd, env: this.#env, ...options });
  }

  #add(what: string, id: string): Promise<void> {
    return this.#record({
      what,
      look: ["inspect", "-f", STATE, id],
      remove: ["rm", "-fv", id],
    });
  }

  async #record(canary: Omit<Canary, "seen">): Promise<void> {
    this.#canaries.push({ ...canary, seen: await this.#observe(canary.look) });
  }
}

/** Names that our sweep could take for a dead one's. */
function nameOf(prefix: string, suffix: string): string {
  return `${prefix}-0-0-abcdef-${suffix}`;
}

type Mark = readonly [suffix: string, labels: readonly string[]];

/** None of our labels, some of them, and all of them with another host's owner. */
function marksOf(prefix: string): readonly Mark[] {
  const labels = (...entries: readonly (readonly [string, string])[]) =>
    entries.flatMap(([name, value]) => ["--label", `real-services.${name}=${value}`]);
  const some = labels(["environment", `${prefix}-0-0-abcdef`], ["id", "0123456789abcdef"]);
  const elsewhere = labels(
    ["environment", `${prefix}-0-1-abcdef`],
    ["id", "0123456789abcdee"],
    ["kind", "dedicated"],
    ["stack", "0123"],
    ["created", "2020-01-01T00:00:00.000Z"],
    [
      "owner",
      '{"kind":"process","host":"elsewhere","boot":"b","pidNamespace":"","pid":1,"startTime":"1"}',
    ],
  );
  return [
    ["plain", []],
    ["some", some],
    ["elsewhere", elsewhere],
  ];
}
