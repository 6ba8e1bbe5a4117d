/**
 * `npm test`: every test once, ending with the line `N passed, N failed[, N skipped]`.
 * `npm run soak` adds the long rounds. Further arguments go to Vitest. With REAL_SERVICES_NO_SKIPS=1
 * a test that is skipped, for want of root as a rule, is named and counts as failed.
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
  const missed = process.env["REAL_SERVICES_NO_SKIPS"] === "1" ? skipped : [];
  for (const name of missed) console.log(`skipped: ${name}`);
  console.log(
    `${passed} passed, ${failed + broken} failed${skipped.length === 0 ? "" : `, ${skipped.length} skipped`}`,
  );
  process.exitCode = failed + broken + missed.length > 0 || passed === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function split(args: readonly string[]): { soak: boolean; rest: string[] } {
  return { soak: args.includes("--soak"), rest: args.filter((arg) => arg !== "--soak") };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Their names. */
  readonly skipped: readonly string[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function read(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: [] };
  const report: Report = JSON.parse(readFileSync(file, "utf8"));
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: tests
      .filter(({ status }) => status !== "passed" && status !== "failed")
      .map(({ fullName }) => fullName),
  };
}
