import { type EnvironmentManager, RealServicesError } from "@real-services/core";
import { type LogSlice, readSlice } from "@real-services/core/logs";
import { safeSlice, untilQuiet } from "@real-services/reporter";
import type { SharedEnvironment } from "./shared-environment.ts";

/** What was begun, since when: milliseconds since the epoch. */
interface Begun {
  readonly environments: readonly SharedEnvironment[];
  readonly beganMs: number;
}

/**
 * What services wrote that helps with an error of the start, one slice for each environment: all of
 * it where services failed, what they wrote meanwhile where `prepare` did; nothing where an option
 * is wrong.
 */
export async function readLogs(
  error: unknown,
  manager: EnvironmentManager,
  { environments, beganMs }: Begun,
): Promise<readonly LogSlice[]> {
  const { code, postMortems } = error instanceof RealServicesError ? error : {};
  const slices =
    code === "REAL_SERVICES_PREPARE_FAILED"
      ? [await readPrepared(manager, environments)]
      : postMortems === undefined || postMortems.length === 0
        ? []
        : await Promise.all(environments.map((one) => read(manager, one, beganMs)));
  return slices.filter((slice) => slice !== undefined);
}

/** All as one; undefined for none. */
export function mergeLogs(slices: readonly LogSlice[]): LogSlice | undefined {
  const [first] = slices;
  if (first === undefined) return undefined;
  return { ...first, services: slices.flatMap(({ services }) => services) };
}

/** Environments are prepared one after the other: the last one is the one that failed. */
async function readPrepared(
  manager: EnvironmentManager,
  environments: readonly SharedEnvironment[],
): Promise<LogSlice | undefined> {
  const environment = environments.findLast(({ preparingMs }) => preparingMs !== undefined);
  if (environment?.preparingMs === undefined) return undefined;
  const { preparingMs } = environment;
  const look = () => read(manager, environment, preparingMs);
  // The line that tells of the failure is on its way.
  await untilQuiet(async () => countLines(await look()), Date.now());
  return look();
}

/** Logs are a help: that they cannot be read hides nothing else. */
async function read(
  manager: EnvironmentManager,
  environment: SharedEnvironment,
  fromMs: number,
): Promise<LogSlice | undefined> {
  const { name, logFolder } = (await environment.acquired()) ?? {};
  if (name === undefined || logFolder === undefined) return undefined;
  const slice = await readSlice(logFolder, { fromMs, toMs: Date.now() }).catch(() => undefined);
  if (slice === undefined) return undefined;
  return safeSlice(slice, (text) => manager.maskSecrets(text, { environment: name }));
}

function countLines(slice: LogSlice | undefined): number {
  return (slice?.services ?? []).reduce((sum, { lines }) => sum + lines.length, 0);
}
