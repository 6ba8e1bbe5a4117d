/**
 * What to do next where there is no engine and this script may not provide one: one message for
 * one situation.
 *
 * @param {object} situation
 * @param {NodeJS.Platform} situation.platform
 * @param {boolean} situation.root
 * @param {import("./operating-system.js").Distribution} situation.distribution
 * @param {string} [situation.server] the version of the engine that answers
 * @param {string} [situation.problem] the docker client's own words
 * @param {string} [situation.named] the engine that DOCKER_HOST or DOCKER_CONTEXT names
 */
export function engineAdvice({ platform, root, distribution, server, problem, named }) {
  if (server)
    return `The engine (${server}) answers, but there is no \`docker compose\`. ${composeAdvice(platform)}`;
  if (named)
    return `${named} does not answer. Start that engine, or unset the variable to use this machine's own.\n${problem}`;
  if (/permission denied/i.test(problem)) {
    return "The engine runs, but you may not use it. Join its group with `sudo usermod -aG docker $USER`, log in again, and run this again.";
  }
  if (platform === "darwin") {
    return "No engine answers. Start Docker Desktop (`open -a Docker`) or Colima (`colima start`); `brew install colima docker docker-compose` installs the latter. Then run this again.";
  }
  if (platform === "win32") {
    return "No engine answers. Start Docker Desktop (`winget install Docker.DockerDesktop` installs it), or run this inside WSL 2. Then run this again.";
  }
  if (!root) {
    const own = distribution.debianLike
      ? " or run this as root, which installs and starts one: `sudo node scripts/setup --engine-only`"
      : "";
    return `No engine answers. Start it with \`sudo systemctl start docker\`,${own} and run this again.`;
  }
  return `No engine answers, and on ${distribution.name} this script cannot install one. Install Docker Engine with its Compose plugin (https://docs.docker.com/engine/install/), start it, and run this again.`;
}
