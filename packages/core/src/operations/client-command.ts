import type { ContainerAccount } from "../engine/engine-shapes.ts";
import { kindOfImage } from "../services/service-kind.ts";

/** The command that a person would type inside the container to talk to the service. */
export interface ClientCommand {
  readonly command: readonly string[];
  /** Given to the command beside the container's own variables. */
  readonly env: Readonly<Record<string, string>>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** By the name of the kind of service. Passwords go through variables where the client reads one. */
const CLIENTS: Readonly<
  Record<string, (env: Variables, command: readonly string[]) => ClientCommand>
> = {
  postgres: (env) => {
    const user = env["POSTGRES_USER"] ?? "postgres";
    const password = env["POSTGRES_PASSWORD"];
    return {
      command: ["psql", "-U", user, "-d", env["POSTGRES_DB"] ?? user],
      env: password === undefined ? {} : { PGPASSWORD: password },
    };
  },
  redis: (env, command) => {
    const at = command.indexOf("--requirepass");
    const password = at === -1 ? env["REDIS_PASSWORD"] : command[at + 1];
    return {
      command: ["redis-cli"],
      env: password === undefined ? {} : { REDISCLI_AUTH: password },
    };
  },
  clickhouse: (env) => {
    const password = env["CLICKHOUSE_PASSWORD"];
    const database = env["CLICKHOUSE_DB"];
    return {
      command: [
        "clickhouse-client",
        ...["--user", env["CLICKHOUSE_USER"] ?? "default"],
        ...(database === undefined ? [] : ["--database", database]),
      ],
      env: password === undefined ? {} : { CLICKHOUSE_PASSWORD: password },
    };
  },
  mysql: (env) => {
    const user = env["MYSQL_USER"] ?? env["MARIADB_USER"];
    const password =
      user === undefined
        ? (env["MYSQL_ROOT_PASSWORD"] ?? env["MARIADB_ROOT_PASSWORD"])
        : (env["MYSQL_PASSWORD"] ?? env["MARIADB_PASSWORD"]);
    const database = env["MYSQL_DATABASE"] ?? env["MARIADB_DATABASE"];
    return {
      command: ["mysql", `--user=${user ?? "root"}`, ...(database === undefined ? [] : [database])],
      env: password === undefined ? {} : { MYSQL_PWD: password },
    };
  },
};

/** Undefined for a service whose client we do not know. */
export function clientCommand(
  container: Pick<ContainerAccount, "image" | "env" | "command">,
): ClientCommand | undefined {
  const kind = kindOfImage(container.image);
  return kind === undefined ? undefined : CLIENTS[kind.name]?.(container.env, container.command);
}

export const CLIENT_KINDS: readonly string[] = Object.keys(CLIENTS);
