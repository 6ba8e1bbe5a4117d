import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TicketFile } from "../startup/memory-ticket.ts";
import { claim } from "./claim.ts";
import { sweepClaims } from "./sweep-claims.ts";

const isDead = async (owner: string) => owner === "dead";
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "real-services-claims-"));
  vi.stubEnv("REAL_SERVICES_STATE_DIR", root);
  mkdirSync(join(root, "ports"), { mode: 0o700 });
  mkdirSync(join(root, "locks"), { mode: 0o700 });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

test("what the dead held is given back, what the living hold is not", async () => {
  await claim(join(root, "ports/30000"), "dead", isDead);
  await claim(join(root, "ports/30001"), "living", isDead);
  await claim(join(root, "locks/build"), "dead", isDead);
  expect(await sweepClaims(isDead)).toBe(2);
  expect(readdirSync(join(root, "ports"))).toEqual(["30001"]);
  expect(readdirSync(join(root, "locks"))).toEqual([]);
  expect(await sweepClaims(isDead)).toBe(0);
});

test("places in line for memory", async () => {
  const url = "unix:///var/run/docker.sock";
  const ticket = (id: string) => ({ id, environment: id, bytes: 1 });
  new TicketFile(ticket("gone"), url, "dead");
  const living = new TicketFile(ticket("here"), url, "living");
  expect(await sweepClaims(isDead)).toBe(1);
  expect(await living.readAll()).toEqual([{ ...ticket("here"), isAdmitted: false }]);
  expect(readdirSync(join(root, "memory"))).toHaveLength(1);
});

test("drafts, and rights to take over, that the dead left", async () => {
  const content = JSON.stringify({ nonce: crypto.randomUUID(), owner: "dead" });
  writeFileSync(join(root, "ports/.draft"), content);
  writeFileSync(join(root, `ports/30000.${crypto.randomUUID()}`), content);
  writeFileSync(join(root, "ports/.living"), content.replace("dead", "living"));
  await sweepClaims(isDead);
  expect(readdirSync(join(root, "ports"))).toEqual([".living"]);
});

test("what is no claim stays", async () => {
  const target = join(root, "target");
  writeFileSync(target, JSON.stringify({ nonce: crypto.randomUUID(), owner: "dead" }));
  symlinkSync(target, join(root, "ports/30000"));
  writeFileSync(join(root, "ports/30001"), "dead");
  mkdirSync(join(root, "ports/30002"));
  expect(await sweepClaims(isDead)).toBe(0);
  expect(readdirSync(join(root, "ports"))).toEqual(["30000", "30001", "30002"]);
  expect(readdirSync(root)).toContain("target");
});

test("ten sweeps at once are as good as one", async () => {
  for (let port = 30_000; port < 30_020; port += 1) {
    await claim(join(root, "ports", String(port)), port % 2 === 0 ? "dead" : "living", isDead);
  }
  await Promise.all(Array.from({ length: 10 }, () => sweepClaims(isDead)));
  expect(readdirSync(join(root, "ports"))).toEqual(
    Array.from({ length: 10 }, (_, index) => String(30_001 + 2 * index)),
  );
});
