import type { StartProfile } from "../environment.ts";
import { kindOfImage } from "../services/service-kind.ts";
import type { StartNode } from "./planner.ts";

/** What was noted of one service, in milliseconds since acquire. */
export interface StartRecord {
  readonly image: string;
  /** Its dependencies held and the engine was asked. */
  requestedMs?: number;
  startedMs?: number;
  readyMs?: number;
}

/** Shorter steps are not worth anybody's time. */
const WORTH_MS = 200;

/** Where the time of a start went: by service, along the critical path, and what would help most. */
export function startProfile(
  nodes: readonly StartNode[],
  records: ReadonlyMap<string, StartRecord>,
  createdMs: number,
): StartProfile {
  const services = nodes.map(({ service, dependsOn }) => {
    const { requestedMs, startedMs, readyMs } = records.get(service) ?? {};
    const waitedFor = latest(
      dependsOn.map(({ service: name, condition }) => {
        const record = records.get(name);
        return [name, condition === "service_started" ? record?.startedMs : record?.readyMs];
      }),
    );
    return { name: service, createdMs, requestedMs, startedMs, readyMs, waitedFor };
  });
  const criticalPath: string[] = [];
  let next = latest(services.map(({ name, readyMs }) => [name, readyMs]));
  while (next !== undefined && !criticalPath.includes(next)) {
    criticalPath.unshift(next);
    next = services.find(({ name }) => name === next)?.waitedFor;
  }
  return { services, criticalPath, advice: advise(services, criticalPath, records, createdMs) };
}

function latest(entries: readonly (readonly [string, number | undefined])[]): string | undefined {
  return entries
    .filter((entry): entry is readonly [string, number] => entry[1] !== undefined)
    .toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

function advise(
  services: StartProfile["services"],
  criticalPath: readonly string[],
  records: ReadonlyMap<string, StartRecord>,
  createdMs: number,
): string | undefined {
  const own = services
    .filter(({ name }) => criticalPath.includes(name))
    .map(({ name, startedMs = 0, readyMs = startedMs }) => ({ name, ms: readyMs - startedMs }))
    .toSorted((a, b) => b.ms - a.ms)[0];
  if (own === undefined || own.ms < WORTH_MS) return undefined;
  const spent = `“${own.name}” spends ${(own.ms / 1_000).toFixed(1)} s between its start and ready`;
  if (createdMs > own.ms) {
    return `${(createdMs / 1_000).toFixed(1)} s pass before anything starts, more than any service needs; ${spent}.`;
  }
  const kind = kindOfImage(records.get(own.name)?.image);
  return kind?.startsTwice
    ? `${spent}, where it makes its data folder: an image that already has one saves most of it.`
    : `${spent}, more than anything else on the way.`;
}
