import { execa } from "execa";
import type { Prepare, Stack } from "./contestant.ts";

export const prepareCompose: Prepare = async (stack, project) => ({
  project,
  conflicts: 0,
  start: () => compose(stack, project, ["up", "--detach", "--wait"]),
  remove: () => compose(stack, project, ["down", "--volumes"]),
  discard: () => discardCompose(stack, project),
});

/** Without the grace that it would give. */
export function discardCompose(stack: Stack, project: string): Promise<void> {
  return compose(stack, project, ["down", "--volumes", "--timeout", "0"]);
}

async function compose(stack: Stack, project: string, command: readonly string[]): Promise<void> {
  const files = stack.files.flatMap((file) => ["--file", file]);
  await execa("docker", ["compose", "--project-name", project, ...files, ...command]);
}
