import type { EngineClient } from "../engine/client.ts";
import type { ContainerAccount } from "../engine/engine-shapes.ts";
import { engineStatus } from "../engine/engine-status.ts";
import { readLookUp, readOpening, type ToolResult } from "./network-tools.ts";

/** One step on the way from one service to another. */
export interface NetworkStep {
  readonly step: "running" | "network" | "resolve" | "open";
  readonly ok: boolean;
  readonly detail: string;
}

export interface NetworkCheck {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly NetworkStep[];
  /** The step at which it breaks; undefined when all is well. */
  readonly breaksAt: NetworkStep["step"] | undefined;
}

const ANSWER_MS = 10_000;

/** Commands that look a name up, and how each says the address. The first one that the image has is used. */
const RESOLVERS: readonly ((name: string) => readonly string[])[] = [
  (name) => ["getent", "hosts", name],
  (name) => ["nslookup", name],
  (name) => [
    "node",
    "-e",
    'require("dns").lookup(process.argv[1],(e,a)=>{if(e)throw e;console.log(a)})',
    name,
  ],
  (name) => ["python3", "-c", "import socket,sys;print(socket.gethostbyname(sys.argv[1]))", name],
  (name) => [
    "perl",
    "-MSocket",
    "-e",
    'print inet_ntoa(inet_aton($ARGV[0]) or die "unknown")',
    name,
  ],
];

/** Commands that open a TCP connection and close it again. */
const OPENERS: readonly ((name: string, port: string) => readonly string[])[] = [
  (name, port) => ["nc", "-z", "-w", "3", name, port],
  (name, port) => ["timeout", "3", "bash", "-c", 'exec 3<>"/dev/tcp/$0/$1"', name, port],
  (name, port) => [
    "node",
    "-e",
    'require("net").connect(+process.argv[2],process.argv[1],()=>process.exit()).on("error",(e)=>{console.log(e.message);process.exit(1)})',
    name,
    port,
  ],
  (name, port) => [
    "python3",
    "-c",
    "import socket,sys;socket.create_connection((sys.argv[1],int(sys.argv[2])),3)",
    name,
    port,
  ],
  (name, port) => [
    "perl",
    "-MIO::Socket::INET",
    "-e",
    'IO::Socket::INET->new(PeerAddr=>"$ARGV[0]:$ARGV[1]",Timeout=>3) or die "$@"',
    name,
    port,
  ],
];

/**
 * Whether one service can use another, from inside the first: both run, they share a network, the
 * name resolves to the right address, the ports open. Stops where it breaks.
 */
export async function checkNetwork(
  engine: EngineClient,
  from: { readonly service: string; readonly container: ContainerAccount },
  to: { readonly service: string; readonly container: ContainerAccount },
  ports: readonly number[],
  signal?: AbortSignal,
): Promise<NetworkCheck> {
  const steps: NetworkStep[] = [];
  const add = (step: NetworkStep["step"], ok: boolean, detail: string): boolean => {
    steps.push({ step, ok, detail });
    return ok;
  };
  const report = (): NetworkCheck => ({
    from: from.service,
    to: to.service,
    steps,
    breaksAt: steps.find(({ ok }) => !ok)?.step,
  });
  for (const { service, container } of [from, to]) {
    if (!add("running", container.state === "running", `${service} is ${container.state}`)) {
      return report();
    }
  }
  const shared = sharedNetworks(from.container, to.container);
  const between = shared.length === 0 ? "they share no network" : shared.join(", ");
  if (!add("network", shared.length > 0, between)) return report();

  const run = (commands: readonly (readonly string[])[]) =>
    firstThatRuns(engine, from.container.id, commands, signal);
  const addresses = shared.map((name) => to.container.networks[name] ?? "");
  const looked = await run(RESOLVERS.map((command) => command(to.service)));
  // An image without any tool can still reach the other by its address.
  if (looked === undefined) add("resolve", true, "not tried: the image has no tool for it");
  else {
    const { ok, detail } = readLookUp(to.service, looked, addresses);
    if (!add("resolve", ok, detail)) return report();
  }
  for (const port of ports) {
    const opened = await run(OPENERS.map((command) => command(to.service, String(port))));
    if (opened === undefined) add("open", true, `${port} not tried: the image has no tool for it`);
    else {
      const { ok, detail } = readOpening(port, opened);
      if (!add("open", ok, detail)) return report();
    }
  }
  if (ports.length === 0) add("open", true, `${to.service} names no port`);
  return report();
}

/** `container:<id>` and `host` have no networks of their own. */
export function sharedNetworks(a: ContainerAccount, b: ContainerAccount): string[] {
  return Object.keys(a.networks).filter((name) => name in b.networks);
}

/** 126 and 127: the image does not have it. */
async function firstThatRuns(
  engine: EngineClient,
  id: string,
  commands: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<ToolResult | undefined> {
  for (const command of commands) {
    try {
      const result = await engine.exec(id, command, ANSWER_MS, signal);
      if (result.exitCode !== 126 && result.exitCode !== 127) return result;
    } catch (error) {
      if (engineStatus(error) !== 400) throw error;
    }
  }
  return undefined;
}
