import type { EnvironmentManager } from "@real-services/core";

/** Shows on standard error what happens while something takes its time. */
export async function withProgress<T>(
  manager: EnvironmentManager,
  work: () => Promise<T>,
): Promise<T> {
  const { createProgress } = await import("@real-services/reporter");
  const progress = createProgress();
  const unsubscribe = manager.subscribe(progress.listener);
  try {
    return await work();
  } finally {
    unsubscribe();
    progress.done();
  }
}
