import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";

export interface SshAddress {
  readonly username: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
}

const CONNECT_SECONDS = 30;

/**
 * Reaches an engine as the docker CLI does: `ssh` runs `docker system dial-stdio` there, one for each
 * connection, with the keys and the configuration that the user has for ssh.
 */
export function connectBySsh({ username, host = "", port }: SshAddress): Agent {
  const args = [
    ...["-o", `ConnectTimeout=${CONNECT_SECONDS}`, "-T"],
    ...(username ? ["-l", username] : []),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...["--", host, "docker", "system", "dial-stdio"],
  ];
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = () => {
    const child = spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    // Its pipes break before it ends, and only then is known why.
    const heard = child.stdout.pipe(new PassThrough(), { end: false });
    const spoken = new PassThrough();
    spoken.pipe(child.stdin).on("error", () => {});
    const stream = Duplex.from({ readable: heard, writable: spoken });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-1_000);
    });
    child.once("error", (error) => stream.destroy(error));
    child.once("close", (code) => (code === 0 ? heard.end() : stream.destroy(sshFailed(said))));
    stream.once("close", () => child.kill());
    // As a socket has it: a stream that is only listened to keeps no process alive.
    const unref = () => {
      child.unref();
      for (const pipe of [child.stdin, child.stdout, child.stderr]) {
        if (pipe instanceof Socket) pipe.unref();
      }
    };
    return Object.assign(stream, { unref });
  };
  return agent;
}

/** With a code as the network's errors have it: the engine was not reached. */
function sshFailed(said: string): Error {
  return Object.assign(new Error(said.trim() || "ssh ended"), { code: "ESSH" });
}
