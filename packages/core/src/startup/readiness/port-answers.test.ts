import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect, test } from "vitest";
import { conversation } from "./greetings.ts";
import { portAnswers } from "./port-answers.ts";

const HTTP = conversation("http", "app");
const forever = new AbortController().signal;

/** What a client with these words makes of a server. */
async function verdictOn(server: Server, words: typeof HTTP | undefined): Promise<boolean> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("It does not listen.");
    return await portAnswers("127.0.0.1", address.port, words, forever);
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
  expect(await verdictOn(create(), HTTP)).toBe(expected);
});

test("a hang-up that comes while this process is busy is heard before the verdict", async () => {
  const busy = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  const server = createServer((socket) => {
    // By then the client knows as well that it is connected.
    setImmediate(() =>
      setImmediate(() => {
        busy();
        socket.end();
      }),
    );
  });
  expect(await verdictOn(server, undefined)).toBe(false);
});
