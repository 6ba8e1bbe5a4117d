import { mkdtempSync, rmSync } from "node:fs";
import { createServer, get, type IncomingMessage, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";

export interface EngineView {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Names of the environments that have anything there, in order. */
  readonly environments: () => Promise<string[]>;
  /** Keeps back the answers to requests such as `POST /v1.44/containers/…/restart`. */
  readonly hold: (pattern: RegExp) => Hold;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Hold {
  /** When the first of the requests has come. */
  readonly reached: Promise<void>;
  /** The answers go on, and whatever comes later. */
  readonly release: () => void;
}

const LISTS = ["/containers/json?all=1", "/networks", "/volumes"];

/**
 * The real engine, as if nobody else used it: its lists hold only environments and images whose
 * names begin with the prefix. What a command says of “the only environment” can be tested no other way.
 */
export async function openEngineView(prefix: string): Promise<EngineView> {
  const folder = mkdtempSync(join(tmpdir(), "engine-view-"));
  const socket = join(folder, "docker.sock");
  let held: HeldRequests | undefined;
  const server = createServer((question, response) => {
    const isHeld = held?.pattern.test(`${question.method} ${question.url}`) === true;
    const mayAnswer = isHeld ? held?.released.promise : undefined;
    if (isHeld) held?.reached.resolve();
    forward(question, response, prefix, mayAnswer).catch((error: unknown) =>
      response.destroy(toError(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    environments: async () => {
      const lists = await Promise.all(LISTS.map((path) => read(path)));
      const names = lists.flat().flatMap((item) => environmentOf(item) ?? []);
      return [...new Set(names.filter((name) => name.startsWith(`${prefix}-`)))].sort();
    },
    hold: (pattern) => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      held = { pattern, reached, released };
      const release = () => {
        held = undefined;
        released.resolve();
      };
      return { reached: reached.promise, release };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface HeldRequests {
  readonly pattern: RegExp;
  readonly reached: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
}

async function forward(
  question: IncomingMessage,
  response: ServerResponse,
  prefix: string,
  mayAnswer: Promise<void> | undefined,
): Promise<void> {
  const { url = "", method = "GET", headers } = question;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const upstream = request({ ...engine(), path: url, method, headers }, resolve);
  question.pipe(upstream.on("error", reject));
  // As the engine would see it: whoever asked has gone.
  response.once("close", () => upstream.destroy());
  const answer = await promise;
  await mayAnswer;
  const status = answer.statusCode ?? 500;
  if (!/\/(containers\/json|images\/json|networks|volumes)(\?|$)/.test(url) || status !== 200) {
    // At once: a stream of events may have nothing to say for long.
    response.writeHead(status, answer.headers).flushHeaders();
    answer.pipe(response);
    return;
  }
  const body = JSON.stringify(onlyOf(prefix, await json(answer)));
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

interface Labelled {
  readonly Labels?: Readonly<Record<string, string>> | null;
  /** Of images. */
  readonly RepoTags?: readonly string[] | null;
}

function environmentOf({ Labels: labels }: Labelled): string | undefined {
  return labels?.["real-services.environment"];
}

function onlyOf(prefix: string, list: unknown): unknown {
  const isOwn = (item: Labelled) =>
    [environmentOf(item), ...(item.RepoTags ?? [])].some((name) => name?.startsWith(`${prefix}-`));
  if (Array.isArray(list)) return list.filter(isOwn);
  return { Volumes: volumesOf(list).filter(isOwn) };
}

/** Of all lists, that of the volumes alone is in an object. */
function volumesOf(answer: unknown): Labelled[] {
  if (typeof answer !== "object" || answer === null || !("Volumes" in answer)) return [];
  return Array.isArray(answer.Volumes) ? answer.Volumes : [];
}

async function read(path: string): Promise<Labelled[]> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get({ ...engine(), path }, resolve).on("error", reject);
  const answer = await json(await promise);
  return Array.isArray(answer) ? answer : volumesOf(answer);
}

/** Where the real one listens. */
function engine(): { socketPath: string } | { host: string; port: string } {
  const { protocol, pathname, hostname, port } = new URL(
    process.env["DOCKER_HOST"] || "unix:///var/run/docker.sock",
  );
  return protocol === "unix:" ? { socketPath: pathname } : { host: hostname, port };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
