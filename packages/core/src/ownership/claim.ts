import { randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DeadOwnerTest } from "./dead-owner.ts";

/** The content of a claim file. */
export interface Claim {
  /** Made anew for every claim: tells this one from a later one at the same path. */
  readonly nonce: string;
  readonly owner: string;
}

/** How often a dead claimant may itself have died while taking over from a dead one. */
const MAX_DEPTH = 3;
const NONCE = /^[0-9a-f-]{36}$/;
/** Begins the name of a claim that is being written, and is none yet. */
const DRAFT = ".";

/**
 * Claims a path for an owner, exclusively among all processes that share the folder. Never waits:
 * undefined when somebody else, not provably dead, holds it.
 *
 * A claim is a hard link, so it appears together with its content. A dead holder's claim is taken
 * over by first claiming the right to do so, at a path that carries the dead claim's nonce; the
 * holder is then read once more, since another process may have taken over in between.
 */
export async function claim(
  path: string,
  owner: string,
  isDead: DeadOwnerTest,
  depth = 0,
): Promise<Claim | undefined> {
  // Most paths that exist belong to the living: seen without writing anything.
  if (existsSync(path) && !(await isTakable(path, isDead))) return undefined;
  const mine: Claim = { nonce: randomUUID(), owner };
  const draft = join(dirname(path), `${DRAFT}${mine.nonce}`);
  writeFileSync(draft, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
  try {
    if (link(draft, path)) return mine;
    const holder = readClaim(path);
    if (holder === undefined || depth >= MAX_DEPTH) return undefined;
    if (!(await isDead(holder.owner))) return undefined;
    const right = `${path}.${holder.nonce}`;
    if ((await claim(right, owner, isDead, depth + 1)) === undefined) return undefined;
    try {
      if (readClaim(path)?.nonce !== holder.nonce) return undefined;
      renameSync(draft, path);
      return mine;
    } finally {
      rmSync(right, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

async function isTakable(path: string, isDead: DeadOwnerTest): Promise<boolean> {
  const holder = readClaim(path);
  return holder !== undefined && (await isDead(holder.owner));
}

/** Gives a claim back; only its own holder may, which the nonce proves. */
export function unclaim(path: string, mine: Claim): void {
  if (readClaim(path)?.nonce === mine.nonce) rmSync(path, { force: true });
}

/**
 * Takes away what a dead holder, or one that died while it claimed, has left at a path. False when
 * there is nothing of the kind.
 */
export async function releaseDeadClaim(
  path: string,
  owner: string,
  isDead: DeadOwnerTest,
): Promise<boolean> {
  // What a link points to is nobody's claim.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  if (!(await isTakable(path, isDead))) return false;
  if (basename(path).startsWith(DRAFT)) {
    rmSync(path, { force: true });
    return true;
  }
  // By taking it over: between the look and the removal a living one may have done the same.
  const mine = await claim(path, owner, isDead);
  if (mine === undefined) return false;
  unclaim(path, mine);
  return true;
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined when nobody holds the path, or when its content is not a claim: then it is left alone. */
function readClaim(path: string): Claim | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const { nonce, owner } = { nonce: undefined, owner: undefined, ...value };
    if (typeof nonce !== "string" || typeof owner !== "string") return undefined;
    // It becomes a part of a path that is written and removed.
    return NONCE.test(nonce) ? { nonce, owner } : undefined;
  } catch {
    return undefined;
  }
}
