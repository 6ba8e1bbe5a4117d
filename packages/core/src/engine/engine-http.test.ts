import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isKeptAlive } from "../../test/tcp-timer.ts";
import { parseEndpoint } from "./endpoint.ts";
import { EngineHttp } from "./engine-http.ts";

/** Takes every connection, reads all that it is sent, and answers with what it is given, if anything. */
async function engine(where: { path: string } | { port: number; host: string }, answer = "") {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => {});
    socket.on("data", () => answer !== "" && socket.write(answer));
  });
  await once(server.listen(where), "listening");
  return {
    open,
    server,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

describe("an engine that takes a call and does not answer", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-http-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
  const call = { what: "info", path: "/info", timeoutMs: 50 };
  const late = (url: string) => ({
    code: "REAL_SERVICES_ENGINE_FAILED",
    message: `The engine at ${url} did not answer “info” within 0.05 s.`,
    hint: expect.stringContaining("docker ps"),
  });

  test.each([
    ["not a byte", "", ["json", "open"]],
    ["its head and no body", HEAD, ["json"]],
  ] as const)("%s: the call ends with its deadline, and hangs up", async (_name, answer, ways) => {
    const path = join(folder, "engine.sock");
    const url = `unix://${path}`;
    await using silent = await engine({ path }, answer);
    const http = new EngineHttp(parseEndpoint(url, "DOCKER_HOST", {}));
    for (const way of ways) {
      const connected = once(silent.server, "connection");
      const ending = expect(http[way](call)).rejects.toMatchObject(late(url));
      const [socket] = await connected;
      const closed = once(socket, "close");
      await ending;
      await closed;
    }
    expect(silent.open.size).toBe(0);
  });

  test("whoever gives up first gets his own reason", async () => {
    const path = join(folder, "engine.sock");
    await using _silent = await engine({ path });
    const http = new EngineHttp(parseEndpoint(`unix://${path}`, "DOCKER_HOST", {}));
    const gaveUp = new Error("No longer needed.");
    const giving = new AbortController();
    const ending = expect(http.json({ ...call, timeoutMs: 30_000, signal: giving.signal }));
    giving.abort(gaveUp);
    await ending.rejects.toBe(gaveUp);
  });
});

test.runIf(process.platform === "linux")(
  "a host that is gone for good is noticed by its connection, however long a stream is silent",
  async () => {
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    await using host = await engine({ port: 0, host: "127.0.0.1" }, head);
    const address = host.server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const http = new EngineHttp(parseEndpoint(`tcp://127.0.0.1:${port}`, "DOCKER_HOST", {}));
    const { socket } = await http.open({ what: "watch events", path: "/events" });
    await vi.waitFor(() => expect(isKeptAlive(socket.localPort, port)).toBe(true));
    socket.destroy();
  },
);
