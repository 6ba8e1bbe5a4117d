/** What takes addresses away from everybody on the engine, and so runs alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EnvironmentManager } from "../src/manager.ts";
import { SMALL_PREFIX } from "../src/stack/subnets.ts";
import { expectNothingLeft } from "./engine-state.ts";
import { Owner } from "./owner.ts";
import { Scenario } from "./scenario.ts";
import { killWatchdogOf } from "./watchdogs.ts";

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

test("28 foreign networks leave the default pools nearly empty: three copies run all the same", async () => {
  const foreign = Array.from({ length: 28 }, (_, index) => `rs-pool-${process.pid}-${index}`);
  // Others on this engine may hold some of the thirty.
  const create = (name: string) =>
    execa("docker", ["network", "create", "--label", MARK, name], { reject: false });
  await Promise.all(foreign.map(create));
  const before = await foreignNetworks();
  expect(before.length).toBeGreaterThan(20);
  await Promise.all(
    Array.from({ length: 3 }, () => runCopy(`services: { web: { image: "${IMAGE}" } }`)),
  );
  const after = await foreignNetworks();
  expect(after).toEqual(before);
});

test("every subnet of ours is taken: refused before anything is created, with the network's name, unless the dead have one", async () => {
  const stack = `services: { web: { image: "${IMAGE}" } }`;
  await using scenario = new Scenario({ "compose.yaml": stack });
  await using owner = new Owner(scenario);
  await owner.says("ready");
  await occupy([198, 18], 15);
  await occupy([10], 8);
  await expect(runCopy(stack)).rejects.toMatchObject({
    code: "REAL_SERVICES_CONFLICT",
    message: expect.stringContaining("network default (of “web”)"),
  });
  await killWatchdogOf(owner.pid);
  owner.kill("SIGKILL");
  await owner.end();
  await runCopy(stack);
  await scenario.expectNothingLeft();
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

/** Takes every address of the range that nobody has yet: what others hold is taken already. */
async function occupy(octets: readonly number[], prefix: number): Promise<void> {
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  const subnet = `${[a, b, c, d].join(".")}/${prefix}`;
  const name = `rs-all-${process.pid}-${subnet.replace("/", "-")}`;
  const create = ["network", "create", "--label", MARK, "--subnet", subnet, name];
  const { exitCode, stderr } = await execa("docker", create, { reject: false });
  if (exitCode === 0 || prefix === SMALL_PREFIX) return;
  expect(stderr).toContain("Pool overlaps");
  const split = Math.floor(prefix / 8);
  const upper = [a, b, c, d].map((octet, index) =>
    index === split ? octet + 2 ** (7 - (prefix % 8)) : octet,
  );
  await occupy([a, b, c, d], prefix + 1);
  await occupy(upper, prefix + 1);
}

async function foreignNetworks(): Promise<string[]> {
  const { stdout } = await execa("docker", ["network", "ls", "-q", "--filter", `label=${MARK}`]);
  return stdout.split("\n").filter((line) => line !== "");
}
