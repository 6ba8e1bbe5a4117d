import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { leasePorts } from "./port-leases.ts";

const WORKER = resolve(import.meta.dirname, "../../test/lease-worker.ts");
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";
const ROUNDS = IS_SOAK ? 20 : 1;
const WORKERS = IS_SOAK ? 50 : 6;
const PORTS_EACH = 20;
const base = { address: "127.0.0.1", canProbe: true, avoid: new Set<number>() };
/** Where every port of the range has to be had: others of this machine may listen on some. */
const unprobed = { ...base, canProbe: false };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "real-services-leases-"));
  vi.stubEnv("REAL_SERVICES_STATE_DIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe("one process", () => {
  test("leases below the ephemeral range, each port once, and gives them back", async () => {
    const first = await leasePorts({ ...base, counts: [1, 1, 3] });
    const second = await leasePorts({ ...base, counts: [1, 1] });
    const ports = [...first.blocks.flat(), ...second.blocks.flat()];
    expect(new Set(ports).size).toBe(7);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...ports)).toBeLessThanOrEqual(32_767);
    const [, , [a = 0, b = 0, c = 0] = []] = first.blocks;
    expect([b - a, c - b]).toEqual([1, 1]);
    first.release();
    second.release();
    expect(readdirSync(join(folder, "ports"))).toEqual([]);
  });

  test("passes over a port that somebody listens on", async () => {
    const { port, close } = await listen();
    await expectPassedOver(port);
    await close();
  });

  test("passes over the source port of an outgoing connection", async () => {
    const server = await listen();
    const client = connect({ host: "127.0.0.1", port: server.port });
    await once(client, "connect");
    await expectPassedOver(client.localPort ?? 0);
    client.destroy();
    await server.close();
  });

  test("replaces a whole block by another one", async () => {
    const leases = await leasePorts({
      ...unprobed,
      counts: [2],
      ranges: [{ from: 31_000, to: 31_009 }],
    });
    const before = leases.blocks[0] ?? [];
    await leases.replace(before[1] ?? 0);
    const after = leases.blocks[0] ?? [];
    expect(after).toHaveLength(2);
    expect(after.filter((port) => before.includes(port))).toEqual([]);
    leases.release();
  });

  test("says how many are leased when none is left", async () => {
    const ranges = [{ from: 31_100, to: 31_101 }];
    const leases = await leasePorts({ ...unprobed, counts: [1, 1], ranges });
    const purposes = ["service “web” (8000)"];
    const refused = leasePorts({ ...unprobed, counts: [1], purposes, ranges });
    await expect(refused).rejects.toMatchObject({
      code: "REAL_SERVICES_PORTS_EXHAUSTED",
      message: "No free port is left for service “web” (8000) in 31100–31101: 2 of 2 are leased.",
    });
    leases.release();
  });
});

describe("many processes", () => {
  test(`${WORKERS} lease ${PORTS_EACH} ports each at once without a duplicate; the ports of those killed come back`, {
    timeout: 120_000 * ROUNDS,
  }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) await contend(30_000 + round * 100);
  });
});

/** Who needs just that one finds none, and it is nobody's; who may have another finds that. */
async function expectPassedOver(port: number): Promise<void> {
  const ranges = [{ from: port, to: port }];
  // Some of its neighbours may be in use as well.
  const more = [...ranges, { from: port + 1, to: port + 50 }];
  const leases = await leasePorts({ ...base, counts: [1], ranges: more });
  expect(leases.blocks[0]?.[0]).toBeGreaterThan(port);
  leases.release();
  await expect(leasePorts({ ...base, counts: [1], ranges })).rejects.toMatchObject({
    code: "REAL_SERVICES_PORTS_EXHAUSTED",
    message: expect.stringContaining("0 of 1 are leased"),
  });
}

/** The range holds exactly what all workers want: each port has to be found by somebody. */
async function contend(from: number): Promise<void> {
  const count = WORKERS * PORTS_EACH;
  const range = [from, from + count - 1].map(String);
  const workers = start(WORKERS, range);
  try {
    const leased = await Promise.all(workers.map(firstLine));
    const ports = leased.flat();
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports).toHaveLength(count);

    const [killed, living] = [workers.slice(0, WORKERS / 2), workers.slice(WORKERS / 2)];
    await Promise.all(killed.map(kill));
    const successors = start(killed.length, range);
    workers.push(...successors);
    const again = (await Promise.all(successors.map(firstLine))).flat();
    const freed = leased.slice(0, killed.length).flat();
    expect(again.toSorted()).toEqual(freed.toSorted());
    expect(living.every((worker) => worker.exitCode === null)).toBe(true);
  } finally {
    await Promise.all(workers.map(kill));
  }
}

function start(count: number, range: readonly string[]): ChildProcess[] {
  return Array.from({ length: count }, () =>
    spawn(process.execPath, [WORKER, String(PORTS_EACH), ...range], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
}

async function firstLine(worker: ChildProcess): Promise<number[]> {
  if (worker.stdout === null) throw new Error("A worker without output.");
  for await (const line of createInterface(worker.stdout)) {
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value)) return value;
    throw new Error(String(value));
  }
  throw new Error("A worker ended without leasing.");
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = once(worker, "exit");
  worker.kill("SIGKILL");
  await exit;
}

async function listen(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  return {
    port: address.port,
    close: () => new Promise((resolveClose) => server.close(() => resolveClose())),
  };
}
