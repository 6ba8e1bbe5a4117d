import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { RealServicesError } from "../errors.ts";

/**
 * The folder where this user's processes on this host meet: leases of ports, locks. Private to the
 * user, and only ever a help: the engine's own answers decide.
 */
export function stateFolder(name: string): string {
  const root = process.env["REAL_SERVICES_STATE_DIR"] ?? join(defaultParent(), defaultName());
  const folder = join(root, name);
  for (const path of [root, folder]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!isPrivate(path)) throw untrusted(path);
  }
  return folder;
}

/** A folder and no link to one, of this user, that nobody else can put anything into. */
function isPrivate(path: string): boolean {
  const info = lstatSync(path);
  if (!info.isDirectory()) return false;
  const uid = process.getuid?.();
  // Windows has neither; there the folder of temporary files is its user's own.
  return uid === undefined || (info.uid === uid && (info.mode & 0o022) === 0);
}

function untrusted(path: string): RealServicesError {
  return new RealServicesError(
    "REAL_SERVICES_CONFLICT",
    `${path} is not a folder of this user alone, so it cannot be trusted.`,
    {
      received: path,
      hint: "Remove it, or set REAL_SERVICES_STATE_DIR to a folder of your own.",
    },
  );
}

/** Not TMPDIR on Linux: CI systems set it per job, and jobs of one host must meet. */
function defaultParent(): string {
  return process.platform === "linux" ? "/tmp" : tmpdir();
}

function defaultName(): string {
  const uid = process.getuid?.();
  return `real-services-${uid ?? userInfo().username}`;
}
