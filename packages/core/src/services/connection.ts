import type { PublishedPort, ServiceInfo } from "../environment.ts";
import type { ComposeService } from "../stack/model.ts";
import { kindOfImage } from "./service-kind.ts";

/** A kind of service whose connection string we know how to write. */
interface ConnectionKind {
  /** As `kindOfImage` names it. */
  readonly name: string;
  /** The port inside the container that its clients use. */
  readonly port: number;
  url(address: string, environment: Environment): string;
}

type Environment = (name: string) => string | undefined;

const KINDS: readonly ConnectionKind[] = [
  {
    name: "postgres",
    port: 5432,
    url: (address, env) => {
      const user = env("POSTGRES_USER") ?? "postgres";
      const login = credentials(user, env("POSTGRES_PASSWORD"));
      return `postgres://${login}${address}/${encodeURIComponent(env("POSTGRES_DB") ?? user)}`;
    },
  },
  {
    name: "redis",
    port: 6379,
    url: (address, env) => {
      const password = env("REDIS_PASSWORD") ?? env("command:--requirepass");
      return `redis://${password === undefined ? "" : credentials("", password)}${address}`;
    },
  },
  {
    name: "clickhouse",
    port: 8123,
    url: (address, env) => {
      const user = env("CLICKHOUSE_USER");
      const login = user === undefined ? "" : credentials(user, env("CLICKHOUSE_PASSWORD"));
      const database = env("CLICKHOUSE_DB");
      return `http://${login}${address}${database === undefined ? "" : `/${encodeURIComponent(database)}`}`;
    },
  },
];

/** Ports whose protocols are not HTTP; behind every other published TCP port we assume it. */
const NOT_HTTP = new Set([
  21, 22, 25, 53, 110, 143, 389, 465, 587, 636, 993, 1433, 1521, 1883, 2181, 3306, 4222, 5432, 5671,
  5672, 6379, 8883, 9000, 9042, 9092, 9094, 11211, 26379, 27017, 33060, 50051,
]);

/** What a test needs to reach a service, from its definition and the ports that were bound. */
export function describeService(
  name: string,
  definition: ComposeService,
  ports: readonly PublishedPort[],
  containers: readonly string[],
): ServiceInfo {
  const image = definition.image ?? "";
  const kind = kindOf(image, ports);
  const tcp = ports.filter((port) => port.protocol === "tcp");
  const main = tcp.find((port) => port.containerPort === kind?.port) ?? tcp[0] ?? ports[0];
  return {
    name,
    image,
    host: main?.host,
    port: main?.port,
    url: main === undefined ? undefined : urlOf(main, kind, definition),
    ports,
    containers,
  };
}

function kindOf(image: string, ports: readonly PublishedPort[]): ConnectionKind | undefined {
  const name = kindOfImage(image)?.name;
  const publishes = (kind: ConnectionKind) =>
    ports.some((port) => port.protocol === "tcp" && port.containerPort === kind.port);
  // The port has to agree: more than one may be published.
  return (
    KINDS.find((kind) => kind.name === name && publishes(kind)) ??
    KINDS.find((kind) => kind.port !== 8123 && publishes(kind))
  );
}

function urlOf(
  port: PublishedPort,
  kind: ConnectionKind | undefined,
  definition: ComposeService,
): string | undefined {
  if (port.protocol !== "tcp") return undefined;
  const address = `${port.host}:${port.port}`;
  if (kind !== undefined && port.containerPort === kind.port) {
    return kind.url(address, (name) => readVariable(definition, name));
  }
  return NOT_HTTP.has(port.containerPort) ? undefined : `http://${address}`;
}

/** `command:--flag` reads the word after a flag of the command. Compose's model doubles dollars. */
function readVariable(definition: ComposeService, name: string): string | undefined {
  const flag = /^command:(.+)$/.exec(name)?.[1];
  const words = definition.command ?? [];
  const value =
    flag === undefined
      ? definition.environment?.[name]
      : words.includes(flag)
        ? words[words.indexOf(flag) + 1]
        : undefined;
  return value === undefined || value === null || value === ""
    ? undefined
    : value.replaceAll("$$", "$");
}

function credentials(user: string, password: string | undefined): string {
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`;
  return user === "" && secret === "" ? "" : `${encodeURIComponent(user)}${secret}@`;
}
