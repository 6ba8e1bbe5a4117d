import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

const SOCKET = (process.env["DOCKER_HOST"] ?? "").match(/^unix:\/\/(.+)/)?.[1];
const agent = new Agent({ keepAlive: true });

/** One call of the engine's API, and nothing around it. */
export async function call(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<string> {
  const response = await send(method, path, body);
  const answer = await text(response);
  const { statusCode = 0 } = response;
  if (statusCode < 400) return answer;
  throw new Error(`${method} ${path}: ${statusCode} ${answer}`);
}

function send(method: string, path: string, body: unknown): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const socketPath = SOCKET ?? "/var/run/docker.sock";
  const outgoing = request({ agent, socketPath, method, path: `/v1.44${path}`, headers }, resolve);
  outgoing.on("error", reject);
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
