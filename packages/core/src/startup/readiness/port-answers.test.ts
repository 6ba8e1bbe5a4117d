import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { conversation } from "./greetings.ts";
import { portAnswers } from "./port-answers.ts";

const HTTP = conversation("http", "app");
const forever = new AbortController().signal;

/** What a client that says hello in HTTP makes of a server. */
async function verdictOn(server: Server): Promise<boolean> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("It does not listen.");
    return await portAnswers("127.0.0.1", address.port, HTTP, forever);
  } finally {
    server.close();
  }
}

test.each<[string, () => Server, boolean]>([
  ["one that serves", () => createHttpServer((_, answer) => answer.end("hello")), true],
  ["one that is not there yet", () => createHttpServer((_, to) => to.writeHead(503).end()), false],
  ["one that speaks TLS", () => createTlsServer(), true],
  ["the engine's proxy alone: accepts, then hangs up", () => createServer((it) => it.end()), false],
  [
    "one that hangs up on whom it does not understand",
    () => createServer((socket) => socket.once("data", () => socket.destroy())),
    true,
  ],
])("where HTTP is expected, %s", async (_case, create, expected) => {
  expect(await verdictOn(create())).toBe(expected);
});

test("a hang-up that comes while this process is busy is heard before the verdict", async () => {
  const hangsUp = `
    const { parentPort } = require("node:worker_threads");
    const server = require("node:net").createServer((socket) => setTimeout(() => socket.end(), 120));
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(hangsUp, { eval: true });
  try {
    const [port] = await once(worker, "message");
    const answers = portAnswers("127.0.0.1", port, undefined, forever);
    const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    // Not in a timer: after one, Node hears the network before it runs the next.
    setTimeout(() => setImmediate(block), 80);
    expect(await answers).toBe(false);
  } finally {
    await worker.terminate();
  }
});
