/** Services start only for a run that has selected a real test. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { projectFolder, repository, runVitest } from "./consumer.ts";
import { listenAsEngine } from "./engine.ts";

const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const PROJECT = "selection";

/** How often a run goes to the engine. None is there, so a run that goes there fails. */
async function countVisits(args: readonly string[], project = PROJECT): Promise<number> {
  await using engine = await listenAsEngine();
  const { exitCode, all } = await runVitest(project, [...args, "--real-services"], {
    env: { DOCKER_HOST: engine.host },
  });
  const visits = engine.connections();
  expect(exitCode, all).toBe(visits === 0 ? 0 : 1);
  return visits;
}

/** Which of the names in a file are meant is in static-names.test.ts. */
const NONE = [
  ["a name of a unit test beside real ones", ["-t", "mixed subtracts|mixed > subtracts"]],
  ["a file filter", ["unit/adds"]],
  ["a project filter", ["--project", "unit"]],
  ["a name that only a unit test has", ["-t", "adds"]],
  ["a name that no test has", ["-t", "nothing at all"]],
] as const;

test.each(IS_SOAK ? NONE : NONE.slice(0, 1))(
  "%s that leaves no real test starts nothing",
  async (_filter, args) => {
    expect(await countVisits(args)).toBe(0);
  },
);

const SOME = [
  ["a name in a mixed file", ["real/mixed", "-t", "asks"]],
  ["a file filter", ["real/web"]],
  ["a project filter", ["--project", "real"]],
  ["a name", ["-t", "web answers|web > answers"]],
] as const;

test.each(IS_SOAK ? SOME : SOME.slice(0, 1))(
  "%s that leaves a real test starts services",
  async (_filter, args) => {
    expect(await countVisits(args)).toBeGreaterThan(0);
  },
);

test("of the shards only those with a real test start services", async () => {
  const files = ["unit/adds", "real/web"];
  const visits = await Promise.all([
    countVisits([...files, "--shard=1/2"]),
    countVisits([...files, "--shard=2/2"]),
  ]);
  expect(visits.filter((count) => count > 0)).toHaveLength(1);
});

test("--changed starts services only when a real test is affected", async () => {
  const folder = mkdtempSync(join(tmpdir(), "changed-"));
  try {
    cpSync(projectFolder(PROJECT), folder, {
      recursive: true,
      filter: (file) => !file.includes("node_modules"),
    });
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, ".gitignore"), "node_modules\n");
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=test", "-c", "user.email=test@example.org", ...args], {
        cwd: folder,
      });
    await git("init", "--quiet");
    await git("add", ".");
    await git("commit", "--quiet", "-m", "test: begin");
    if (IS_SOAK) expect(await countVisits(["--changed"], folder)).toBe(0);
    writeFileSync(join(folder, "unit/more.test.ts"), `import "./adds.test.ts";\n`);
    expect(await countVisits(["--changed"], folder)).toBe(0);
    writeFileSync(join(folder, "real/more.real.test.ts"), `import "./web.real.test.ts";\n`);
    expect(await countVisits(["--changed"], folder)).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
