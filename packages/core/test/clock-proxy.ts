import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { join } from "node:path";

/** As the engine writes them; ours have milliseconds, or none. */
const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=\.\d{4,9}Z)/g;
const EVENT_TIME = /(?<="time":)\d{10}(?=,)|(?<="timeNano":)\d{10}(?=\d{9})/g;
const ASKED_TIME = /(?<=[?&]since=)\d{10}/g;

/**
 * Between us and this machine's engine: its clock is as far ahead of ours as is asked for, by what
 * it says of itself, of its events and of every line. All keep their size.
 */
export class ClockProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly url: string;
  aheadMs = 0;

  private constructor(path: string) {
    this.url = `unix://${path}`;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
  }

  static async listen(folder: string): Promise<ClockProxy> {
    const path = join(folder, "engine.sock");
    const proxy = new ClockProxy(path);
    proxy.#server.listen(path);
    await once(proxy.#server, "listening");
    return proxy;
  }

  #connect(client: Socket): void {
    const engine = dial({ path: "/var/run/docker.sock", allowHalfOpen: true });
    for (const socket of [client, engine]) {
      this.#open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#open.delete(socket);
        client.destroy();
        engine.destroy();
      });
    }
    // One character a byte: what is not a time goes through as it is.
    client.setEncoding("latin1").on("data", (text: string) => {
      engine.write(
        text.replace(ASKED_TIME, (time) => this.#shifted(time, -1)),
        "latin1",
      );
    });
    client.on("end", () => engine.end());
    engine.setEncoding("latin1").on("data", (text: string) => {
      const shifted = text
        .replace(STAMP, (time) => {
          const ms = Date.parse(`${time}Z`) + this.aheadMs;
          return new Date(ms).toISOString().slice(0, time.length);
        })
        .replace(EVENT_TIME, (time) => this.#shifted(time, 1));
      client.write(shifted, "latin1");
    });
    engine.on("end", () => client.end());
  }

  #shifted(seconds: string, direction: 1 | -1): string {
    return String(Number(seconds) + (direction * this.aheadMs) / 1_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
