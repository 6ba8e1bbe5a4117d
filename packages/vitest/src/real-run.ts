import type { ServiceLogReporter } from "@real-services/reporter";
import type { Reporter, TestModule, TestProject, TestSpecification, Vitest } from "vitest/node";
import type { RealServicesOptions } from "./options.ts";
import type { SelectedProject } from "./selection/select-projects.ts";
import type { Session } from "./session/session.ts";
import type { Switch } from "./switch.ts";

/** A project in which real services are on. */
export interface RealProject {
  readonly project: TestProject;
  readonly options: RealServicesOptions;
}

/**
 * Follows one Vitest instance from run to run. The first run that selects a real test starts the
 * services; a run that selects none starts nothing, and loads nothing that could.
 */
export class RealRun {
  /** Vitest awaits `onTestRunStart` before any global setup, with the files left by every filter. */
  readonly reporter: Reporter = {
    onInit: (vitest) => this.#holdBackOthers(vitest),
    onTestRunStart: (specifications) => this.#begin(specifications),
    onTestModuleQueued: (module) => this.#logs?.onTestModuleQueued(module),
    onTestModuleEnd: (module) => this.#logs?.onTestModuleEnd(module),
    onTestRunEnd: async (modules, errors, reason) => {
      this.#failed = reason === "failed" || errors.length > 0;
      // In watch mode services are there when no real test is run as well.
      if (this.#selected.length === 0) return;
      // Workers that died of a signal are no news.
      const told = (await this.#session)?.isInterrupted
        ? ([[], "interrupted"] as const)
        : ([errors, reason] as const);
      await this.#logs?.onTestRunEnd(modules, ...told);
    },
  };
  readonly #vitest: Vitest;
  readonly #switch: Switch;
  readonly #projects: RealProject[] = [];
  readonly #begun = new WeakMap<readonly TestSpecification[], Promise<void>>();
  readonly #heldBack = new WeakSet<object>();
  #session: Promise<Session> | undefined;
  /** Loaded with the session: a run without real tests pays for nothing. */
  #logs: ServiceLogReporter | undefined;
  #selected: readonly SelectedProject[] = [];
  #failed = false;

  constructor(vitest: Vitest, on: Switch) {
    this.#vitest = vitest;
    this.#switch = on;
  }

  add(project: TestProject, options: RealServicesOptions): void {
    this.#projects.push({ project, options });
  }

  /** Releases what this instance has started. Safe to call again. */
  async close(): Promise<void> {
    const session = await this.#session;
    await session?.close(this.#failed);
  }

  #begin(specifications: readonly TestSpecification[]): Promise<void> {
    let begun = this.#begun.get(specifications);
    if (begun === undefined) {
      begun = this.#start(specifications);
      this.#begun.set(specifications, begun);
    }
    return begun;
  }

  async #start(specifications: readonly TestSpecification[]): Promise<void> {
    // Merging reports replays a run; nothing is tested.
    if (this.#vitest.config.mergeReports !== undefined) return;
    const { selectProjects } = await import("./selection/select-projects.ts");
    const selected = await selectProjects(specifications, this.#projects, this.#vitest);
    this.#selected = selected;
    if (selected.length === 0) return;
    this.#session ??= this.#open();
    const session = await this.#session;
    this.#logs?.onTestRunStart(specifications);
    await session.start(selected, { alone: this.#projects.length === 1 });
  }

  async #open(): Promise<Session> {
    const { Session } = await import("./session/session.ts");
    const calls = new Set(this.#projects.flatMap(({ options }) => options.onFailure ?? []));
    const session = new Session(this.#vitest, this.#switch, {
      includes: (module) => this.#isReal(module),
      onFailure: async (report) => {
        for (const call of calls) await call(report);
      },
    });
    this.#logs = session.logs;
    return session;
  }

  #isReal({ project, moduleId }: TestModule): boolean {
    return this.#selected.some((one) => one.project === project && one.files.includes(moduleId));
  }

  /**
   * Other reporters hear of the run when its services are ready: the live lines of both would
   * overwrite each other, and the time of starting would count as the tests'.
   */
  #holdBackOthers(vitest: Vitest): void {
    // Not among the published types; without it the screen is less tidy, nothing else.
    const reporters: unknown = Reflect.get(vitest, "reporters");
    if (!Array.isArray(reporters)) return;
    for (const other of reporters.filter(isObject)) {
      if (other === this.reporter || this.#heldBack.has(other)) continue;
      this.#heldBack.add(other);
      const original: unknown = Reflect.get(other, "onTestRunStart");
      if (typeof original !== "function") continue;
      const held = async (specifications: readonly TestSpecification[]): Promise<unknown> => {
        await this.#begin(specifications);
        return Reflect.apply(original, other, [specifications]);
      };
      Reflect.set(other, "onTestRunStart", held);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
