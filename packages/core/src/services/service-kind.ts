/** How a client and a service of this kind say hello, for those that have a word for “not yet”. */
export type Greeting = "postgres" | "redis" | "mysql" | "amqp" | "http";

/** What we know of a kind of service before anybody tells us. */
export interface ServiceKind {
  readonly name: string;
  /** In the image's name, without registry and tag. */
  readonly image: RegExp;
  /** The port inside the container that its clients use. */
  readonly port: number;
  readonly greeting: Greeting;
  /**
   * The image runs a first server for its init scripts, which no other container can reach, then the
   * real one. A health check through the local socket passes on both (docker-library/postgres#146).
   */
  readonly startsTwice: boolean;
  /** Run inside, it reaches the real server alone. */
  readonly networkCheck?: readonly string[];
  /** Given to a service of this kind that has no limit of its own, in MiB. @default none */
  readonly memoryMiB?: number;
}

/**
 * An image's own name, the last part of its path, has one of these as a word: `postgres`,
 * `bitnami/postgresql-repmgr` and `my-postgres` do, `postgrest/postgrest` does not.
 */
function named(...words: readonly string[]): RegExp {
  return new RegExp(`(?:^|[/_.-])(?:${words.join("|")})\\d*(?:[_.-][^/]*)?$`);
}

const SERVICE_KINDS: readonly ServiceKind[] = [
  {
    name: "postgres",
    image: named("postgres", "postgresql", "postgis", "pgvector", "timescale", "timescaledb"),
    port: 5432,
    greeting: "postgres",
    startsTwice: true,
    networkCheck: ["pg_isready", "-q", "-h", "127.0.0.1"],
    memoryMiB: 512,
  },
  {
    name: "redis",
    image: named("redis", "valkey"),
    port: 6379,
    greeting: "redis",
    startsTwice: false,
    memoryMiB: 256,
  },
  {
    name: "clickhouse",
    image: named("clickhouse"),
    port: 8123,
    greeting: "http",
    startsTwice: true,
    memoryMiB: 1_024,
  },
  {
    name: "mysql",
    image: named("mysql", "mariadb", "percona"),
    port: 3306,
    greeting: "mysql",
    startsTwice: true,
    networkCheck: ["mysqladmin", "ping", "-h", "127.0.0.1", "--silent"],
  },
  { name: "rabbitmq", image: named("rabbitmq"), port: 5672, greeting: "amqp", startsTwice: false },
  ...(
    [
      ["nginx", 80],
      ["httpd", 80],
      ["caddy", 80],
      ["elasticsearch", 9200],
      ["opensearch", 9200],
      ["prometheus", 9090],
      ["grafana", 3000],
      ["minio", 9000],
      ["keycloak", 8080],
    ] as const
  ).map(([name, port]) => ({
    name,
    image: new RegExp(`(^|/)${name}$`),
    port,
    greeting: "http" as const,
    startsTwice: false,
  })),
];

/** Tools beside a service, and other services, named after it. */
const COMPANION =
  /(?:exporter|commander|insight|admin|backup|proxy|bouncer|meta|operator|keeper|router|sentinel|toolkit|mongo)[^/]*$|ui$/;

/** The kind that an image's name tells. Undefined for every other image. */
export function kindOfImage(image: string | undefined): ServiceKind | undefined {
  const repository = (image?.split("@")[0] ?? "").replace(/:[^:/]*$/, "");
  if (COMPANION.test(repository)) return undefined;
  return SERVICE_KINDS.find((kind) => kind.image.test(repository));
}
