/** One service in the start graph. Pure data: what has to hold before it may start, and what it is for. */
export interface StartNode {
  readonly service: string;
  readonly dependsOn: readonly StartDependency[];
  /** Somebody waits for its end, so running is not what it is for. */
  readonly mustComplete: boolean;
}

export interface StartDependency {
  readonly service: string;
  readonly condition: "service_started" | "service_healthy" | "service_completed_successfully";
  readonly required: boolean;
  /** Whoever restarts the dependency restarts the dependant after it. */
  readonly restart?: boolean;
}

/**
 * `waiting` for its dependencies, `starting` (the engine was asked), `started`, `ready` (a test can use it), `completed` (ended with
 * exit code 0), `failed` (will not become ready), `skipped` (a dependency failed first).
 */
export type StartState =
  | "waiting"
  | "starting"
  | "started"
  | "ready"
  | "completed"
  | "failed"
  | "skipped";

export interface StartPlan {
  /** May start now. */
  readonly start: readonly string[];
  /** Can never start: what they need has failed. */
  readonly skip: readonly string[];
}

/** What to do next. Called after every change of state. */
export function planNext(
  nodes: readonly StartNode[],
  states: ReadonlyMap<string, StartState>,
): StartPlan {
  const start: string[] = [];
  const skip: string[] = [];
  for (const node of nodes) {
    if (states.get(node.service) !== "waiting") continue;
    const verdicts = node.dependsOn.map((dependency) => judge(dependency, states));
    if (verdicts.includes("impossible")) skip.push(node.service);
    else if (verdicts.every((verdict) => verdict === "holds")) start.push(node.service);
  }
  return { start, skip };
}

function judge(
  { service, condition, required }: StartDependency,
  states: ReadonlyMap<string, StartState>,
): "holds" | "pending" | "impossible" {
  const state = states.get(service);
  // Not part of this environment: a profile that is off, or an optional one that was not selected.
  if (state === undefined) return required ? "impossible" : "holds";
  const impossible = required ? "impossible" : "holds";
  switch (condition) {
    case "service_started":
      if (state === "skipped") return impossible;
      // A service that ran and failed was started; its own failure is reported by itself.
      return state === "waiting" || state === "starting" ? "pending" : "holds";
    case "service_healthy":
      if (state === "ready") return "holds";
      return isUnsettled(state) ? "pending" : impossible;
    case "service_completed_successfully":
      if (state === "completed") return "holds";
      return state === "failed" || state === "skipped" ? impossible : "pending";
  }
}

/** On its way: what will become of it is not known yet. */
export function isUnsettled(state: StartState): boolean {
  return state === "waiting" || state === "starting" || state === "started";
}

/** What keeps a node from ever starting: required services that came to another end, or do not exist. */
export function blockersOf(
  node: StartNode,
  states: ReadonlyMap<string, StartState>,
): readonly string[] {
  return node.dependsOn
    .filter((dependency) => judge(dependency, states) === "impossible")
    .map(({ service }) => service);
}

/** Whether the others do without it: somebody waits for it, and nobody requires it. */
export function isOptional(nodes: readonly StartNode[], service: string): boolean {
  const waits = nodes.flatMap(({ dependsOn }) =>
    dependsOn.filter((one) => one.service === service),
  );
  return waits.length > 0 && waits.every(({ required }) => !required);
}

/** Services that wait, directly or through others, for the one given. */
export function waitersOf(nodes: readonly StartNode[], service: string): string[] {
  const waiters = new Set<string>();
  const queue = [service];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    for (const node of nodes) {
      if (waiters.has(node.service) || node.service === service) continue;
      if (!node.dependsOn.some((dependency) => dependency.service === name)) continue;
      waiters.add(node.service);
      queue.push(node.service);
    }
  }
  return [...waiters];
}
