/** `npm run check`: every static check, all of them even when one fails. */
import { execa } from "execa";

const PACKAGES = ["core", "reporter", "vitest", "docker-manual"].map((name) => `packages/${name}`);

const checks: readonly (readonly [string, ...string[]])[] = [
  ["tsc", "-b"],
  ["biome", "ci", "--colors=off", "--error-on-warnings", "."],
  ["knip"],
  ...PACKAGES.map((folder) => ["publint", "--strict", folder] as const),
  ...PACKAGES.map((folder) => ["attw", "--profile", "esm-only", "--pack", folder] as const),
];

let failures = 0;
for (const [command, ...args] of checks) {
  const began = performance.now();
  const result = await execa(command, args, { preferLocal: true, reject: false, all: true });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(
    `${result.failed ? "FAILED" : "ok    "}  ${[command, ...args].join(" ")}  ${seconds} s`,
  );
  if (!result.failed) continue;
  failures += 1;
  console.log(result.all);
}
process.exitCode = failures === 0 ? 0 : 1;
