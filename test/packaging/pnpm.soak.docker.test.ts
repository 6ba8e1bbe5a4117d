/** Who installs two packages with pnpm has the literal flag, through pnpm and npx, and keeps it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject, type OutsideProject } from "./outside-project.ts";
import { expectRealRun } from "./real-run.ts";

// The steps of one user, in their order: each builds on the one before.
let project: OutsideProject;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project[Symbol.asyncDispose]());

const subset = { services: ["redis"] };

test("after the install, init sets the project up, and again changes nothing", async () => {
  await project.run("pnpm add -D vitest@5 @real-services/vitest docker-manual");
  await project.run("pnpm exec docker-manual init");
  const ready = project.files();
  await project.run("pnpm exec docker-manual init");
  expect(project.files()).toEqual(ready);
});

test("the flag works through pnpm and through npx", async () => {
  await expectRealRun(project, "pnpm vitest run --real-services");
  await expectRealRun(project, "npx vitest run --real-services=redis", subset);
});

test("the flag survives `pnpm install --frozen-lockfile`", async () => {
  await project.run("rm -r node_modules");
  await project.run("pnpm install --frozen-lockfile");
  await expectRealRun(project, "npx vitest run --real-services=redis", subset);
});

test("the flag survives a fresh install", async () => {
  await project.run("rm -r node_modules pnpm-lock.yaml");
  await project.run("pnpm install");
  await expectRealRun(project, "npx vitest run --real-services=redis", subset);
});

test("the flag survives another Vitest: pnpm's command at once, npx's from the next run on", async () => {
  await project.run("pnpm add -D vitest@4.1");
  await expectRealRun(project, "pnpm vitest run --real-services", { vitest: "v4.1." });
  await expectRealRun(project, "npx vitest run --real-services=redis", {
    ...subset,
    vitest: "v4.1.",
  });
});

test("an install without development dependencies is not stopped by the opt-in", async () => {
  await project.run("pnpm install --prod");
});
