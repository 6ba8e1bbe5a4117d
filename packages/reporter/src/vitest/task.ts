/**
 * What Vitest knows of a test and does not publish: when a suite ran, and the lists that its own
 * reporters read. All of it is looked up with care: without it there is less to show, nothing else.
 */

/** When a task ran, in milliseconds since the epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Undefined for what never ran. What still runs ends now. */
export function spanOf(entity: object, now = Date.now()): Span | undefined {
  const result = get(get(entity, "task"), "result");
  const startMs = get(result, "startTime");
  if (typeof startMs !== "number") return undefined;
  const duration = get(result, "duration");
  return { startMs, endMs: typeof duration === "number" ? startMs + duration : now };
}

export interface Annotation {
  readonly type: string;
  readonly message: string;
  readonly location?: { readonly file: string; readonly line: number; readonly column: number };
}

/** As `context.annotate`, which is closed to a test that has failed. False when it cannot be done. */
export function addAnnotation(testCase: object, annotation: Annotation): boolean {
  const annotations = get(get(testCase, "task"), "annotations");
  if (!Array.isArray(annotations)) return false;
  annotations.push(annotation);
  return true;
}

/** As if the test had written it: JUnit's `system-out`, the console of the HTML report. */
export function addOutput(testCase: object, content: string): void {
  const task = get(testCase, "task");
  if (typeof task !== "object" || task === null) return;
  const logs = get(task, "logs");
  const log = {
    type: "stdout",
    content,
    taskId: get(task, "id"),
    time: Date.now(),
    size: content.length,
  };
  Reflect.set(task, "logs", [...(Array.isArray(logs) ? logs : []), log]);
}

/** The reporters of a Vitest instance. */
export function reportersOf(vitest: object | undefined): readonly object[] {
  const reporters = get(vitest, "reporters");
  return Array.isArray(reporters) ? reporters.filter(isObject) : [];
}

/** A property of anything; undefined where there is none. */
export function get(value: unknown, key: string): unknown {
  return isObject(value) ? Reflect.get(value, key) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
