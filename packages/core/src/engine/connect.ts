import { RealServicesError } from "../errors.ts";
import type { LifecycleListener } from "../events.ts";
import { EngineClient } from "./client.ts";
import { currentContext, DEFAULT_URL, type EngineEndpoint, parseEndpoint } from "./endpoint.ts";
import { EngineEvents } from "./engine-events.ts";
import { engineStatus } from "./engine-status.ts";
import { planEngineStart, startEngine } from "./start-engine.ts";

/** An engine that has answered. */
export interface ConnectedEngine {
  readonly client: EngineClient;
  readonly version: string;
  /** How far the engine's clock is ahead of ours, in milliseconds. */
  readonly clockOffsetMs: number;
  /** Memory of the engine's machine. */
  readonly memoryBytes: number;
  /** Where it keeps its data, on its machine. */
  readonly dataFolder: string;
  readonly events: EngineEvents;
}

export interface ConnectOptions {
  readonly startEngine: boolean;
  readonly emit: LifecycleListener;
  readonly signal?: AbortSignal | undefined;
}

/** An engine that is up answers in milliseconds, a busy one in seconds; a wedged one must not cost more than this. */
const ANSWER_MS = 15_000;

/**
 * Finds the engine that the docker CLI would use, starts it when it is installed but stopped, and
 * as a last resort asks testcontainers, which knows the places that rootless engines use.
 * Throws REAL_SERVICES_NO_ENGINE.
 */
export async function connectEngine(options: ConnectOptions): Promise<ConnectedEngine> {
  const endpoint = await chosenEndpoint(process.env, options.signal);
  const client = new EngineClient(endpoint);
  try {
    return await greet(client, options);
  } catch (refusal) {
    options.signal?.throwIfAborted();
    if (!isUnreachable(refusal)) throw refusal;
    // Only where nobody listens is there nothing to disturb: neither a wedged engine nor one that
    // we may not talk to gets a second one beside it.
    if (!nobodyListens(refusal)) throw noEngine(endpoint, refusal);
    const other = endpoint.source === "default" ? await findElsewhere() : undefined;
    if (other !== undefined) return greet(new EngineClient(other), options);
    const plan = options.startEngine ? planEngineStart(endpoint) : undefined;
    if (plan === undefined) throw noEngine(endpoint, refusal);
    options.emit({ type: "engine:starting", how: plan.how });
    return startEngine(plan, () => greet(client, options), options.signal);
  }
}

async function greet(client: EngineClient, options: ConnectOptions): Promise<ConnectedEngine> {
  const info = await client.info(ANSWER_MS, options.signal);
  const { version } = info;
  options.emit({ type: "engine:found", endpoint: client.endpoint.url, engineVersion: version });
  return { client, ...info, events: new EngineEvents(client) };
}

async function chosenEndpoint(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<EngineEndpoint> {
  const host = env["DOCKER_HOST"];
  if (host) return parseEndpoint(host, "DOCKER_HOST", env);
  const context = currentContext(env);
  if (context === undefined) return parseEndpoint(DEFAULT_URL, "default", env);
  const { execa } = await import("execa");
  const format = "{{.Endpoints.docker.Host}}";
  const result = await execa("docker", ["context", "inspect", "--format", format, "--", context], {
    reject: false,
    timeout: ANSWER_MS,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (result.failed) {
    throw new RealServicesError(
      "REAL_SERVICES_NO_ENGINE",
      `Docker's context “${context}” cannot be read: ${result.stderr.trim() || result.shortMessage}`,
      { received: context, hint: "See `docker context ls`, or set DOCKER_HOST.", cause: result },
    );
  }
  const endpoint = parseEndpoint(result.stdout.trim(), "context", env);
  // The CLI takes certificates from its context, which DOCKER_HOST would override.
  return { ...endpoint, cliEnv: { DOCKER_CONTEXT: context } };
}

async function findElsewhere(): Promise<EngineEndpoint | undefined> {
  try {
    const { getContainerRuntimeClient } = await import("testcontainers");
    const { modem } = (await getContainerRuntimeClient()).container.dockerode;
    if (!("socketPath" in modem) || typeof modem.socketPath !== "string") return undefined;
    const scheme = process.platform === "win32" ? "npipe" : "unix";
    return parseEndpoint(`${scheme}://${modem.socketPath}`, "testcontainers", process.env);
  } catch {
    return undefined;
  }
}

/**
 * The codes of the network, of TLS and of the HTTP parser are in capitals; a server that is no
 * engine has a status; a deadline has an error of our own. Anything else is a defect.
 */
function isUnreachable(error: unknown): boolean {
  if (error instanceof RealServicesError) return error.code === "REAL_SERVICES_ENGINE_FAILED";
  if (error instanceof TypeError) return false;
  return engineStatus(error) !== undefined || /^[A-Z][A-Z_]+$/.test(errorCode(error));
}

function nobodyListens(error: unknown): boolean {
  return ["ENOENT", "ECONNREFUSED"].includes(errorCode(error));
}

function isForbidden(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(errorCode(error));
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function noEngine(endpoint: EngineEndpoint, cause: unknown): RealServicesError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const hint = isForbidden(cause)
    ? "Add yourself to the group that owns the socket: `sudo usermod -aG docker $USER`, then log in again."
    : endpoint.source === "DOCKER_HOST"
      ? "DOCKER_HOST points there: start that engine, or unset DOCKER_HOST."
      : startHint();
  return new RealServicesError(
    "REAL_SERVICES_NO_ENGINE",
    `No Docker engine answers at ${endpoint.url}: ${said}`,
    { received: endpoint.url, hint, cause },
  );
}

function startHint(): string {
  if (process.platform === "darwin") return "Start Docker Desktop, or `colima start`.";
  if (process.platform === "win32") return "Start Docker Desktop.";
  return "Install and start Docker Engine: `sudo systemctl start docker`, or `sudo dockerd`.";
}
