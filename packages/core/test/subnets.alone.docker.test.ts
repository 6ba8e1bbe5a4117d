/** What takes addresses away from everybody on the engine, and so runs alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EnvironmentManager } from "../src/manager.ts";
import { expectNothingLeft } from "./engine-state.ts";

const IMAGE = process.env["PEER_IMAGE"] ?? "real-services/peer:1";
/** Labels everything foreign that this file makes, so that its own clean-up is exact. */
const MARK = `real-services-subnets-test=${process.pid}`;

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "subnets-"));
});
afterEach(async () => {
  rmSync(cwd, { recursive: true, force: true });
  const ids = await foreignNetworks();
  if (ids.length > 0) await execa("docker", ["network", "rm", ...ids]);
});

test("28 foreign networks leave the default pools nearly empty: six copies run all the same", async () => {
  const foreign = Array.from({ length: 28 }, (_, index) => `rs-pool-${process.pid}-${index}`);
  // Others on this engine may hold some of the thirty.
  const create = (name: string) =>
    execa("docker", ["network", "create", "--label", MARK, name], { reject: false });
  await Promise.all(foreign.map(create));
  const before = await foreignNetworks();
  expect(before.length).toBeGreaterThan(20);
  await Promise.all(
    Array.from({ length: 6 }, () => runCopy(`services: { web: { image: "${IMAGE}" } }`)),
  );
  const after = await foreignNetworks();
  expect(after).toEqual(before);
});

test("every subnet of ours is taken: refused before anything is created, with the network's name", async () => {
  await execa("docker", [
    "network",
    "create",
    "--label",
    MARK,
    "--subnet",
    "198.18.0.0/15",
    `rs-all-${process.pid}-1`,
  ]);
  await execa("docker", [
    "network",
    "create",
    "--label",
    MARK,
    "--subnet",
    "10.0.0.0/8",
    `rs-all-${process.pid}-2`,
  ]);
  await expect(runCopy(`services: { web: { image: "${IMAGE}" } }`)).rejects.toMatchObject({
    code: "REAL_SERVICES_CONFLICT",
    message: expect.stringContaining("network default (of “web”)"),
  });
});

async function runCopy(compose: string): Promise<void> {
  writeFileSync(join(cwd, "compose.yaml"), compose);
  const manager = new EnvironmentManager({ cwd });
  const environment = await manager.acquireEnvironment();
  try {
    await manager.waitForServices({ environment: environment.name });
  } finally {
    await manager.releaseEnvironment(environment.name);
  }
  await expectNothingLeft([environment.id]);
}

async function foreignNetworks(): Promise<string[]> {
  const { stdout } = await execa("docker", ["network", "ls", "-q", "--filter", `label=${MARK}`]);
  return stdout.split("\n").filter((line) => line !== "");
}
