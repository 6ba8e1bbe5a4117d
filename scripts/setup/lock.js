import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * A loopback port is the lock: the kernel gives it to one process at a time and takes it back
 * whatever becomes of that process, so there is no stale lock to detect. The port lies below the
 * range that environments lease from.
 */
const address = { host: "127.0.0.1", port: 29_917 };
const greeting = "real-services setup";

/**
 * Waits until no other set-up runs on this machine: there is one engine and one apt, however many
 * working copies.
 *
 * @param {(pid: string) => void} onWait called for each process that has to be waited for
 */
export async function acquireLock(onWait) {
  for (;;) {
    const server = createServer((socket) => {
      // The other side may go away at any time.
      socket.on("error", () => {});
      socket.write(`${greeting} ${process.pid}\n`);
    });
    server.listen({ ...address, exclusive: true });
    try {
      await once(server, "listening");
      // The lock ends with the process; it does not keep the process alive.
      server.unref();
      server.on("connection", (socket) => socket.unref());
      return;
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
    }
    if (!(await otherEnds(onWait))) return;
  }
}

/**
 * Resolves when the other set-up has ended: with its process the connection goes.
 *
 * @returns {Promise<boolean>} false when something else has the port: then there is no lock to
 *   have, and two set-ups at the same time are too rare to refuse the one
 */
function otherEnds(onWait) {
  return new Promise((resolve) => {
    const socket = connect(address).setEncoding("utf8").setTimeout(2_000);
    let ours = true;
    socket.once("data", (text) => {
      ours = text.startsWith(greeting);
      if (!ours) return socket.destroy();
      socket.setTimeout(0);
      onWait(text.slice(greeting.length).trim());
    });
    socket.once("timeout", () => {
      ours = false;
      socket.destroy();
    });
    socket.on("error", () => {});
    socket.once("close", () => resolve(ours));
  });
}
