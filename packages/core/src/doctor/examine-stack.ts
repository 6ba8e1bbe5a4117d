import { RealServicesError } from "../errors.ts";
import { kindOfImage } from "../services/service-kind.ts";
import { parseDuration } from "../stack/duration.ts";
import type { ComposeModel, ComposeMount, ComposeService } from "../stack/model.ts";
import { type EngineNames, findWarnings, refuseUnisolable } from "../stack/shared-state.ts";
import type { Finding } from "./finding.ts";

/** What is known beside the file. */
export interface StackFacts {
  /** Undefined when no engine was there to ask. */
  readonly engine: EngineNames | undefined;
  /** Services whose image brings a health check of its own. */
  readonly checkedByImage: ReadonlySet<string>;
  /** Sources of bind mounts that are not on the host. */
  readonly missingSources: ReadonlySet<string>;
}

/** What Compose takes when a health check names no interval. */
const DEFAULT_INTERVAL_MS = 30_000;
/** Longer than this is worth a word. */
const LONG_INTERVAL_MS = 10_000;
/** Names that people give to work that is done once. */
const ONE_SHOT = /(^|[-_])(migrat(e|or|ions?)|init|seed(er)?|set-?up|bootstrap|fixtures)($|[-_])/i;

/** What a stack's own file tells of trouble to come. Pure. */
export function examineStack(model: ComposeModel, facts: StackFacts): Finding[] {
  const awaited = new Set(
    Object.values(model.services).flatMap(({ depends_on: dependsOn }) =>
      Object.entries(dependsOn ?? {})
        .filter(([, { condition }]) => condition === "service_completed_successfully")
        .map(([name]) => name),
    ),
  );
  return [
    ...isolation(model, facts.engine),
    ...Object.entries(model.services).flatMap(([name, { volumes = [] }]) =>
      volumes
        .filter(({ type, source = "" }) => type === "bind" && facts.missingSources.has(source))
        .map((mount) => missingSource(name, mount)),
    ),
    ...Object.entries(model.services).flatMap(([name, service]) => {
      if (awaited.has(name)) return [];
      if (ONE_SHOT.test(name) && hasOneRun(service)) return [unawaited(name)];
      return [
        ...healthCheck(name, service, facts.checkedByImage.has(name)),
        ...longInterval(name, service),
      ];
    }),
  ];
}

function isolation(model: ComposeModel, engine: EngineNames | undefined): Finding[] {
  const findings = findWarnings(model).map(({ service, message }): Finding => {
    const fix = "Nothing has to be done; know that copies can see each other there.";
    return { level: "note", about: service ?? "stack", problem: message, fix };
  });
  if (engine === undefined) return findings;
  try {
    refuseUnisolable(model, engine);
  } catch (error) {
    if (!(error instanceof RealServicesError)) throw error;
    const fix = error.hint ?? "Correct the file.";
    findings.push({ level: "error", about: "stack", problem: error.message, fix });
  }
  return findings;
}

/** Compose writes `bind` without `create_host_path` where the file says that it is not to be made. */
function missingSource(name: string, { source, bind }: ComposeMount): Finding {
  const isMade = bind === undefined || bind.create_host_path === true;
  return {
    level: isMade ? "warning" : "error",
    about: name,
    problem: isMade
      ? `mounts ${source}, which does not exist: the engine makes an empty folder there`
      : `mounts ${source}, which does not exist: the engine will refuse the container`,
    fix: "Create it, or correct the path; relative ones begin at the Compose file's folder.",
  };
}

function hasOneRun({ restart, healthcheck, ports = [] }: ComposeService): boolean {
  const endless = restart === "always" || restart === "unless-stopped";
  return !endless && healthcheck === undefined && ports.length === 0;
}

function unawaited(name: string): Finding {
  return {
    level: "warning",
    about: name,
    problem: "looks like work that is done once, and nobody waits for its end",
    fix: `Let those who need it say \`depends_on: { ${name}: { condition: service_completed_successfully } }\`.`,
  };
}

function healthCheck(name: string, service: ComposeService, byImage: boolean): Finding[] {
  const { healthcheck, ports = [], image } = service;
  const test = healthcheck?.test?.[0];
  const isOff = healthcheck?.disable === true || test === "NONE";
  if (!isOff && (byImage || test !== undefined)) return [];
  const isPublished = ports.some(({ protocol }) => protocol !== "udp");
  if (isPublished && kindOfImage(image) !== undefined) return [];
  return [
    {
      level: isPublished ? "note" : "warning",
      about: name,
      problem: isPublished
        ? "has no health check: it counts as ready when its port keeps a connection open"
        : "has no health check and publishes nothing: it counts as ready when it has run for half a second",
      fix: "Give it a `healthcheck`, or a wait strategy by the option `waitFor`.",
    },
  ];
}

function longInterval(name: string, { healthcheck }: ComposeService): Finding[] {
  if (healthcheck?.test === undefined || healthcheck.disable === true) return [];
  if (healthcheck.test[0] === "NONE") return [];
  const { interval, start_interval: startInterval, start_period: startPeriod } = healthcheck;
  const intervalMs = parseDuration(interval) ?? DEFAULT_INTERVAL_MS;
  if (intervalMs < LONG_INTERVAL_MS) return [];
  const often = parseDuration(startInterval);
  if (often !== undefined && parseDuration(startPeriod) !== undefined) return [];
  const seconds = intervalMs / 1_000;
  return [
    {
      level: "note",
      about: name,
      problem:
        often === undefined
          ? `is looked at every ${seconds} s: a plain \`docker compose up --wait\` takes that long at least`
          : `has a \`start_interval\` without \`start_period\`, which does nothing: it is looked at every ${seconds} s`,
      fix: "Add `start_period: 30s` and `start_interval: 1s` to its health check. Environments of ours do not wait for it.",
    },
  ];
}
