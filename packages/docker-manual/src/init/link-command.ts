import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Does at once what the opt-in does after each install. Returns what has to be said. */
export async function linkCommand(project: string): Promise<string[]> {
  const file = join(
    project,
    "node_modules",
    "@real-services",
    "vitest",
    "bin",
    "real-services-link.js",
  );
  if (!existsSync(file)) {
    return ["@real-services/vitest is not installed here yet: `npm i -D @real-services/vitest`."];
  }
  const { stdout } = await run(process.execPath, [file], { cwd: project });
  return stdout.trim() === "" ? [] : [stdout.trim()];
}
