import { NEWER_COMPOSE_HINT, OLDEST_COMPOSE } from "../engine/compose-cli.ts";
import type { ContainerSummary } from "../engine/engine-shapes.ts";
import { RealServicesError } from "../errors.ts";
import { pickSubnets, SMALL_PREFIX } from "../stack/subnets.ts";
import type { Finding } from "./finding.ts";

/** What was read of an engine and its host. */
export interface EngineFacts {
  readonly version: string;
  /** Undefined when `docker compose version` gave no answer. */
  readonly composeVersion: string | undefined;
  /** IPv4 subnets of all networks on it. */
  readonly subnets: readonly string[];
  /** Host ports of 30000–32767 that environments publish. */
  readonly portsInUse: number;
  readonly memoryBytes: number;
  /** What the limits of the stack add up to; undefined without a stack. */
  readonly memoryNeed: number | undefined;
  /** Of the file system with the engine's data; undefined where it cannot be seen from here. */
  readonly freeDiskBytes: number | undefined;
  readonly orphans: readonly string[];
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const OLDEST_ENGINE = 23;
/** Before it, an `include` from elsewhere could write anywhere (GHSA-gv8h-7v7w-r22q). */
const SAFE_COMPOSE = [2, 40, 2] as const;
/** An engine's default pools hold so many networks, its own bridge among them. */
const DEFAULT_POOLS = 31;
const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;
/** As many ports as nobody else is likely to take. */
export const PORTS = LAST_PORT - FIRST_PORT + 1;

/** What the state of an engine and its host tells of trouble to come. Pure. */
export function examineEngine(facts: EngineFacts): Finding[] {
  return [
    ...versions(facts),
    ...networks(facts.subnets),
    ...resources(facts),
    ...facts.orphans.slice(0, 1).map(
      (): Finding => ({
        level: "warning",
        about: "orphans",
        problem: `${facts.orphans.length === 1 ? "1 environment has" : `${facts.orphans.length} environments have`} no owner any more: ${facts.orphans.join(", ")}`,
        fix: "`npx docker-manual clean` removes what has no owner.",
      }),
    ),
  ];
}

/** What keeps the engine from being looked at is the first finding of all. */
export function engineAway(error: unknown): Finding {
  const fix = error instanceof RealServicesError ? error.hint : undefined;
  return {
    level: "error",
    about: "engine",
    problem: error instanceof Error ? error.message : String(error),
    fix: fix ?? "Start it, or set DOCKER_HOST.",
  };
}

function versions({ version, composeVersion }: EngineFacts): Finding[] {
  const findings: Finding[] = [];
  if (Number(version.split(".")[0]) < OLDEST_ENGINE) {
    findings.push({
      level: "warning",
      about: "engine",
      problem: `version ${version} is older than anything this was tried on`,
      fix: `Install Docker Engine ${OLDEST_ENGINE} or later.`,
    });
  }
  if (composeVersion === undefined) {
    findings.push({
      level: "error",
      about: "compose",
      problem: "`docker compose version` gives no answer",
      fix: "Install the Compose plugin: docker-compose-plugin, or docker-compose-v2.",
    });
  } else if (isBefore(composeVersion, OLDEST_COMPOSE)) {
    findings.push({
      level: "error",
      about: "compose",
      problem: `version ${composeVersion} lacks what is needed of it`,
      fix: NEWER_COMPOSE_HINT,
    });
  } else if (isBefore(composeVersion, SAFE_COMPOSE)) {
    findings.push({
      level: "note",
      about: "compose",
      problem: `version ${composeVersion} lets a file from elsewhere write outside its folder (CVE-2025-62725)`,
      fix: `Install Compose ${SAFE_COMPOSE.join(".")} or later; until then leave \`allowRemoteIncludes\` off.`,
    });
  }
  return findings;
}

function isBefore(version: string, limit: readonly number[]): boolean {
  const parts = version
    .replace(/^v/, "")
    .split(/[.+-]/)
    .slice(0, limit.length)
    .map((part) => Number.parseInt(part, 10) || 0);
  const index = limit.findIndex((part, position) => (parts[position] ?? 0) !== part);
  return index !== -1 && (parts[index] ?? 0) < (limit[index] ?? 0);
}

/** How many of PORTS the containers publish. */
export function countPorts(containers: readonly Pick<ContainerSummary, "ports">[]): number {
  const published = containers.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
  return new Set(published.filter((port) => port >= FIRST_PORT && port <= LAST_PORT)).size;
}

function networks(subnets: readonly string[]): Finding[] {
  if (pickSubnets([SMALL_PREFIX], subnets, 0) === undefined) {
    return [
      {
        level: "error",
        about: "networks",
        problem: "no free subnet is left for an environment",
        fix: "`docker network ls` shows who has them; remove what nobody uses.",
      },
    ];
  }
  const taken = subnets.filter(isOfDefaultPools).length;
  if (taken < DEFAULT_POOLS - 5) return [];
  return [
    {
      level: "note",
      about: "networks",
      problem: `${taken} of the engine's ${DEFAULT_POOLS} default networks are taken: a plain \`docker compose up\` will soon find none`,
      fix: "Remove networks that nobody uses. Environments of ours have subnets of their own.",
    },
  ];
}

/** 172.17–172.31 and 192.168: where an engine takes subnets from that nobody asked for. */
function isOfDefaultPools(cidr: string): boolean {
  const [a, b = 0] = cidr.split(".").map(Number);
  return (a === 172 && b >= 17 && b <= 31) || (a === 192 && b === 168);
}

function resources(facts: EngineFacts): Finding[] {
  const { portsInUse, memoryBytes, memoryNeed, freeDiskBytes } = facts;
  const findings: Finding[] = [];
  if (portsInUse > PORTS * 0.9) {
    findings.push({
      level: "warning",
      about: "ports",
      problem: `${portsInUse} of the ${PORTS} ports from 30000 to 32767 are taken`,
      fix: "`npx docker-manual list` shows whose they are. The range beyond is shared with outgoing connections.",
    });
  }
  if (memoryNeed !== undefined && memoryNeed > memoryBytes) {
    findings.push({
      level: "warning",
      about: "memory",
      problem: `the limits of the stack add up to ${Math.round(memoryNeed / MIB)} MiB, the engine has ${Math.round(memoryBytes / MIB)} MiB: only one copy runs at a time`,
      fix: "Lower `mem_limit`, or give the engine more memory.",
    });
  }
  if (freeDiskBytes !== undefined && freeDiskBytes < 5 * GIB) {
    findings.push({
      level: freeDiskBytes < GIB ? "error" : "warning",
      about: "disk",
      problem: `${Math.round(freeDiskBytes / MIB)} MiB are free where the engine keeps its data`,
      fix: "`docker system df` shows what takes the room.",
    });
  }
  return findings;
}
