import type { EngineClient } from "../engine/client.ts";
import type { EngineConnection } from "../engine/endpoint.ts";
import type { OwnerReport, SweepDecision } from "../environment.ts";
import { deadOwnerTest } from "./dead-owner.ts";
import { decideOrphan, type OwnershipDecision } from "./decision.ts";
import { sweepEnvironmentFolders } from "./environment-folder.ts";
import { mayBeClone } from "./heartbeat.ts";
import { countInventory, type Inventory, takeInventory } from "./inventory.ts";
import { leaseDeadline } from "./lease.ts";
import { judgeLiveness, type Liveness } from "./liveness.ts";
import { type Owner, readOwner } from "./owner.ts";
import { readOwnIdentity, readProcess } from "./process-identity.ts";
import { removeUnlessLeased } from "./remove-environment.ts";
import { sweepClaims } from "./sweep-claims.ts";

export interface SweepRequest {
  readonly engine: EngineClient;
  readonly clockOffsetMs: number;
  readonly olderThanMs: number;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An environment on the engine with the verdict over its owner. */
export interface JudgedEnvironment {
  readonly inventory: Inventory;
  readonly owner: OwnerReport;
  readonly decision: OwnershipDecision;
}

/** Reads everything of ours on the engine and decides for each environment whether it is an orphan. */
export async function judgeEnvironments(request: SweepRequest): Promise<JudgedEnvironment[]> {
  const now = Date.now() + request.clockOffsetMs;
  const inventories = await takeInventory(request.engine, request.signal);
  return Promise.all(
    inventories.map(async (inventory) => {
      const owner = readOwner(inventory.labels.owner);
      const leases = inventory.volumes.flatMap((volume) => leaseDeadline(volume) ?? []);
      const heartbeats = inventory.volumes.flatMap(
        (volume) => leaseDeadline(volume, "heartbeatUntil") ?? [],
      );
      const { connection } = request.engine.endpoint;
      const liveness = await readLiveness(owner, connection, heartbeats, now);
      const decision = decideOrphan({
        owner,
        liveness,
        leases,
        heartbeats,
        createdAt: Date.parse(inventory.labels.created),
        now,
        olderThanMs: request.olderThanMs,
      });
      return { inventory, owner: reportOwner(owner, liveness, leases, now), decision };
    }),
  );
}

/**
 * Removes the orphans, all at the same time, and reports every decision. Any number of sweeps may
 * run at once. Claims and folders of the dead on this host go as well.
 */
export async function sweep(request: SweepRequest): Promise<SweepDecision[]> {
  const judged = await judgeEnvironments(request);
  const [decisions] = await Promise.all([
    Promise.all(judged.map((environment) => decide(environment, request))),
    request.dryRun ? undefined : sweepHost(judged),
  ]);
  return decisions;
}

async function decide(
  { inventory, decision }: JudgedEnvironment,
  request: SweepRequest,
): Promise<SweepDecision> {
  const { labels } = inventory;
  const say = (action: SweepDecision["action"], reason: string): SweepDecision => ({
    environment: labels.environment,
    action,
    reason,
    ...countInventory(inventory),
  });
  if (!decision.orphan) return say("kept", decision.reason);
  if (request.dryRun) return say("removed", decision.reason);
  try {
    const now = Date.now() + request.clockOffsetMs;
    const removed = await removeUnlessLeased(request.engine, labels, now, request.signal);
    return "leasedUntil" in removed
      ? say("kept", `its lease runs until ${new Date(removed.leasedUntil).toISOString()}`)
      : say("removed", decision.reason);
  } catch (error) {
    return say("failed", error instanceof Error ? error.message : String(error));
  }
}

/** Never at the cost of what is on the engine: nothing here stands in anybody's way. */
async function sweepHost(judged: readonly JudgedEnvironment[]): Promise<void> {
  try {
    await sweepClaims(deadOwnerTest());
    sweepEnvironmentFolders(new Set(judged.map(({ inventory }) => inventory.labels.environment)));
  } catch {
    // A folder that cannot be trusted is told by the next acquire, which needs it.
  }
}

async function readLiveness(
  owner: Owner | undefined,
  connection: EngineConnection,
  heartbeats: readonly number[],
  now: number,
): Promise<Liveness> {
  if (owner?.kind !== "process") return "unknown";
  const self = await readOwnIdentity();
  // A pid of another host means nothing here.
  if (owner.host !== self.host) return "unknown";
  const isDoubtful = mayBeClone(owner, connection, heartbeats, now);
  return judgeLiveness(owner, self, await readProcess(owner.pid), isDoubtful);
}

function reportOwner(
  owner: Owner | undefined,
  liveness: Liveness,
  leases: readonly number[],
  now: number,
): OwnerReport {
  if (owner === undefined) {
    return { kind: "process", liveness: "unknown", description: "an owner label nobody can read" };
  }
  const deadlines = owner.kind === "lease" ? [...leases, Date.parse(owner.until)] : leases;
  const deadline = deadlines.length === 0 ? undefined : Math.max(...deadlines);
  if (deadline !== undefined && (owner.kind === "lease" || deadline > now)) {
    return {
      kind: "lease",
      liveness: deadline > now ? "alive" : "dead",
      description: `lease until ${new Date(deadline).toISOString()}`,
    };
  }
  if (owner.kind === "lease") throw new RangeError("A lease without a deadline cannot be read.");
  // The machine id before it tells people nothing.
  const host = owner.host.split(":").at(-1);
  return { kind: "process", liveness, description: `process ${owner.pid} on ${host}` };
}
