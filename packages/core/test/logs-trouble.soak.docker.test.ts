/** A disk that is full, a folder that goes, an engine that goes, or its clock: the run goes on, says so once, and loses no more than it must. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test, vi } from "vitest";
import type { Environment } from "../src/environment.ts";
import { readSlice } from "../src/logs/read-slice.ts";
import { ClockProxy } from "./clock-proxy.ts";
import { eventually, IMAGE, Scenario } from "./scenario.ts";
import { canHaveSecondEngine, SecondEngine, TINY_IMAGE } from "./second-engine.ts";

const CHATTY = `
services:
  chatty: { image: ${IMAGE}, command: [perl, -e, "$$| = 1; for (my $$i = 1; ; $$i++) { print qq($$i\\n); select undef, undef, undef, 0.002 }"] }`;

/** The same on the second engine. */
const TINY_CHATTY = `
services:
  chatty: { image: "${TINY_IMAGE}", stop_grace_period: 1s, command: [/bin/sh, -c, "i=0; while :; do i=$$((i+1)); echo $$i; sleep 0.01; done"] }`;

async function chattyOf(environment: Environment) {
  const span = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, maxLines: 1e6 };
  const { services } = await readSlice(environment.logFolder ?? "", span);
  const [chatty] = services;
  const happened = chatty?.events.map(({ type }) => type) ?? [];
  const lines = (chatty?.lines ?? []).map(({ text }) => text);
  const numbers = lines.filter((text) => !text.startsWith("[")).map(Number);
  const steps = numbers.slice(1).map((number, index) => number - (numbers[index] ?? 0));
  return {
    happened,
    count: numbers.length,
    first: numbers[0],
    runs: numbers.filter((number) => number === 1).length,
    /** Whole lines only, in order; and without a gap. */
    isGrowing: steps.every((step) => step > 0),
    isGapless: steps.every((step) => step === 1),
    missingBytes: chatty?.missingBytes ?? 0,
    /** Not to be printed when a wait fails. */
    texts: () => numbers.map(String),
  };
}

function warnings(scenario: Scenario): string[] {
  return scenario.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
}

test.concurrent("a folder that is deleted in the middle, and what comes afterwards is kept", async () => {
  await using scenario = new Scenario({ "compose.yaml": CHATTY });
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  await eventually(
    () => chattyOf(environment),
    ({ count }) => count > 100,
  );
  rmSync(join(scenario.folder, ".real-services"), { recursive: true });
  const seen = await eventually(
    () => chattyOf(environment),
    ({ count, first = 1 }) => count > 50 && first > 1,
  );
  expect(seen.isGapless).toBe(true);
  await manager.releaseEnvironment(environment.name);
  expect(warnings(scenario)).toEqual([expect.stringContaining("was deleted")]);
});

test.concurrent.each(["a file", "a link"])("%s where the folder should be", async (what) => {
  await using scenario = new Scenario({ "compose.yaml": CHATTY, "elsewhere/file": "" });
  const place = join(scenario.folder, ".real-services");
  if (what === "a file") writeFileSync(place, "");
  else symlinkSync(join(scenario.folder, "elsewhere"), place);
  const manager = scenario.manager();
  const environment = await manager.acquireEnvironment();
  await manager.waitForServices();
  await eventually(
    () => warnings(scenario),
    (said) => said.length > 0,
  );
  await manager.releaseEnvironment(environment.name);
  expect(warnings(scenario)).toEqual([expect.stringContaining(place)]);
  await scenario.expectNothingLeft();
});

test.runIf(canHaveSecondEngine)("a disk that nobody may write to", async () => {
  await using scenario = new Scenario({ "compose.yaml": CHATTY });
  const disk = join(scenario.folder, "disk");
  mkdirSync(disk);
  await execa("mount", ["-t", "tmpfs", "-o", "ro", "none", disk]);
  try {
    const manager = scenario.manager({ logs: { folder: "disk/logs" } });
    const environment = await manager.acquireEnvironment();
    await manager.waitForServices();
    await eventually(
      () => warnings(scenario),
      (said) => said.length > 0,
    );
    // It goes on, and what is asked for is empty: nothing that a failed test would trip over.
    expect(await chattyOf(environment)).toMatchObject({ count: 0, missingBytes: 0 });
    await manager.releaseEnvironment(environment.name);
    expect(warnings(scenario)).toEqual([expect.stringContaining("EROFS")]);
    await scenario.expectNothingLeft();
  } finally {
    await execa("umount", ["-l", disk]);
  }
});

test.runIf(canHaveSecondEngine)(
  "a disk that is full: what was lost is counted, and when there is room again it goes on",
  async () => {
    await using scenario = new Scenario({ "compose.yaml": CHATTY });
    const disk = join(scenario.folder, "disk");
    mkdirSync(disk);
    await execa("mount", ["-t", "tmpfs", "-o", "size=256k", "none", disk]);
    try {
      const manager = scenario.manager({ logs: { folder: "disk/logs" } });
      const environment = await manager.acquireEnvironment();
      await manager.waitForServices();
      await eventually(
        () => chattyOf(environment),
        ({ count }) => count > 10,
      );
      await execa("dd", ["if=/dev/zero", `of=${disk}/hog`, "bs=4k"], { reject: false });
      await eventually(
        () => warnings(scenario),
        (said) => said.length > 0,
      );
      // What is full first may be another file than that of the lines.
      const container = environment.services["chatty"]?.containers[0] ?? "";
      await eventually(
        async () => {
          const { stdout } = await execa("docker", ["logs", "--tail", "1", container]);
          return Number(stdout) - (await chattyOf(environment)).count;
        },
        (lost) => lost > 100,
      );
      rmSync(join(disk, "hog"));
      const before = (await chattyOf(environment)).count;
      const seen = await eventually(
        () => chattyOf(environment),
        ({ count, missingBytes }) => count > before + 50 && missingBytes > 0,
      );
      await manager.releaseEnvironment(environment.name);
      expect(warnings(scenario)).toEqual([expect.stringContaining("ENOSPC")]);
      expect(seen).toMatchObject({ first: 1, isGrowing: true, isGapless: false });
    } finally {
      await execa("umount", ["-l", disk]);
    }
  },
);

