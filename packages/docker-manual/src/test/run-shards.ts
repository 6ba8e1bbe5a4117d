import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onSignal } from "../interruption.ts";
import { launch } from "./launcher.ts";
import { withoutReporting } from "./shard-arguments.ts";

/**
 * Runs the shards at the same time, each in a process with an environment of its own, shows their
 * lines with the shard in front, and then Vitest's own report of all of them. Resolves to the worst
 * exit code.
 */
export async function runShards(
  launcher: string,
  args: readonly string[],
  count: number,
  isJson: boolean,
): Promise<number> {
  // Inside the project: a report names attachments relative to it.
  const folder = mkdtempSync(join(process.cwd(), ".vitest-shards-"));
  const out = isJson ? process.stderr : process.stdout;
  let interrupted: number | undefined;
  const end = onSignal((_signal, exitCode) => {
    interrupted = exitCode;
  });
  try {
    const shards = Array.from({ length: count }, (_, index) => index + 1);
    const codes = await Promise.all(
      shards.map((shard) => {
        const report = join(folder, `${shard}.json`);
        const flags = ["run", "--real-services", `--shard=${shard}/${count}`];
        const blob = ["--reporter=blob", `--outputFile.blob=${report}`];
        // Fewer files than shards: some have nothing to do.
        const all = [...flags, "--passWithNoTests", ...blob, ...withoutReporting(args)];
        return runShard(launcher, all, `[${shard}/${count}]`);
      }),
    );
    // Their reports are not whole.
    if (interrupted !== undefined) return interrupted;
    // With all arguments: it is to read the same configuration, and selects nothing by itself.
    const merge = launch(launcher, ["run", `--merge-reports=${folder}`, ...args], {
      stdio: ["ignore", isJson ? 2 : "inherit", "inherit"],
    });
    const { exitCode } = await merge.ended;
    const worst = Math.max(...codes);
    if (worst !== 0)
      out.write(`\n${codes.filter((code) => code !== 0).length} of ${count} shards failed\n`);
    return Math.max(worst, exitCode ?? 1);
  } finally {
    end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runShard(launcher: string, args: readonly string[], label: string): Promise<number> {
  const { child, ended } = launch(launcher, args, { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      process.stderr.write(`${label} ${line}\n`);
    });
  }
  const { exitCode } = await ended;
  return exitCode ?? 1;
}
