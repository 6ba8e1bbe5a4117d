import { type Agent, type IncomingMessage, request as requestPlain } from "node:http";
import { Socket } from "node:net";
import { connectBySsh } from "./connect-by-ssh.ts";
import { withDeadline } from "./deadline.ts";
import type { EngineEndpoint } from "./endpoint.ts";

/** Longest time for one call that the engine answers at once. */
const CALL_MS = 30_000;
/** A stream may be silent for hours. A host that went without a word is noticed by its connection. */
const KEEPALIVE_MS = 30_000;

export interface EngineRequest {
  /** What the engine is asked to do, for the error. */
  readonly what: string;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Its parts that come from outside are encoded by whoever puts them in. */
  readonly path: string;
  /** What is undefined is left out; an object is sent as JSON. */
  readonly query?: Readonly<Record<string, string | number | boolean | object | undefined>>;
  /** A buffer is a tar archive, anything else is sent as JSON. */
  readonly body?: object | Buffer;
  readonly signal?: AbortSignal | undefined;
  /** Until the answer, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
}

/** The engine said no, in its own words. */
export class EngineRefusal extends Error {
  override readonly name = "EngineRefusal";
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/**
 * HTTP to an engine, by Node's own client: whatever loads dockerode is busy for 0.2 s with gRPC and
 * SSH that nothing here needs, in front of every start.
 */
export class EngineHttp {
  readonly #endpoint: EngineEndpoint;
  #agent: Agent | undefined;

  constructor(endpoint: EngineEndpoint) {
    this.#endpoint = endpoint;
  }

  /** The answer, which is JSON. Throws EngineRefusal, or what the connection threw. */
  async json<T>(request: EngineRequest): Promise<T> {
    return JSON.parse((await this.bytes(request)).toString("utf8"));
  }

  /** The whole answer. */
  bytes(request: EngineRequest): Promise<Buffer> {
    return this.#within(request, async (signal) => readAll(await this.#send(request, signal)));
  }

  /** The answer's body as it comes: the deadline is its head's, the signal ends it at any time. */
  async open(request: EngineRequest): Promise<IncomingMessage> {
    const ended = new AbortController();
    const { signal = ended.signal } = request;
    return this.#within(request, async (head) => {
      const giveUp = () => ended.abort(head.reason);
      head.addEventListener("abort", giveUp, { once: true });
      try {
        return await this.#send(request, AbortSignal.any([signal, ended.signal]));
      } finally {
        head.removeEventListener("abort", giveUp);
      }
    });
  }

  #within<T>(request: EngineRequest, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { what, signal, timeoutMs = CALL_MS } = request;
    return withDeadline({ what, url: this.#endpoint.url, signal, timeoutMs }, act);
  }

  async #send(
    { method = "GET", path, query, body }: EngineRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const isArchive = Buffer.isBuffer(body);
    const sent = isArchive || body === undefined ? body : Buffer.from(JSON.stringify(body));
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = await this.#dial({
      method,
      path: `${path}${writeQuery(query)}`,
      headers: {
        "content-length": sent?.length ?? 0,
        ...(sent && { "content-type": isArchive ? "application/x-tar" : "application/json" }),
      },
      signal,
    });
    request.once("socket", (socket) => {
      // Node's own default leaves out TLS. The way through ssh is for the user's settings of ssh.
      if (socket instanceof Socket) socket.setKeepAlive(true, KEEPALIVE_MS);
    });
    request.once("response", resolve).on("error", reject).end(sent);
    const response = await promise;
    const { statusCode = 0 } = response;
    // 304: it was started or stopped already.
    if (statusCode < 400) return response;
    throw new EngineRefusal(statusCode, messageOf(await readAll(response)));
  }

  async #dial(options: object) {
    const { protocol, username, host, port, ...connection } = this.#endpoint.connection;
    if (protocol === "ssh") {
      this.#agent ??= connectBySsh({ username, host, port });
      return requestPlain({ ...options, agent: this.#agent });
    }
    const address = { ...options, ...connection, host, port };
    if (protocol !== "https") return requestPlain(address);
    const { request: requestEncrypted } = await import("node:https");
    return requestEncrypted(address);
  }
}

/** The path of a container, or of something of it. */
export function containerPath(id: string, what?: string): string {
  const path = `/containers/${encodeURIComponent(id)}`;
  return what === undefined ? path : `${path}/${what}`;
}

function writeQuery(query: EngineRequest["query"] = {}): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    written.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  return written.size === 0 ? "" : `?${written}`;
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What is in the way may be a proxy, which does not speak the engine's JSON. */
function messageOf(body: Buffer): string {
  const text = body.toString("utf8").trim();
  try {
    const { message } = JSON.parse(text);
    return String(message ?? text);
  } catch {
    return text;
  }
}