test.runIf(canHaveSecondEngine)(
  "an engine that dies and comes back: the lines go on where they ended",
  async () => {
    await using engine = await SecondEngine.start();
    vi.stubEnv("DOCKER_HOST", engine.host);
    try {
      await using scenario = new Scenario({ "compose.yaml": TINY_CHATTY });
      const manager = scenario.manager();
      const environment = await manager.acquireEnvironment();
      await manager.waitForServices();
      await eventually(
        () => chattyOf(environment),
        ({ count }) => count > 20,
      );
      const container = environment.services["chatty"]?.containers[0] ?? "";
      await engine.kill("SIGKILL");
      // It finds that its container has ended, and forgets that before we can listen.
      const elsewhere = `${engine.host}.elsewhere`;
      await engine.start(elsewhere);
      await eventually(
        () => engine.docker(["-H", elsewhere, "inspect", "-f", "{{.State.Status}}", container]),
        ({ stdout }) => stdout === "exited",
      );
      await engine.kill("SIGKILL");
      await engine.start();
      // What it wrote while no engine ran is nobody's.
      await engine.docker(["start", container]);
      const read = async () => {
        const { stdout } = await engine.docker(["logs", container]);
        return stdout.split("\n");
      };
      await eventually(
        () => chattyOf(environment),
        ({ runs }) => runs === 2,
      );
      const known = await read();
      const { texts } = await eventually(
        () => chattyOf(environment),
        ({ count }) => count >= known.length,
      );
      expect(texts().slice(0, known.length)).toEqual(known);
      // No event told of the end.
      const { happened } = await eventually(
        () => chattyOf(environment),
        (seen) =>
          seen.happened.filter((type) => type !== "engine-restarted").join() ===
          "started,exited,started",
      );
      expect(happened).toContain("engine-restarted");
      await manager.releaseEnvironment(environment.name);
    } finally {
      vi.unstubAllEnvs();
    }
  },
);

test.runIf(canHaveSecondEngine)(
  "the file that an engine keeps its log in is emptied by somebody: what comes later is kept",
  async () => {
    await using engine = await SecondEngine.start();
    vi.stubEnv("DOCKER_HOST", engine.host);
    try {
      await using scenario = new Scenario({ "compose.yaml": TINY_CHATTY });
      const manager = scenario.manager();
      const environment = await manager.acquireEnvironment();
      await manager.waitForServices();
      for (let round = 0; round < 3; round += 1) {
        const { count: before } = await chattyOf(environment);
        const seen = await eventually(
          () => chattyOf(environment),
          ({ count }) => count > before + 50,
        );
        expect(seen).toMatchObject({ first: 1, runs: 1, isGrowing: true });
        await engine.emptyLog(environment.services["chatty"]?.containers[0] ?? "");
      }
      await manager.releaseEnvironment(environment.name);
    } finally {
      vi.unstubAllEnvs();
    }
  },
);

test("an engine whose clock is wrong, and is set in the middle of the run", async () => {
  await using scenario = new Scenario({ "compose.yaml": CHATTY });
  await using proxy = await ClockProxy.listen(scenario.folder);
  vi.stubEnv("DOCKER_HOST", proxy.url);
  try {
    const manager = scenario.manager();
    proxy.aheadMs = 7 * 60_000;
    const beganMs = Date.now();
    const environment = await manager.acquireEnvironment();
    await manager.waitForServices();
    const container = environment.services["chatty"]?.containers[0] ?? "";

    const linesSince = async (fromMs: number) => {
      const ask = { fromMs, toMs: Date.now() + 60_000, maxLines: 1e6 };
      const { services } = await readSlice(environment.logFolder ?? "", ask);
      return services[0]?.lines ?? [];
    };
    const linesAfter = (ms: number, count: number) =>
      eventually(
        () => linesSince(ms),
        (lines) => lines.length >= count,
      );
    await linesAfter(Date.now(), 10);
    proxy.aheadMs = -13 * 60_000;
    await linesAfter(Date.now(), 10);
    // The engine itself has the clock of this host.
    const { stdout } = await execa("docker", ["logs", "--timestamps", container], {
      env: { DOCKER_HOST: "" },
    });
    const times = stdout.split("\n").map((line) => Date.parse(line.slice(0, 30)));
    const lines = await linesAfter(beganMs, times.length);
    expect(lines.map(({ text }) => text)).toEqual(lines.map((_, index) => String(index + 1)));
    // As exact as an engine that is busy tells its time.
    const offMs = times.map((timeMs, index) => Math.abs((lines[index]?.timeMs ?? 0) - timeMs));
    expect(Math.max(...offMs)).toBeLessThan(10_000);
    await manager.releaseEnvironment(environment.name);
  } finally {
    vi.unstubAllEnvs();
  }
});
