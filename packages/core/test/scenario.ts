import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { expect } from "vitest";
import { RealServicesError } from "../src/errors.ts";
import type { LifecycleEvent } from "../src/events.ts";
import { EnvironmentManager } from "../src/manager.ts";
import type { EnvironmentOptions } from "../src/options.ts";
import { listLabelled } from "./engine-api.ts";

/** Present on every machine that has run the set-up; has a shell and perl. */
export const IMAGE = "debian:bookworm-slim";
/** Serves HTTP on 8000: see fixtures/images/peer. */
export const PEER_IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";

/** As the machine has it: a test may point its own calls elsewhere. */
const { DOCKER_HOST } = process.env;

/**
 * A folder with a stack of its own and everything that was made from it. Disposing of it removes
 * whatever a failed test left, by the environment label, which carries the folder's unique name.
 */
export class Scenario implements AsyncDisposable {
  readonly folder: string;
  /** Prefix of the environments' names: unique on the engine. */
  readonly name: string;
  readonly events: LifecycleEvent[] = [];
  readonly #moments = new Map<string, number>();

  constructor(files: Readonly<Record<string, string>>) {
    this.name = `rs-test-${randomBytes(5).toString("hex")}`;
    this.folder = join(tmpdir(), this.name);
    mkdirSync(this.folder);
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string, mode = 0o644): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode });
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  manager(options: EnvironmentOptions = {}): EnvironmentManager {
    const manager = new EnvironmentManager({ cwd: this.folder, name: this.name, ...options });
    manager.subscribe((event) => {
      this.events.push(event);
      if ("service" in event) this.#moments.set(`${event.type} ${event.service}`, Date.now());
    });
    return manager;
  }

  /** Milliseconds between two events of a service. */
  between(service: string, from: LifecycleEvent["type"], to: LifecycleEvent["type"]): number {
    const moment = (type: string) => this.#moments.get(`${type} ${service}`) ?? Number.NaN;
    return moment(to) - moment(from);
  }

  /** The types of its events, in order, each service's with its name. */
  story(...types: readonly LifecycleEvent["type"][]): string[] {
    return this.events
      .filter(({ type }) => types.includes(type))
      .map((event) => {
        if (event.type === "environment:state") return `${event.from} → ${event.to}`;
        return "service" in event ? `${event.type} ${event.service}` : event.type;
      });
  }

  /** The names of its environments, in the order of their planning. */
  names(): string[] {
    return this.events.flatMap((event) =>
      event.type === "services:planned" ? [event.environment] : [],
    );
  }

  /** Full ids of containers and networks, names of volumes, of all its environments. */
  async remains(): Promise<Remains> {
    const own = (await listLabelled()).filter(({ environment }) =>
      environment.startsWith(`${this.name}-`),
    );
    const ids = (of: string) => own.filter(({ what }) => what === of).map(({ id }) => id);
    return { containers: ids("container"), networks: ids("network"), volumes: ids("volume") };
  }

  async expectNothingLeft(): Promise<void> {
    expect(await this.remains()).toEqual({ containers: [], networks: [], volumes: [] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { containers, networks, volumes } = await this.remains();
    for (const [what, ids] of [
      [["rm", "-fv"], containers],
      [["network", "rm"], networks],
      [["volume", "rm"], volumes],
    ] as const) {
      if (ids.length > 0)
        await execa("docker", [...what, ...ids], { reject: false, env: { DOCKER_HOST } });
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Remains {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/**
 * The error that an action ends with. Every error for a user has a code, says what was received and
 * what to do next.
 * @param withinMs for an action that has a limit of its own
 */
export async function refusal(
  action: Promise<unknown> | (() => Promise<unknown>),
  withinMs = Number.POSITIVE_INFINITY,
): Promise<RealServicesError> {
  const began = performance.now();
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    expect(performance.now() - began).toBeLessThan(withinMs);
    if (!(error instanceof RealServicesError)) throw error;
    expect(error.received).toBeDefined();
    expect(error.hint).toMatch(/\w/);
    return error;
  }
  throw new Error("It was not refused.");
}

/** Looks again until it holds: observed state, never a sleep in the hope that it is enough. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`It never came to hold: ${JSON.stringify(seen)}`);
    await delay(20);
  }
}

/** One field of `docker inspect`, as Go's templates name it. */
export async function inspect(id: string, field: string): Promise<string> {
  const { stdout } = await execa("docker", ["inspect", "--format", `{{${field}}}`, id]);
  return stdout;
}
