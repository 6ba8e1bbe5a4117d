import { type ConsumerOptions, type Run, startVitest, uniqueName } from "./consumer.ts";
import { removeEnvironments } from "./engine.ts";

/** A run with an environment of its own; whatever a failed test leaves is removed. */
export async function withRun(
  args: readonly string[],
  { project = "interrupt", ...options }: ConsumerOptions & { readonly project?: string },
  story: (run: Run, name: string) => Promise<void>,
): Promise<void> {
  const name = uniqueName();
  const env = { COMPOSE_PROJECT_NAME: name, ...options.env };
  const run = startVitest(project, ["--real-services", ...args], { ...options, env });
  try {
    await story(run, name);
  } finally {
    run.kill("SIGKILL");
    await run;
    await removeEnvironments(name);
  }
}
