import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { onSignal } from "../interruption.ts";

/** The launcher of the project in whose folder we are. */
export async function findLauncher(): Promise<string> {
  try {
    const manifest = createRequire(join(process.cwd(), "_")).resolve(
      "@real-services/vitest/package.json",
    );
    return join(dirname(manifest), "bin", "vitest-real-services.js");
  } catch (cause) {
    const { RealServicesError } = await import("@real-services/core");
    throw new RealServicesError(
      "REAL_SERVICES_INVALID_OPTION",
      "There is no @real-services/vitest in this project.",
      {
        received: process.cwd(),
        hint: "`npm i -D @real-services/vitest`, then `npx docker-manual init`.",
        cause,
      },
    );
  }
}

/** Vitest through the launcher. While it runs, signals that are sent to us alone are passed on. */
export function launch(launcher: string, args: readonly string[], options: SpawnOptions) {
  const child = spawn(process.execPath, [launcher, ...args], options);
  let interrupted: number | undefined;
  const end = onSignal((signal, exitCode) => {
    interrupted = exitCode;
    // Ctrl-C reaches the child by itself, it is in our group; a second one would cut its end short.
    if (signal !== "SIGINT") child.kill(signal);
  });
  const ended = once(child, "close").then(() => {
    end();
    return { exitCode: interrupted ?? child.exitCode, signal: child.signalCode };
  });
  return { child, ended };
}
