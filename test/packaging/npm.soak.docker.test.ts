/** Who installs two packages with npm has the literal flag, and keeps it through every install. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listenAsEngine } from "../../packages/vitest/test/engine.ts";
import { NONSENSE_TEST } from "./nonsense-test.ts";
import { createProject, type OutsideProject } from "./outside-project.ts";
import { expectRealRun } from "./real-run.ts";

// The steps of one user, in their order: each builds on the one before.
let project: OutsideProject;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project[Symbol.asyncDispose]());

test("after the install, init sets the project up, and again changes nothing", async () => {
  await project.run("npm i -D vitest@5 @real-services/vitest docker-manual");
  const bare = project.files();
  await project.run("npx docker-manual init");
  const ready = project.files();
  expect([...ready.keys()].filter((file) => ready.get(file) !== bare.get(file))).toEqual([
    ".gitignore",
    "package.json",
    "test/services.real.test.ts",
    "vitest.config.ts",
  ]);
  const { stdout } = await project.run("npx docker-manual init");
  expect(stdout).not.toMatch(/^(created|changed)/m);
  expect(project.files()).toEqual(ready);
});

test("without the flag nothing real runs and nobody looks for an engine", async () => {
  await using engine = await listenAsEngine();
  const { stdout } = await project.run("npx vitest run", { DOCKER_HOST: engine.host });
  expect(stdout).toMatch(/Tests {2}1 passed \(1\)/);
  expect(stdout).not.toContain("services.real.test.ts");
  expect(engine.connections()).toBe(0);
});

test("with the flag the generated test runs on real services", async () => {
  await expectRealRun(project, "npx vitest run --real-services");
});

test("the flag survives `npm ci`, also through `npm test`", async () => {
  await project.run("npm ci");
  await expectRealRun(project, "npm test -- run --real-services");
});

test("the flag survives a fresh install, and takes a subset", async () => {
  await project.run("rm -r node_modules package-lock.json");
  await project.run("npm install");
  await expectRealRun(project, "npx vitest run --real-services=redis", { services: ["redis"] });
});

test("the flag survives another Vitest, and works with it", async () => {
  await project.run("npm i -D vitest@4.1");
  await expectRealRun(project, "npx vitest run --real-services", { vitest: "v4.1." });
});

test("another Vitest shows service logs under a failed test too", async () => {
  const file = join(project.folder, "test/nonsense.real.test.ts");
  writeFileSync(file, NONSENSE_TEST);
  const line = "npx vitest run --real-services=postgres nonsense";
  const output = await project.run(line).catch((error: Error) => error.message);
  rmSync(file);
  expect(output).toContain(" RUN  v4.1.");
  expect(output).toMatch(
    / service logs\n.*\n +postgres {2}\.real-services\/.*\n.*LOG: {2}invalid length/,
  );
});

test("undone, the command is Vitest's own again", async () => {
  await project.run("npx real-services-link --undo");
  await expect(project.run("npx vitest run --real-services")).rejects.toThrow("Unknown option");
});

test("an install without development dependencies is not stopped by the opt-in", async () => {
  await project.run("npm ci --omit=dev");
});
