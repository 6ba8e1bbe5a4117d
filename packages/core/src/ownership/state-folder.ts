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
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const info = lstatSync(root);
  const uid = process.getuid?.();
  if (!info.isDirectory() || (uid !== undefined && info.uid !== uid)) {
    throw new RealServicesError(
      "REAL_SERVICES_CONFLICT",
      `${root} is not a folder of this user, so it cannot be trusted.`,
      {
        received: root,
        hint: "Remove it, or set REAL_SERVICES_STATE_DIR to a folder of your own.",
      },
    );
  }
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Not TMPDIR on Linux: CI systems set it per job, and jobs of one host must meet. */
function defaultParent(): string {
  return process.platform === "linux" ? "/tmp" : tmpdir();
}

function defaultName(): string {
  const uid = process.getuid?.();
  return `real-services-${uid ?? userInfo().username}`;
}
