import { EnvironmentManager } from "@real-services/core";
import type { Prepare } from "./contestant.ts";

/** The built package, as a consumer has it: what it loads lazily, it loads within the measured time. */
export const prepareOurs: Prepare = async (stack, name) => {
  const manager = new EnvironmentManager({ compose: stack.files, name });
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
};
