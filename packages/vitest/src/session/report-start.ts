import { type EnvironmentManager, RealServicesError } from "@real-services/core";
import { type LogSlice, writeErrorReport } from "@real-services/core/logs";
import { maskSecrets } from "@real-services/reporter";
import type { SharedEnvironment } from "./shared-environment.ts";

interface FailedStart {
  readonly manager: EnvironmentManager;
  readonly environments: readonly SharedEnvironment[];
  /** Of some of the environments. */
  readonly slices: readonly LogSlice[];
  /** Of Vitest. */
  readonly version: string;
}

/**
 * Writes one file to attach to a bug for each environment that failed with this error, and returns
 * their paths. There is none for what failed before anything existed.
 */
export async function reportStart(error: unknown, start: FailedStart): Promise<readonly string[]> {
  const failed = start.environments.filter(({ failure }) => failure === error);
  const paths = await Promise.all(failed.map((environment) => write(error, environment, start)));
  return paths.filter((path) => path !== undefined);
}

async function write(
  error: unknown,
  environment: SharedEnvironment,
  { manager, slices, version }: FailedStart,
): Promise<string | undefined> {
  const { name, logFolder } = (await environment.acquired()) ?? {};
  if (name === undefined || logFolder === undefined) return undefined;
  const slice = slices.find((one) => one.environment === name);
  const failure = { title: "Start", message: messageOf(error) };
  try {
    return await writeErrorReport(logFolder, {
      versions: { Vitest: version },
      failures: [slice === undefined ? failure : { ...failure, slice }],
      postMortems: error instanceof RealServicesError ? error.postMortems : [],
      mask: (text) => maskSecrets(manager.maskSecrets(text, { environment: name })),
    });
  } catch {
    // A full or read-only disk: capture has told of it.
    return undefined;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof RealServicesError) return `${error.code}\n${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
