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
  #networks = 0;

  private constructor(prefix: string, cwd: string) {
    this.#project = `${prefix}-plain`;
    this.#cwd = cwd;
  }

  static async create(prefix: string, cwd: string, image: string): Promise<Canaries> {
    const canaries = new Canaries(prefix, cwd);
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
    const name = (suffix: string) => `${prefix}-0-0-abcdef-${suffix}`;
    const marks = [
      ["plain", []],
      ["some", some],
      ["elsewhere", elsewhere],
    ] as const;
    await Promise.all([
      ...marks.flatMap(([suffix, mark]) => [
        canaries.#container(["run", "-d", ...mark, "--name", name(suffix), image]),
        canaries.#container(["create", ...mark, "--name", name(`${suffix}-stopped`), image]),
        canaries.#network(name(suffix), mark),
        canaries.#volume(name(suffix), mark),
      ]),
      canaries.#composeUp(),
    ]);
    return canaries;
  }

  get count(): number {
    return this.#canaries.length;
  }

  /** What is gone, or not as it was. */
  async harmed(): Promise<string[]> {
    const seen = await Promise.all(this.#canaries.map(({ look }) => observe(look)));
    return this.#canaries.flatMap((canary, index) =>
      seen[index] === canary.seen
        ? []
        : [`${canary.what}: was “${canary.seen}”, is “${seen[index]}”`],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa("docker", ["compose", "-p", this.#project, "down", "-v", "-t", "0"], {
      cwd: this.#cwd,
      reject: false,
    });
    await Promise.all(
      this.#canaries.map(({ remove }) => execa("docker", remove, { reject: false })),
    );
  }

  async #composeUp(): Promise<void> {
    await execa("docker", ["compose", "-p", this.#project, "up", "-d"], { cwd: this.#cwd });
    const { stdout } = await execa("docker", [
      ...["ps", "-aq", "--no-trunc", "--filter"],
      `label=com.docker.compose.project=${this.#project}`,
    ]);
    for (const id of stdout.split("\n")) await this.#add("container of plain Compose", id);
  }

  async #container(args: readonly string[]): Promise<void> {
    const { stdout } = await execa("docker", args);
    await this.#add(args.join(" "), stdout);
  }

  async #network(name: string, mark: readonly string[]): Promise<void> {
    // A small one of its own: an engine's default pools are soon used up.
    this.#networks += 1;
    const subnet = `10.234.${process.pid % 256}.${this.#networks * 8}/29`;
    const create = ["network", "create", "--subnet", subnet, ...mark, name];
    const { stdout } = await execa("docker", create);
    await this.#record({
      what: `network ${name}`,
      look: ["network", "inspect", "-f", "{{.Id}} {{.Created}}", stdout],
      remove: ["network", "rm", stdout],
    });
  }

  async #volume(name: string, mark: readonly string[]): Promise<void> {
    await execa("docker", ["volume", "create", ...mark, name]);
    await this.#record({
      what: `volume ${name}`,
      look: ["volume", "inspect", "-f", "{{.Name}} {{.CreatedAt}}", name],
      remove: ["volume", "rm", name],
    });
  }

  #add(what: string, id: string): Promise<void> {
    return this.#record({
      what,
      look: ["inspect", "-f", STATE, id],
      remove: ["rm", "-fv", id],
    });
  }

  async #record(canary: Omit<Canary, "seen">): Promise<void> {
    this.#canaries.push({ ...canary, seen: await observe(canary.look) });
  }
}

async function observe(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execa("docker", args, { reject: false });
  return stdout || stderr;
}
