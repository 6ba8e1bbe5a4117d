import { fileURLToPath, pathToFileURL } from "node:url";
import { requireNode } from "@real-services/core/required-node";
import { findVitest } from "./find-vitest.ts";
import { FlagError, takeFlags } from "./flags.ts";

/**
 * Runs Vitest's own command line in this very process, so that signals, exit codes and the terminal
 * are its own, after taking off the flags it would refuse.
 */
export async function launch(): Promise<void> {
  const [node = process.execPath, self, ...words] = process.argv;
  try {
    const { argv, env } = takeFlags(words);
    // Without a flag of ours it is Vitest's to say.
    if (Object.keys(env).length > 0) requireNode("vitest --real-services");
    const vitest = findVitest(self, process.cwd(), fileURLToPath(import.meta.url));
    if (vitest === undefined) {
      throw new FlagError("There is no vitest in this project. Run `npm i -D vitest`.");
    }
    Object.assign(process.env, env);
    process.argv = [node, vitest, ...argv];
    await import(pathToFileURL(vitest).href);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
