import type { TestProject, VitestPluginContext } from "vitest/node";
import { findOptionProblem } from "./check-options.ts";
import { linkAgain } from "./link/link-again.ts";
import { OffHint } from "./off-hint.ts";
import { includeOf, type RealServicesOptions } from "./options.ts";
import type { RealRun } from "./real-run.ts";
import { formatSwitch, readSwitch, SWITCH_VARIABLE } from "./switch.ts";

/** One per configuration of a Vitest instance: a restart of its server makes a new configuration. */
const runs = new WeakMap<object, Promise<RealRun>>();

/** The same for those in which real services are off. */
const hints = new WeakMap<object, OffHint>();

/** Where the `vitest` command was already looked at. */
const linked = new WeakSet<object>();

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
  if (!linked.has(vitest)) {
    linked.add(vitest);
    await linkAgain(vitest.config.root);
  }
  const on = readSwitch({
    env: process.env,
    argv: process.argv,
    mode: project.vite.config.mode,
  });
  const include = includeOf(options);
  if (!on.enabled) {
    const { exclude } = project.config;
    // Not pushed: projects may share the list of Vitest's defaults.
    project.config.exclude = [...exclude, ...include];
    const hint = hints.get(vitest.config) ?? new OffHint(vitest);
    if (!hints.has(vitest.config)) {
      hints.set(vitest.config, hint);
      vitest.config.reporters.push(hint.reporter);
    }
    hint.add({ project, include, exclude });
    return;
  }
  if (hasFilesToItself(project, options)) {
    project.config.include = [...project.config.include, ...include];
  }
  // For the helpers in the tests, however real services were switched on.
  project.config.env = { ...project.config.env, [SWITCH_VARIABLE]: formatSwitch(on) };

  // Projects are configured at the same time: whichever comes first makes the run for all.
  let run = runs.get(vitest.config);
  if (run === undefined) {
    run = import("./real-run.ts").then(({ RealRun }) => {
      const made = new RealRun(vitest, on);
      vitest.config.reporters.push(made.reporter);
      vitest.onClose(() => made.close());
      return made;
    });
    runs.set(vitest.config, run);
  }
  (await run).add(project, options);
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
