/** Finds the engine, or starts it: `connect-worker.ts OPTIONS`, as JSON. Prints one line of JSON. */
import { EnvironmentManager, RealServicesError } from "@real-services/core";

export interface ConnectReport {
  readonly events: readonly string[];
  readonly environments?: number;
  readonly code?: string;
  readonly received?: unknown;
  readonly message?: string;
  readonly hint?: string;
}

const manager = new EnvironmentManager(JSON.parse(process.argv[2] ?? "{}"));
const events: string[] = [];
manager.subscribe((event) => {
  events.push(event.type === "engine:starting" ? `${event.type} ${event.how}` : event.type);
});
let outcome: Partial<ConnectReport>;
try {
  outcome = { environments: (await manager.listEnvironments()).length };
} catch (error) {
  if (!(error instanceof RealServicesError)) throw error;
  const { code, received, message, hint = "" } = error;
  outcome = { code, received, message, hint };
}
const report: ConnectReport = { ...outcome, events };
process.stdout.write(`${JSON.stringify(report)}\n`);
