import type { Readable } from "node:stream";
import { type Dockerode, dockerodeContainer } from "./dockerode.ts";
import { demultiplex, parseEvent, toAccount, toSummary } from "./engine-answers.ts";
import { containerPath, type EngineRequest } from "./engine-http.ts";
import { EngineResources, ignoringMissing, SLOW_CALL_MS } from "./engine-resources.ts";
import type {
  ContainerAccount,
  ContainerSummary,
  EngineEvent,
  ExecResult,
} from "./engine-shapes.ts";
import { execInContainer } from "./exec.ts";
import { HungCommands } from "./hung-commands.ts";

/** The engine's own numbers, as its API gives them. */
export type ContainerStats = Dockerode.ContainerStats;

/** The engine tells of every exec as well, and each health check is one. */
const WATCHED_EVENTS = [
  ...["start", "die", "oom", "kill", "pause", "unpause", "destroy"],
  "health_status",
];

const TIMED_LOGS = { stdout: true, stderr: true, timestamps: true };

interface RawInfo {
  readonly ServerVersion: string;
  readonly SystemTime?: string;
  readonly MemTotal: number;
  readonly DockerRootDir?: string;
}

/**
 * The engine's API, as far as the product needs it: containers here, what else lies on it in its base.
 * Every call has a deadline and obeys the signal it is given.
 */
export class EngineClient extends EngineResources {
  readonly #hung = new HungCommands();

