import { readFileSync } from "node:fs";
import { platform } from "node:os";

/** @typedef {{ id: string, name: string, codename: string, major: number, debianLike: boolean }} Distribution */

/** Root on Linux: the only one who may install or start an engine for the machine. */
export const isLinuxRoot = () => platform() === "linux" && process.getuid?.() === 0;

/**
 * Reads os-release(5), which every current distribution has.
 *
 * @returns {Distribution}
 */
export function distribution(text = osRelease()) {
  const field = (name) => text.match(new RegExp(`^${name}=(["']?)(.*)\\1$`, "m"))?.[2] ?? "";
  const id = field("ID");
  return {
    id,
    name: field("PRETTY_NAME") || platform(),
    codename: field("VERSION_CODENAME"),
    major: Number.parseInt(field("VERSION_ID"), 10),
    debianLike: id === "debian" || id === "ubuntu",
  };
}

function osRelease() {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}
