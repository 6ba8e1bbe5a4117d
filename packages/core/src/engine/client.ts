import { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import Dockerode from "dockerode";
import { RealServicesError } from "../errors.ts";
import type { EngineEndpoint } from "./endpoint.ts";
import {
  accountOf,
  demultiplex,
  parseEvent,
  toDiskUsage,
  toHealthTest,
  toPorts,
} from "./engine-answers.ts";
import type {
  ContainerAccount,
  ContainerSummary,
  DiskUsage,
  EngineEvent,
  ExecResult,
  NetworkSummary,
  VolumeSummary,
} from "./engine-shapes.ts";
import { engineStatus } from "./engine-status.ts";

/** Its types, for those who read the engine's answers. */
export type { Dockerode };

/** The engine's own numbers, as its API gives them. */
export type ContainerStats = Dockerode.ContainerStats;

/** The engine tells of every exec as well, and each health check is one. */
const WATCHED_EVENTS = [
  ...["start", "die", "oom", "kill", "pause", "unpause", "destroy"],
  "health_status",
];

const IMAGE_NAME = /^[a-z0-9][\w.:@-]*(?:\/[a-z0-9][\w.:@-]*)*$/i;

/** Longest time for one call that the engine answers at once. */
const CALL_MS = 30_000;
/** Starting and removing wait for the kernel, for storage, for a busy engine. */
const SLOW_CALL_MS = 60_000;

/**
 * The engine's API, as far as the product needs it; the one file that knows dockerode.
 * Every call has a deadline and obeys the signal it is given.
 */
export class EngineClient {
  readonly endpoint: EngineEndpoint;
  readonly #docker: Dockerode;

  constructor(endpoint: EngineEndpoint) {
    this.endpoint = endpoint;
    this.#docker = new Dockerode(endpoint.connection);
  }

  /** The engine's version, how far its clock is ahead of ours in milliseconds, its memory, its folder. */
  async info(
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<{ version: string; clockOffsetMs: number; memoryBytes: number; dataFolder: string }> {
    const began = Date.now();
    const info = await this.call("info", signal, timeoutMs, () => this.#docker.info());
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
    const list = await this.call("list containers", signal, CALL_MS, (abortSignal) =>
      this.#docker.listContainers({ all: true, filters: { label: [...labels] }, abortSignal }),
    );
    return list.map((item) => ({
      id: item.Id,
      name: (item.Names[0] ?? item.Id).replace(/^\//, ""),
      image: item.Image,
      imageId: item.ImageID,
      state: item.State,
      labels: item.Labels ?? {},
      ports: (item.Ports ?? [])
        .filter((port) => port.PublicPort !== undefined)
        .map((port) => ({
          containerPort: port.PrivatePort,
          protocol: port.Type === "udp" ? "udp" : "tcp",
          hostIp: port.IP,
          hostPort: port.PublicPort,
        })),
      volumes: (item.Mounts ?? []).flatMap(({ Type, Name }) =>
        Type === "volume" && Name !== undefined ? [Name] : [],
      ),
    }));
  }

  async inspectContainer(id: string, signal?: AbortSignal): Promise<ContainerAccount> {
    const details = await this.call("inspect container", signal, CALL_MS, (abortSignal) =>
      this.#docker.getContainer(id).inspect({ abortSignal }),
    );
    const { State: state } = details;
    const status = state.Health?.Status;
    return {
      id: details.Id,
      name: details.Name.replace(/^\//, ""),
      image: details.Config.Image,
      state: state.Status,
      exitCode: state.ExitCode,
      oomKilled: state.OOMKilled,
      restartCount: details.RestartCount,
      startedAt: state.StartedAt,
      error: state.Error,
      health:
        status === "starting" || status === "healthy" || status === "unhealthy"
          ? status
          : undefined,
      healthLog: (state.Health?.Log ?? []).map((entry) => ({
        exitCode: entry.ExitCode,
        output: entry.Output,
        beganAt: Date.parse(entry.Start),
        endedAt: Date.parse(entry.End),
      })),
      tty: details.Config.Tty,
      check: toHealthTest(details.Config.Healthcheck, details.Config),
      ports: toPorts(details.NetworkSettings.Ports),
      networkMode: details.HostConfig.NetworkMode ?? "",
      ...accountOf(details),
    };
  }

  /** Unpacks a tar archive at the root of a container, running or not. */
  async putArchive(id: string, archive: Buffer, signal?: AbortSignal): Promise<void> {
    await this.call("write files", signal, SLOW_CALL_MS, (abortSignal) =>
      this.#docker.getContainer(id).putArchive(archive, { path: "/", abortSignal }),
    );
  }

  /**
   * Runs a command in a container, as its user and in its folder, and waits for its end. What it
   * writes is read to the end, however much it is. The engine cannot end a command: when the
   * deadline or the signal ends the wait, it goes on in the container.
   */
  async exec(
    id: string,
    command: readonly string[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<ExecResult> {
    return this.call("run a command", signal, timeoutMs, async (abortSignal) => {
      const exec = await this.#docker.getContainer(id).exec({
        Cmd: [...command],
        AttachStdout: true,
        AttachStderr: true,
        abortSignal,
      });
      const stream = await exec.start({ hijack: false, stdin: false, abortSignal });
      const output = demultiplex(await readHead(stream, abortSignal)).toString("utf8");
      const { ExitCode: exitCode } = await exec.inspect({ abortSignal });
      return { exitCode: exitCode ?? -1, output };
    });
  }

  /** For the files beside this one, and for testcontainers' wait strategies, written against dockerode. */
  rawContainer(id: string): Dockerode.Container {
    return this.#docker.getContainer(id);
  }

  /** @param definition as the engine's API takes it */
  async createContainer(name: string, definition: object, signal?: AbortSignal): Promise<string> {
    const { id } = await this.call("create container", signal, SLOW_CALL_MS, (abortSignal) =>
      this.#docker.createContainer({ ...definition, name, abortSignal }),
    );
    return id;
  }

  async startContainer(id: string, signal?: AbortSignal): Promise<void> {
    await this.call("start container", signal, SLOW_CALL_MS, (abortSignal) =>
      this.#docker.getContainer(id).start({ abortSignal }),
    );
  }

  /** Sends the container's stop signal, kills it after the grace period, starts it again. */
  async restartContainer(id: string, graceSeconds: number, signal?: AbortSignal): Promise<void> {
    const deadline = SLOW_CALL_MS + graceSeconds * 1_000;
    await this.call("restart container", signal, deadline, (abortSignal) =>
      this.#docker.getContainer(id).restart({ t: graceSeconds, abortSignal }),
    );
  }

  /** Sends the container's stop signal and kills it after the grace period. */
  async stopContainer(id: string, graceSeconds: number, signal?: AbortSignal): Promise<void> {
    const deadline = SLOW_CALL_MS + graceSeconds * 1_000;
    await ignoringMissing(
      this.call("stop container", signal, deadline, (abortSignal) =>
        this.#docker.getContainer(id).stop({ t: graceSeconds, abortSignal }),
      ),
    );
  }

  /** Kills and removes, with anonymous volumes. A container that is gone already is a success. */
  async removeContainer(id: string, signal?: AbortSignal): Promise<void> {
    await ignoringMissing(
      this.call("remove container", signal, SLOW_CALL_MS, (abortSignal) =>
        this.#docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
      ),
    );
  }

  /** The last lines of a container's log, stdout and stderr in the order of their writing. */
  async tailLogs(id: string, lines: number, tty: boolean, signal?: AbortSignal): Promise<string[]> {
    const body = await this.call("read logs", signal, CALL_MS, (abortSignal) =>
      this.#docker
        .getContainer(id)
        .logs({ stdout: true, stderr: true, tail: lines, follow: false, abortSignal }),
    );
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
    const answer = await this.call("read logs", signal, SLOW_CALL_MS, (abortSignal) =>
      this.#docker.getContainer(id).logs({
        ...{ follow: false, timestamps: true, stdout: true, stderr: true, abortSignal },
        ...from,
      }),
    );
    return Buffer.from(answer);
  }

  /**
   * The log of a container, from a time on, with the time of each line, for as long as it runs; what
   * it wrote before comes first. It keeps no process alive. @param since seconds since the epoch,
   * with nanoseconds
   */
  async followLogs(id: string, since: string | undefined, signal: AbortSignal): Promise<Readable> {
    const stream = await this.call("follow logs", signal, CALL_MS, () =>
      this.#docker.getContainer(id).logs({
        ...{ follow: true, timestamps: true, stdout: true, stderr: true, abortSignal: signal },
        ...(since === undefined ? {} : { since }),
      }),
    );
    return detach(stream);
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
    const stream = await this.call("watch events", signal, CALL_MS, () =>
      this.#docker.getEvents({
        filters: { type: ["container"], label: [label], event: [...WATCHED_EVENTS] },
        ...(since === undefined ? {} : { since }),
        abortSignal: signal,
      }),
    );
    let rest = "";
    detach(stream);
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

  /** Undefined when the engine does not have the image. */
  async inspectImage(
    image: string,
    signal?: AbortSignal,
  ): Promise<{ readonly hasCheck: boolean } | undefined> {
    // It becomes a part of the request's path: what is no name of an image does not exist.
    if (!IMAGE_NAME.test(image)) return undefined;
    const call = this.call("inspect image", signal, CALL_MS, () =>
      this.#docker.getImage(image).inspect(),
    );
    const details = await ignoringMissing(call);
    if (details === undefined) return undefined;
    const [kind = "NONE"] = details.Config?.Healthcheck?.Test ?? [];
    return { hasCheck: kind !== "NONE" };
  }

  /** Images with this label. */
  async listImages(
    label: string,
    signal?: AbortSignal,
  ): Promise<{ readonly id: string; readonly name: string }[]> {
    const list = await this.call("list images", signal, CALL_MS, (abortSignal) =>
      this.#docker.listImages({ filters: { label: [label] }, ...{ abortSignal } }),
    );
    return list.map(({ Id: id, RepoTags: tags }) => ({ id, name: tags?.[0] ?? id.slice(7, 19) }));
  }

  /** Not by force: one that something uses is an error. */
  async removeImage(id: string, signal?: AbortSignal): Promise<void> {
    await ignoringMissing(
      this.call("remove image", signal, SLOW_CALL_MS, () => this.#docker.getImage(id).remove()),
    );
  }

  /** The room that everything takes, in bytes. */
  async diskUse(timeoutMs: number, signal?: AbortSignal): Promise<DiskUsage> {
    const all = await this.call("measure disk use", signal, timeoutMs, () => this.#docker.df());
    return toDiskUsage(all);
  }

  async listNetworks(signal?: AbortSignal): Promise<NetworkSummary[]> {
    const list = await this.call("list networks", signal, CALL_MS, (abortSignal) =>
      this.#docker.listNetworks({ abortSignal }),
    );
    return list.map((item) => ({
      id: item.Id,
      name: item.Name,
      labels: item.Labels ?? {},
      subnets: (item.IPAM?.Config ?? []).flatMap((config) => config.Subnet ?? []),
    }));
  }

  /** Takes a container off a network. One that is not on it is a success. */
  async disconnect(network: string, container: string, signal?: AbortSignal): Promise<void> {
    await ignoringMissing(
      this.call("disconnect", signal, CALL_MS, (abortSignal) =>
        this.#docker
          .getNetwork(network)
          .disconnect({ Container: container, Force: true, abortSignal }),
      ),
    );
  }

  /** Puts a container on a network. @param endpoint as the engine's API takes it */
  async connect(
    network: string,
    container: string,
    endpoint: object,
    signal?: AbortSignal,
  ): Promise<void> {
    const EndpointConfig = endpoint;
    await this.call("connect", signal, CALL_MS, () =>
      this.#docker.getNetwork(network).connect({ Container: container, EndpointConfig }),
    );
  }

  async removeNetwork(id: string, signal?: AbortSignal): Promise<void> {
    await ignoringMissing(
      this.call("remove network", signal, SLOW_CALL_MS, (abortSignal) =>
        this.#docker.getNetwork(id).remove({ abortSignal }),
      ),
    );
  }

  async hasVolume(name: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.inspectVolume(name, signal)) !== undefined;
  }

  /** Undefined when there is none of this name. */
  async inspectVolume(
    name: string,
    signal?: AbortSignal,
  ): Promise<(VolumeSummary & { readonly createdAt: number }) | undefined> {
    const call = this.call("inspect volume", signal, CALL_MS, (abortSignal) =>
      this.#docker.getVolume(name).inspect({ abortSignal }),
    );
    const found = await ignoringMissing(call);
    if (found === undefined) return undefined;
    const createdAt = "CreatedAt" in found ? Date.parse(String(found.CreatedAt)) : Number.NaN;
    return { name: found.Name, labels: found.Labels ?? {}, createdAt };
  }

  async listVolumes(label: string, signal?: AbortSignal): Promise<VolumeSummary[]> {
    const { Volumes: list } = await this.call("list volumes", signal, CALL_MS, (abortSignal) =>
      this.#docker.listVolumes({ filters: { label: [label] }, abortSignal }),
    );
    return (list ?? []).map((item) => ({ name: item.Name, labels: item.Labels ?? {} }));
  }

  async createVolume(
    name: string,
    labels: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.call("create volume", signal, CALL_MS, (abortSignal) =>
      this.#docker.createVolume({ Name: name, Labels: { ...labels }, abortSignal }),
    );
  }

  async removeVolume(name: string, signal?: AbortSignal): Promise<void> {
    await ignoringMissing(
      this.call("remove volume", signal, SLOW_CALL_MS, (abortSignal) =>
        this.#docker.getVolume(name).remove({ force: true, abortSignal }),
      ),
    );
  }

  /**
   * One call with a deadline in milliseconds, ended by the signal as well. Throws
   * REAL_SERVICES_ENGINE_FAILED with `what` when the deadline passes.
   */
  async call<T>(
    what: string,
    signal: AbortSignal | undefined,
    timeoutMs: number,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(either.reason);
    either.addEventListener("abort", onAbort, { once: true });
    try {
      // Raced, because dockerode leaves some aborted calls pending for ever.
      return await Promise.race([call(either), aborted.promise]);
    } catch (error) {
      if (deadline.aborted) {
        throw new RealServicesError(
          "REAL_SERVICES_ENGINE_FAILED",
          `The engine at ${this.endpoint.url} did not answer “${what}” within ${timeoutMs / 1_000} s.`,
          {
            cause: error,
            hint: "See whether `docker ps` answers; a wedged engine needs a restart.",
          },
        );
      }
      throw error;
    } finally {
      either.removeEventListener("abort", onAbort);
    }
  }
}

/** Who listens for as long as it lives must not be what it lives for. */
function detach(stream: NodeJS.ReadableStream): Readable {
  if (stream instanceof IncomingMessage) stream.socket.unref();
  return stream instanceof Readable ? stream : new Readable().wrap(stream);
}

async function ignoringMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (engineStatus(error) === 404) return undefined;
    throw error;
  }
}

const OUTPUT_BYTES = 4_096;

/** Reads a stream to its end and keeps its beginning. */
async function readHead(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<Buffer> {
  const kept: Buffer[] = [];
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.on("data", (chunk: Buffer) => {
    if (length < OUTPUT_BYTES) kept.push(chunk);
    length += chunk.length;
  });
  stream.once("end", resolve);
  stream.once("close", resolve);
  stream.once("error", reject);
  if (signal.aborted) reject(signal.reason);
  await promise;
  return Buffer.concat(kept).subarray(0, OUTPUT_BYTES);
}