  /** The engine's version, how far its clock is ahead of ours in milliseconds, its memory, its folder. */
  async info(
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<{ version: string; clockOffsetMs: number; memoryBytes: number; dataFolder: string }> {
    const began = Date.now();
    const info = await this.http.json<RawInfo>({ what: "info", path: "/info", signal, timeoutMs });
    const roundTripMs = Date.now() - began;
    const clock = Date.parse(info.SystemTime ?? "");
    const offset = Number.isNaN(clock) ? 0 : clock - (began + roundTripMs / 2);
    // Within half of the round trip it may be that as well as the clock; both count in milliseconds.
    return {
      version: info.ServerVersion,
      clockOffsetMs: Math.abs(offset) <= roundTripMs / 2 + 2 ? 0 : offset,
      memoryBytes: info.MemTotal,
      dataFolder: info.DockerRootDir ?? "",
    };
  }

  async listContainers(
    labels: readonly string[],
    signal?: AbortSignal,
  ): Promise<ContainerSummary[]> {
    const query = { all: true, filters: { label: labels } };
    const list = await this.http.json<Dockerode.ContainerInfo[]>({
      what: "list containers",
      path: "/containers/json",
      query,
      signal,
    });
    return list.map(toSummary);
  }

  async inspectContainer(id: string, signal?: AbortSignal): Promise<ContainerAccount> {
    return toAccount(await this.inspectRaw(id, signal));
  }

  /** In the engine's own words, for what gives them back to it. */
  inspectRaw(id: string, signal?: AbortSignal): Promise<Dockerode.ContainerInspectInfo> {
    return this.http.json<Dockerode.ContainerInspectInfo>({
      what: "inspect container",
      path: containerPath(id, "json"),
      signal,
    });
  }

  /** The processes inside a running container, as the `ps` of the engine's host lists them. */
  top(id: string, timeoutMs: number): Promise<{ Titles: string[]; Processes: string[][] | null }> {
    return this.http.json({ what: "list processes", path: containerPath(id, "top"), timeoutMs });
  }

  /** The engine looks twice, a second apart, to tell what a processor is used for. */
  stats(id: string, timeoutMs: number, signal?: AbortSignal): Promise<ContainerStats> {
    return this.http.json<ContainerStats>({
      what: "read usage",
      path: containerPath(id, "stats"),
      query: { stream: false },
      signal,
      timeoutMs,
    });
  }

  /** Unpacks a tar archive at the root of a container, running or not. */
  async putArchive(id: string, archive: Buffer, signal?: AbortSignal): Promise<void> {
    const path = containerPath(id, "archive");
    await this.http.bytes({
      what: "write files",
      method: "PUT",
      path,
      query: { path: "/" },
      body: archive,
      signal,
      timeoutMs: SLOW_CALL_MS,
    });
  }

  /** As `execInContainer`. @param timeoutMs of the command's own */
  exec(
    id: string,
    command: readonly string[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<ExecResult> {
    return execInContainer(this.http, { id, command, timeoutMs, signal, hung: this.#hung });
  }

  /** A path of a container, running or not, as a tar archive. */
  readArchive(id: string, path: string, signal?: AbortSignal): Promise<Buffer> {
    return this.http.bytes({
      what: "read files",
      path: containerPath(id, "archive"),
      query: { path },
      signal,
      timeoutMs: SLOW_CALL_MS,
    });
  }

  /** For testcontainers' wait strategies, which are written against dockerode. */
  dockerodeContainer(id: string): Promise<Dockerode.Container> {
    return dockerodeContainer(this.endpoint, id);
  }

  /** @param definition as the engine's API takes it */
  async createContainer(name: string, definition: object, signal?: AbortSignal): Promise<string> {
    const { Id: id } = await this.http.json<{ Id: string }>({
      what: "create container",
      method: "POST",
      path: "/containers/create",
      query: { name },
      body: definition,
      signal,
      timeoutMs: SLOW_CALL_MS,
    });
    return id;
  }

  async startContainer(id: string, signal?: AbortSignal): Promise<void> {
    await this.http.bytes({
      what: "start container",
      method: "POST",
      path: containerPath(id, "start"),
      signal,
      timeoutMs: SLOW_CALL_MS,
    });
  }

  /** Sends the container's stop signal, kills it after the grace period, starts it again. */
  async restartContainer(id: string, graceSeconds: number, signal?: AbortSignal): Promise<void> {
    await this.http.bytes({
      what: "restart container",
      method: "POST",
      path: containerPath(id, "restart"),
      signal,
      query: { t: graceSeconds },
      timeoutMs: SLOW_CALL_MS + graceSeconds * 1_000,
    });
  }

  /** Sends the container's stop signal and kills it after the grace period. */
  async stopContainer(id: string, graceSeconds: number, signal?: AbortSignal): Promise<void> {
    await ignoringMissing(
      this.http.bytes({
        what: "stop container",
        method: "POST",
        path: containerPath(id, "stop"),
        signal,
        query: { t: graceSeconds },
        timeoutMs: SLOW_CALL_MS + graceSeconds * 1_000,
      }),
    );
  }

  /** Kills and removes, with anonymous volumes. A container that is gone already is a success. */
  async removeContainer(id: string, signal?: AbortSignal): Promise<void> {
    const query = { force: true, v: true };
    await ignoringMissing(
      this.http.bytes({
        what: "remove container",
        method: "DELETE",
        path: containerPath(id),
        signal,
        timeoutMs: SLOW_CALL_MS,
        query,
      }),
    );
  }

  /** The last lines of a container's log, stdout and stderr in the order of their writing. */
  async tailLogs(id: string, lines: number, tty: boolean, signal?: AbortSignal): Promise<string[]> {
    const body = await this.http.bytes({
      what: "read logs",
      path: containerPath(id, "logs"),
      query: { stdout: true, stderr: true, tail: lines },
      signal,
    });
    const text = tty ? body.toString("utf8") : demultiplex(body).toString("utf8");
    return text.split("\n").slice(0, -1);
  }

  /**
   * What a container wrote so far, as the engine has it, with the time of each line.
   * @param from `since` in seconds since the epoch; `tail` so many lines at most
   */
  async readLogs(
    id: string,
    from: { readonly since?: number; readonly tail?: number },
    signal?: AbortSignal,
  ): Promise<Buffer> {
    return this.http.bytes({
      what: "read logs",
      path: containerPath(id, "logs"),
      query: { ...TIMED_LOGS, ...from },
      signal,
      timeoutMs: SLOW_CALL_MS,
    });
  }

  /**
   * The log of a container, from a time on, with the time of each line, for as long as it runs; what
   * it wrote before comes first. It keeps no process alive. @param since seconds since the epoch,
   * with nanoseconds
   */
  async followLogs(id: string, since: string | undefined, signal: AbortSignal): Promise<Readable> {
    return this.#follow({
      what: "follow logs",
      signal,
      path: containerPath(id, "logs"),
      query: { ...TIMED_LOGS, follow: true, since },
    });
  }

  /**
   * Container events with this label until the signal fires; the engine ending the stream ends it
   * too. @param since the `time` of an event: that one and what came after it is told again, as far as
   * the engine remembers
   */
  async watchContainers(
    label: string,
    since: number | undefined,
    onEvent: (event: EngineEvent) => void,
    signal: AbortSignal,
  ): Promise<{ readonly ended: Promise<void> }> {
    const filters = { type: ["container"], label: [label], event: WATCHED_EVENTS };
    const query = { filters, since };
    const stream = await this.#follow({ what: "watch events", signal, path: "/events", query });
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = parseEvent(line);
        if (event !== undefined) onEvent(event);
      }
    });
    const ended = new Promise<void>((resolve) => {
      for (const name of ["end", "error", "close"]) stream.once(name, () => resolve());
    });
    return { ended };
  }

  /** Who listens for as long as it lives must not be what it lives for. */
  async #follow(request: EngineRequest): Promise<Readable> {
    const stream = await this.http.open(request);
    stream.socket.unref();
    return stream;
  }
}
