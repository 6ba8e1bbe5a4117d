/**
 * A process of its own that acquires an environment: `owner-worker.ts OPTIONS`, as JSON. Prints
 * one line of JSON, then holds the environment until it is killed.
 */
import { EnvironmentManager, RealServicesError } from "@real-services/core";

export interface OwnerReport {
  readonly name?: string;
  readonly id?: string;
  readonly code?: string;
  readonly message?: string;
  readonly events: readonly string[];
  /** What the call cost, without the process's own start: the same on a busy machine. */
  readonly cpuMs: number;
  readonly maxRssMb: number;
}

const manager = new EnvironmentManager(JSON.parse(process.argv[2] ?? "{}"));
const events: string[] = [];
manager.subscribe(({ type }) => events.push(type));
const before = process.cpuUsage();
let outcome: Partial<OwnerReport>;
try {
  const { name, id } = await manager.acquireEnvironment();
  await manager.waitForServices();
  outcome = { name, id };
} catch (error) {
  if (!(error instanceof RealServicesError)) throw error;
  outcome = { code: error.code, message: error.message };
}
const used = process.cpuUsage(before);
const report: OwnerReport = {
  ...outcome,
  events,
  cpuMs: (used.user + used.system) / 1_000,
  maxRssMb: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
if (outcome.name !== undefined) setInterval(() => {}, 60_000);
