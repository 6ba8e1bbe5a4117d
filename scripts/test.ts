/**
 * `npm test`: every test once, ending with the line `N passed, N failed[, N skipped]`.
 * `npm run soak` adds the long rounds. Further arguments go to Vitest.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";

const { soak, rest } = split(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "real-services-test-"));
const report = join(folder, "report.json");
try {
  const { exitCode = 1 } = await execa(
    "vitest",
    ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...rest],
    {
      preferLocal: true,
      stdio: "inherit",
      reject: false,
      env: {
        REAL_SERVICES_SOAK: soak ? "1" : "",
        // Hundreds of runs and commands are started, each of which would compile the same modules.
        NODE_COMPILE_CACHE: resolve("node_modules/.cache/node"),
      },
    },
  );
  const { passed, failed, skipped } = read(report);
  // A run that broke before or between its tests has failed, whatever its tests say.
  const broken = exitCode !== 0 && failed === 0 ? 1 : 0;
  console.log(
    `${passed} passed, ${failed + broken} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`,
  );
  process.exitCode = failed + broken > 0 || passed === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function split(args: readonly string[]): { soak: boolean; rest: string[] } {
  return { soak: args.includes("--soak"), rest: args.filter((arg) => arg !== "--soak") };
}

function read(file: string): { passed: number; failed: number; skipped: number } {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const counts = JSON.parse(readFileSync(file, "utf8"));
  return {
    passed: counts.numPassedTests,
    failed: counts.numFailedTests,
    skipped: counts.numPendingTests + (counts.numTodoTests ?? 0),
  };
}
