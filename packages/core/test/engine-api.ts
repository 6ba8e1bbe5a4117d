import { request } from "node:http";
import { text } from "node:stream/consumers";

const LABEL = "real-services.environment";

/** As the machine has it: a test may point its own calls elsewhere. */
const MACHINE = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

/** Something of an environment that is on an engine. */
export interface Labelled {
  readonly what: "container" | "network" | "volume";
  /** The full id of a container or network, the name of a volume. */
  readonly id: string;
  readonly environment: string;
}

/**
 * Everything on an engine that carries our label, and volumes that have none but a name such as an
 * environment gives: the engine makes them for containers whose volumes are gone. Asked of the engine itself: who looks again and
 * again with the docker command keeps a processor busy.
 * @param host as in DOCKER_HOST, @default the machine's own engine
 */
export async function listLabelled(host = MACHINE): Promise<Labelled[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [LABEL] }));
  const [containers, networks, volumes] = await Promise.all([
    get<Item[]>(host, `/containers/json?all=true&filters=${filters}`),
    get<Item[]>(host, `/networks?filters=${filters}`),
    get<{ Volumes: Item[] | null }>(host, "/volumes"),
  ]);
  const named = (what: Labelled["what"], items: readonly Item[]) =>
    items.map(({ Id, Name, Labels }) => ({
      what,
      id: Id ?? Name ?? "",
      environment: Labels?.[LABEL] ?? Name?.split("_")[0] ?? "",
    }));
  return [
    ...named("container", containers),
    ...named("network", networks),
    ...named("volume", volumes.Volumes ?? []),
  ];
}

interface Item {
  readonly Id?: string;
  readonly Name?: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

async function get<T>(host: string, path: string): Promise<T> {
  const url = new URL(host);
  const where =
    url.protocol === "unix:"
      ? { socketPath: url.pathname }
      : { host: url.hostname, port: url.port };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A connection of its own: one that is kept may be gone when the engine is.
  const outgoing = request({ ...where, path, agent: false }, (response) => {
    text(response).then(resolve, reject);
  });
  outgoing.on("error", reject);
  outgoing.end();
  return JSON.parse(await promise);
}
