import type { TestProject, VitestPluginContext } from "vitest/node";
import { findOptionProblem } from "./check-options.ts";
import { includeOf, type RealServicesOptions } from "./options.ts";
import { RealRun } from "./real-run.ts";
import { formatSwitch, readSwitch, SWITCH_VARIABLE } from "./switch.ts";

/** One per configuration of a Vitest instance: a restart of its server makes a new configuration. */
const runs = new WeakMap<object, RealRun>();

/** What the plugin does in one project. Costs next to nothing while real services are off. */
export async function configureProject(
  options: RealServicesOptions,
  { vitest, project }: Pick<VitestPluginContext, "vitest" | "project">,
): Promise<void> {
  const problem = findOptionProblem(options);
  if (problem !== undefined) {
    const { optionError } = await import("./option-error.ts");
    throw optionError(problem);
  }
  const on = readSwitch({
    env: process.env,
    argv: process.argv,
    mode: project.vite.config.mode,
  });
  const include = includeOf(options);
  if (!on.enabled) {
    project.config.exclude.push(...include);
    return;
  }
  if (hasFilesToItself(project, options)) project.config.include.push(...include);
  // For the helpers in the tests, however real services were switched on.
  project.config.env = { ...project.config.env, [SWITCH_VARIABLE]: formatSwitch(on) };

  let run = runs.get(vitest.config);
  if (run === undefined) {
    run = new RealRun(vitest, on);
    runs.set(vitest.config, run);
    vitest.config.reporters.push(run.reporter);
    vitest.onClose(() => run?.close());
  }
  run.add(project, options);
}

/**
 * Among several projects with one root, a file that only matches the plugin's `include` would run
 * in each of them; there the projects' own `include` decides, unless the plugin's was written down.
 */
function hasFilesToItself(project: TestProject, options: RealServicesOptions): boolean {
  const { config } = project.vitest;
  return (
    options.include !== undefined ||
    config.projects === undefined ||
    config.projects.length === 0 ||
    project.config.root !== config.root
  );
}
