import { platform } from "node:os";
import { run, tryRun } from "./command.js";
import { engineAdvice } from "./engine-advice.js";
import { installPackages, packagesFit } from "./engine-packages.js";
import { startEngine } from "./engine-start.js";
import { distribution, isLinuxRoot } from "./operating-system.js";
import { SetupError } from "./report.js";

/**
 * A reachable engine with Compose v2: found, else started, else installed and started. A running
 * engine is never restarted or changed, whoever it belongs to.
 *
 * @param {(doing: string) => void} status
 */
export async function engine(status) {
  let found = await probe();
  if (found.server && found.compose) return `found ${describe(found)}`;
  // Whoever names an engine means that one; a local one would be no replacement for it.
  const named = ["DOCKER_HOST", "DOCKER_CONTEXT"].find((name) => process.env[name]);
  if (named || !isLinuxRoot()) throw new SetupError(advice(found, named));

  let done = "started";
  const startable = found.server || (await tryRun(["dockerd", "--version"]));
  if (!startable || !found.compose) {
    if (!packagesFit()) throw new SetupError(advice(found));
    status("installing its packages");
    await installPackages({ server: !startable });
    done = "installed";
    // Under systemd the package has started it; or it ran before, and only the client was missing.
    found = await probe();
  }
  if (!found.server) {
    status("starting dockerd");
    await startEngine();
    found = await probe();
  }
  if (!found.server || !found.compose) throw new SetupError(advice(found));
  return `${done} ${describe(found)}`;
}

const describe = ({ server, compose }) => `dockerd ${server}, Compose ${compose}`;

/** Without what a packager adds: 26.1.5+dfsg1, v2.40.3-3. */
const plainVersion = (text) => text?.match(/\d+(\.\d+)*/)?.[0];

/** The versions of what answers, and the client's own words where nothing does. */
async function probe() {
  const [server, compose] = await Promise.allSettled([
    run(["docker", "version", "--format", "{{.Server.Version}}"], { timeoutMs: 10_000 }),
    run(["docker", "compose", "version", "--short"], { timeoutMs: 10_000 }),
  ]);
  return {
    server: plainVersion(server.value),
    // The plugin, not Compose v1, which was a program of its own.
    compose: plainVersion(compose.value),
    problem: server.reason?.message ?? "",
  };
}

function advice(found, named) {
  return engineAdvice({
    ...found,
    platform: platform(),
    root: isLinuxRoot(),
    distribution: distribution(),
    named: named && `${named}=${process.env[named]}`,
  });
}
