import { EnvironmentManager, type EnvironmentOptions } from "@real-services/core";
import type { Candidate, Prepare } from "./contestant.ts";

export const prepareOurs: Prepare = (stack, name) => prepare({ compose: stack.files, name });

/** What capturing logs costs is the difference. */
export const prepareOursWithoutLogs: Prepare = (stack, name) =>
  prepare({ compose: stack.files, name, logs: false });

/** The built package, as a consumer has it: what it loads lazily, it loads within the measured time. */
async function prepare(options: EnvironmentOptions): Promise<Candidate> {
  const manager = new EnvironmentManager(options);
  let project = "";
  let conflicts = 0;
  manager.subscribe((event) => {
    if (event.type === "conflict") conflicts += 1;
  });
  const remove = async () => {
    if (project !== "") await manager.releaseEnvironment(project);
  };
  return {
    get project() {
      return project;
    },
    get conflicts() {
      return conflicts;
    },
    start: async () => {
      project = (await manager.acquireEnvironment()).name;
      await manager.waitForServices();
    },
    remove,
    discard: remove,
  };
}
