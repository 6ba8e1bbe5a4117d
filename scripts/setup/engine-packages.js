import { rm } from "node:fs/promises";
import { aptHas, aptInstall, aptUpdate, cacheFolder, downloadFromRelease } from "./apt.js";
import { distribution, isLinuxRoot } from "./operating-system.js";

const daemon = ["docker.io", "containerd"];
const client = ["docker-cli"];
const plugins = ["docker-compose", "docker-buildx"];

/** Whether the engine can come from the machine's own distribution. */
export const packagesFit = () => isLinuxRoot() && distribution().debianLike;

/**
 * Installs Docker's packages.
 *
 * @param {{ server: boolean }} needed without `server`, only the client and its plugins: an
 *   engine that already runs, from wherever it came, is not replaced
 */
export async function installPackages({ server }) {
  const { id, major } = distribution();
  await aptUpdate();
  if (id === "debian" && major === 12) await installOnDebian12(server ? daemon : []);
  else if (id === "debian") await aptInstall([...(server ? daemon : []), ...client, ...plugins]);
  else await installOnUbuntu(server);
}

/**
 * Debian 12's own engine is 20.10, without Compose v2 and without the `start_interval` of health
 * checks. The packages of its successor want no newer libc than Debian 12 has, except for `runc`,
 * which therefore, with everything else they depend on, comes from Debian 12 itself.
 *
 * The plugins come from the release after that where it has some that fit (apt refuses, before it
 * changes anything, if not): Compose 2.26 lacks two years of fixes that all users have.
 */
async function installOnDebian12(daemonPackages) {
  try {
    const packages = await downloadFromRelease("trixie", [...daemonPackages, ...client]);
    try {
      await aptInstall([...packages, ...(await downloadFromRelease("forky", plugins))]);
    } catch {
      await aptInstall([...packages, ...(await downloadFromRelease("trixie", plugins))]);
    }
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** Ubuntu keeps the client within `docker.io` and has other names for the plugins. */
async function installOnUbuntu(server) {
  const names = [];
  for (const [ours, theirs] of [
    ["docker-compose-v2", "docker-compose"],
    ["docker-buildx", undefined],
  ]) {
    if (await aptHas(ours)) names.push(ours);
    else if (theirs) names.push(theirs);
  }
  await aptInstall([...(server ? ["docker.io"] : []), ...names]);
}
