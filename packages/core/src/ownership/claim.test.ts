import { spawn } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Claim, claim, unclaim } from "./claim.ts";

const WORKER = resolve(import.meta.dirname, "../../test/claim-worker.ts");

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "real-services-test-"));
  path = join(folder, "30000");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isDead = async (owner: string) => owner.startsWith("dead");
const holder = () => JSON.parse(readFileSync(path, "utf8")).owner;
const right = (of: Claim) => `${path}.${of.nonce}`;

async function claimed(owner: string, at = path): Promise<Claim> {
  const found = await claim(at, owner, isDead);
  if (found === undefined) throw new Error(`${owner} could not claim ${at}.`);
  return found;
}

test("the first one has it, nobody else, not even the same owner twice", async () => {
  await claimed("living");
  expect(await claim(path, "other", isDead)).toBeUndefined();
  expect(await claim(path, "living", isDead)).toBeUndefined();
  expect(holder()).toBe("living");
});

test("given back it is free, and only its own holder can give it back", async () => {
  const first = await claimed("living");
  unclaim(path, { ...first, nonce: "guessed" });
  expect(holder()).toBe("living");
  unclaim(path, first);
  const second = await claimed("other");
  unclaim(path, first);
  expect(holder()).toBe("other");
  unclaim(path, second);
  expect(readdirSync(folder)).toEqual([]);
});

test("the dead are succeeded, once", async () => {
  await claimed("dead");
  await claimed("living");
  expect(await claim(path, "other", isDead)).toBeUndefined();
  expect(holder()).toBe("living");
});

test("a dead one that died while it took over from a dead one is succeeded too", async () => {
  const first = await claimed("dead 1");
  const second = await claimed("dead 2", right(first));
  await claimed("dead 3", `${right(first)}.${second.nonce}`);
  await claimed("living");
  expect(holder()).toBe("living");
});

test("never while a living one is in the middle of taking over", async () => {
  await claimed("living", right(await claimed("dead")));
  expect(await claim(path, "other", isDead)).toBeUndefined();
  expect(holder()).toBe("dead");
});

test("a chain of deaths longer than is plausible is left alone", async () => {
  let at = path;
  for (let depth = 0; depth < 6; depth += 1) at = `${at}.${(await claimed("dead", at)).nonce}`;
  expect(await claim(path, "living", isDead)).toBeUndefined();
});

describe("what is no claim is left alone", () => {
  test.each([
    "",
    "{}",
    "null",
    "4711",
    '{"nonce":1,"owner":"dead"}',
    '{"owner":"dead"}',
    "dead",
    '{"nonce":"/../../precious","owner":"dead"}',
  ])("%j", async (content) => {
    writeFileSync(path, content);
    expect(await claim(path, "living", isDead)).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  test("a symbolic link to somewhere", async () => {
    const target = join(folder, "target");
    symlinkSync(target, path);
    expect(await claim(path, "living", isDead)).toBeUndefined();
    expect(readdirSync(folder)).toEqual(["30000"]);
  });
});

test("nothing but the claim itself stays in the folder, whatever happened", async () => {
  await claimed("dead");
  await claimed("living");
  await claim(path, "other", isDead);
  expect(readdirSync(folder)).toEqual(["30000"]);
});

test("a test that fails leaves the claim as it was", async () => {
  await claimed("dead");
  const failure = new Error("unreadable");
  await expect(claim(path, "living", () => Promise.reject(failure))).rejects.toBe(failure);
  expect(readdirSync(folder)).toEqual(["30000"]);
  expect(holder()).toBe("dead");
});

describe("six processes in the same millisecond", () => {
  const begin = (owner: string) => {
    const child = spawn(process.execPath, [WORKER, owner, "dead"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    return { owner, child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  };
  let workers: ReturnType<typeof begin>[] = [];
  const says = () => Promise.all(workers.map(async ({ lines }) => (await lines.next()).value));

  beforeAll(async () => {
    workers = Array.from({ length: 6 }, (_, index) => begin(`worker ${index}`));
    expect(new Set(await says())).toEqual(new Set(["ready"]));
  });
  afterAll(() => {
    for (const { child } of workers) child.stdin.end();
  });

  test.each(["free", "held by the dead", "held by the living"])("%s", async (state) => {
    if (state !== "free") await claimed(state === "held by the dead" ? "dead" : "living");
    // Enough for each of them to have been told.
    const at = Date.now() + 500;
    for (const { child } of workers) child.stdin.write(`${at} ${path}\n`);
    const outcomes = await says();
    // One that failed said neither.
    for (const said of outcomes) expect(said).toMatch(/^(true|false)$/);
    const winners = workers.filter((_, index) => outcomes[index] === "true");
    const expected = state === "held by the living" ? [] : [holder()];
    expect(winners.map(({ owner }) => owner)).toEqual(expected);
    expect(readdirSync(folder)).toEqual(["30000"]);
  });
});
