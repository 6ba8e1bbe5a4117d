import type { Greeting } from "../../services/service-kind.ts";

/** Whether it serves; “other” when it may speak something else than its kind usually does. */
export type Verdict = boolean | "other";

/** What a client says first, and how to tell a service that serves from one that is not there yet. */
export interface Conversation {
  /** Undefined where the service speaks first. */
  readonly hello: Buffer | undefined;
  /** Undefined while the answer is not complete. */
  readonly serves: (answer: Buffer) => Verdict | undefined;
  /** What it means to be left without an answer. @default false */
  readonly hangsUp?: Verdict;
}

/** @param user whom a PostgreSQL server knows: it logs the attempts of a stranger */
export function conversation(greeting: Greeting, user: string): Conversation {
  switch (greeting) {
    case "postgres":
      return { hello: postgresStartup(user), serves: postgresServes };
    case "redis":
      return {
        hello: Buffer.from("PING\r\n"),
        // Whoever asks for a password serves; only LOADING means that the data is still read.
        serves: (answer) => (answer.length < 4 ? undefined : !/^-LOADING/.test(answer.toString())),
      };
    case "mysql":
      // Length and number of the packet, then version 10 of the protocol; 255 is an error.
      return { hello: undefined, serves: (answer) => atLeast(answer, 5, answer[4] === 10) };
    case "amqp":
      return {
        hello: Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]),
        // A method frame, or the header of a version that the server prefers.
        serves: (answer) => atLeast(answer, 1, answer[0] === 1 || answer[0] === 0x41),
      };
    case "http":
      return {
        hello: Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        serves: httpServes,
        // As many do who speak TLS: Elasticsearch and OpenSearch by default.
        hangsUp: "other",
      };
  }
}

function atLeast(answer: Buffer, length: number, serves: boolean): boolean | undefined {
  return answer.length < length ? undefined : serves;
}

/** Protocol 3.0; https://www.postgresql.org/docs/current/protocol-message-formats.html */
function postgresStartup(user: string): Buffer {
  const parameters = Buffer.from(`user\0${user}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, parameters]);
}

/** Any answer but “cannot connect now”: an error about the login comes from a server that serves. */
function postgresServes(answer: Buffer): boolean | undefined {
  if (answer.length < 5) return undefined;
  if (answer[0] !== 0x45) return true;
  if (answer.length < answer.readInt32BE(1) + 1) return undefined;
  return !answer.includes("\0C57P03\0");
}

/** A server that is up and says so; 5xx is what proxies and slow starters answer before that. */
function httpServes(answer: Buffer): Verdict | undefined {
  const beginning = answer.subarray(0, 5).toString("latin1");
  if (!"HTTP/".startsWith(beginning)) return "other";
  if (answer.length < 12) return undefined;
  const status = /^HTTP\/\d\.\d (\d{3})/.exec(answer.subarray(0, 12).toString("latin1"))?.[1];
  return status !== undefined && Number(status) < 500;
}
