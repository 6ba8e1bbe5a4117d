import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.js";
import { SetupError } from "./report.js";
import { root } from "./root.js";

/** The Node.js that all scripts of this repository run on; the one running this may be older. */
export const projectNode = join(root, "node_modules", ".bin", "node");

const quietly = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

/** Brings `node_modules` to what `package-lock.json` says, and does nothing when it is there. */
export async function nodeModules(status) {
  if (current()) return "found";
  status("npm install");
  // Not `npm ci`: it refuses a lock file that was written where the registry lacks the optional
  // packages of other platforms. This, too, installs what the lock file says and leaves it alone.
  await run(["npm", "install", "--no-save", ...quietly], { cwd: root });
  if (!existsSync(projectNode)) {
    throw new SetupError(
      "npm left out Node.js itself: the package `node` fetches it in an install script. Allow it with `npm config set ignore-scripts false`, then run this again.",
    );
  }
  return "installed";
}

/**
 * npm writes what it installed to a lock file of its own, at the very end, so an interrupted
 * installation never looks complete. Packages of other platforms are missing from it.
 */
function current() {
  if (!existsSync(projectNode)) return false;
  const wanted = packages(join(root, "package-lock.json"));
  const installed = packages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, link }]) => {
    if (!path.includes("node_modules/")) return true;
    const found = installed[path];
    if (!found) return optional === true;
    return link || (found.version === version && found.integrity === integrity);
  });
}

function packages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
