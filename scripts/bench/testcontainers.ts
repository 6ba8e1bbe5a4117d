import { dirname } from "node:path";
import {
  DockerComposeEnvironment,
  type StartedDockerComposeEnvironment,
  Wait,
} from "testcontainers";
import { discardCompose } from "./compose.ts";
import type { Prepare } from "./contestant.ts";

// Its reaper is one more image and container; without it, this contestant is only faster.
process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";

/** More than any stack here needs, with the default intervals of 30 s. */
const STARTUP_MS = 180_000;

export const prepareTestcontainers: Prepare = async (stack, project) => {
  const [first = ""] = stack.files;
  const environment = new DockerComposeEnvironment(dirname(first), [...stack.files])
    .withProjectName(project)
    .withStartupTimeout(STARTUP_MS)
    .withDefaultWaitStrategy(Wait.forHealthCheck());
  let started: StartedDockerComposeEnvironment | undefined;
  return {
    project,
    conflicts: 0,
    start: async () => {
      started = await environment.up();
    },
    remove: async () => {
      await started?.down();
    },
    discard: () => discardCompose(stack, project),
  };
};
