import type { EnvironmentManager, FoundEnvironment } from "@real-services/core";
import { chooseEnvironment } from "./environment-choice.ts";

/** The environment that is meant, and the manager that found it. Core is loaded only now. */
export async function openEnvironment(
  name: string | undefined,
): Promise<{ readonly manager: EnvironmentManager; readonly found: FoundEnvironment }> {
  const { EnvironmentManager: Manager } = await import("@real-services/core");
  const manager = new Manager();
  return { manager, found: await chooseEnvironment(manager, name) };
}
