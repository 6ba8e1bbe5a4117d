import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { RealServicesError } from "../errors.ts";

/** Where an engine listens, in the words of the docker CLI and in those of its API client. */
export interface EngineEndpoint {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`. */
  readonly url: string;
  /** Who named it: a variable of the environment, docker's context, the platform's default, or testcontainers. */
  readonly source: "DOCKER_HOST" | "context" | "default" | "testcontainers";
  readonly connection: EngineConnection;
  /** What the docker CLI needs in its environment to reach the same engine. */
  readonly cliEnv: Readonly<Record<string, string>>;
}

export interface EngineConnection {
  readonly socketPath?: string;
  readonly protocol?: "http" | "https" | "ssh";
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export const DEFAULT_URL =
  process.platform === "win32" ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock";

/** Turns the words of DOCKER_HOST into an endpoint. Throws REAL_SERVICES_NO_ENGINE when they make no sense. */
export function parseEndpoint(
  url: string,
  source: EngineEndpoint["source"],
  env: NodeJS.ProcessEnv,
): EngineEndpoint {
  const cliEnv = { DOCKER_HOST: url };
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(url)?.[1];
  if (socket !== undefined) {
    return { url, source, cliEnv, connection: { socketPath: socket } };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed?.hostname || !/^(tcp|http|https|ssh):$/.test(parsed.protocol)) {
    throw new RealServicesError("REAL_SERVICES_NO_ENGINE", "DOCKER_HOST is not an address.", {
      received: url,
      hint: "Use unix:///path/to/docker.sock, tcp://host:port or ssh://user@host, or unset it.",
    });
  }
  if (parsed.protocol === "ssh:") {
    const connection: EngineConnection = {
      protocol: "ssh",
      host: parsed.hostname,
      port: Number(parsed.port || 22),
      username: parsed.username,
    };
    return { url, source, cliEnv, connection };
  }
  const tls = parsed.protocol === "https:" || isOn(env["DOCKER_TLS_VERIFY"]);
  const connection: EngineConnection = {
    protocol: tls ? "https" : "http",
    host: parsed.hostname,
    port: Number(parsed.port || (tls ? 2376 : 2375)),
    ...(tls ? readCertificates(env) : {}),
  };
  return { url, source, cliEnv, connection };
}

/** The name of docker's context that is in use, undefined for the default one. */
export function currentContext(env: NodeJS.ProcessEnv): string | undefined {
  let name = env["DOCKER_CONTEXT"];
  if (!name) {
    try {
      const folder = env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
      const config: unknown = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
      if (typeof config === "object" && config !== null && "currentContext" in config) {
        name = String(config.currentContext);
      }
    } catch {
      // No configuration is the usual case, an unreadable one is the docker CLI's to report.
    }
  }
  return name === "" || name === "default" ? undefined : name;
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0";
}

function readCertificates(env: NodeJS.ProcessEnv): Partial<EngineConnection> {
  const folder = env["DOCKER_CERT_PATH"] ?? join(homedir(), ".docker");
  const read = (name: string) => readFileSync(join(folder, name));
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
