import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { EngineClient } from "../engine/client.ts";
import { findReachableHost } from "../engine/reachable-host.ts";
import { printed } from "../ownership/platform/commands.ts";
import { readLabels } from "../stack/labels.ts";

/** Who has bound a host port, as far as it can be seen from here. */
export type PortHolder =
  | { readonly kind: "container"; readonly name: string; readonly environment: string | undefined }
  | ListeningProcess;

interface ListeningProcess {
  readonly kind: "process";
  readonly name: string;
  readonly pid: number;
}

/** Undefined when nobody can be seen there: a process of another user, or of the engine's own host. */
export async function findPortHolder(
  engine: EngineClient,
  port: number,
  signal?: AbortSignal,
): Promise<PortHolder | undefined> {
  const containers = await engine.listContainers([], signal);
  const container = containers.find(({ ports }) => ports.some(({ hostPort }) => hostPort === port));
  if (container !== undefined) {
    const { environment } = readLabels(container.labels) ?? {};
    return { kind: "container", name: container.name, environment };
  }
  const given = { bindAddress: undefined, host: undefined };
  const { isLocal } = await findReachableHost(engine, given, signal);
  return isLocal ? findListener(port) : undefined;
}

async function findListener(port: number): Promise<ListeningProcess | undefined> {
  if (process.platform === "linux") {
    const found = parseListener(await printed("ss", ["-ltnupH", `sport = :${port}`]));
    return found && { ...found, name: (await programOf(found.pid)) || found.name };
  }
  if (process.platform !== "darwin") return undefined;
  return parseListener(await printed("lsof", ["-nP", `-i:${port}`, "-sTCP:LISTEN", "-Fpc"]));
}

/** `ss` has the name of a process's main thread, which is “MainThread” for all of Node's. */
async function programOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return basename(line.split("\0")[0] ?? "");
}

/** From `ss`: `users:(("node",pid=4711,fd=18))`; from `lsof -F pc` a line each: `p4711`, `cnode`. */
export function parseListener(text: string): ListeningProcess | undefined {
  const [, name, pid] = /\(\("([^"]+)",pid=(\d+)/.exec(text) ?? [];
  const [, otherPid, otherName] = /^p(\d+)\nc(.+)$/m.exec(text) ?? [];
  const found = { name: name ?? otherName, pid: pid ?? otherPid };
  if (found.name === undefined) return undefined;
  return { kind: "process", name: found.name, pid: Number(found.pid) };
}
