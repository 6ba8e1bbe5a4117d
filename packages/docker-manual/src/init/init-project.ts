import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { firstTest } from "./first-test.ts";
import { ignoreState } from "./gitignore.ts";
import { linkCommand, whereInstalled } from "./link-command.ts";
import { optIn } from "./package-scripts.ts";
import { projectLanguage } from "./project-language.ts";
import { vitestConfig } from "./vitest-config.ts";

/** What `init` wants a file to be. */
export interface FileEdit {
  /** Relative to the project. */
  readonly file: string;
  /** Undefined leaves the file alone. */
  readonly content: string | undefined;
  /** What it is for, or why it was left alone. */
  readonly detail: string;
  /** What the reader has to do by hand. */
  readonly note?: string;
}

export interface InitReport {
  readonly files: readonly {
    readonly file: string;
    readonly action: "created" | "changed" | "unchanged";
    readonly detail: string;
  }[];
  readonly notes: readonly string[];
}

/** Sets a consumer project up; byte for byte the same when it is so already. */
export async function initProject(project: string, dryRun: boolean): Promise<InitReport> {
  if (!existsSync(join(project, "package.json"))) {
    const { RealServicesError } = await import("@real-services/core");
    throw new RealServicesError("REAL_SERVICES_INVALID_OPTION", "There is no package.json here.", {
      received: project,
      hint: "Run `npx docker-manual init` in the folder of the project, or `npm init` first.",
    });
  }
  const language = projectLanguage(project);
  const config = vitestConfig(project, language);
  const edits = [config, firstTest(project, language), optIn(project), ignoreState(project)];
  const files = edits.map((edit) => apply(project, edit, dryRun));
  const notes = edits.flatMap(({ note }) => note ?? []);
  const folder = whereInstalled(project);
  if (!dryRun && folder !== undefined) notes.push(...(await linkCommand(project, folder)));
  const trouble = namesItsStack(join(project, config.file))
    ? undefined
    : await stackTrouble(project);
  if (trouble !== undefined) notes.push(`The stack cannot be read yet: ${trouble}`);
  const next = [
    ...(folder === undefined ? ["npm i -D @real-services/vitest"] : []),
    ...(trouble === undefined ? [] : ["mend the stack, as said above"]),
    "npx vitest run --real-services",
  ];
  notes.push(`Next: ${next.join("\nThen: ")}`);
  return { files, notes };
}

function apply(
  project: string,
  { file, content, detail }: FileEdit,
  dryRun: boolean,
): InitReport["files"][number] {
  const path = join(project, file);
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (content === undefined || content === before) return { file, action: "unchanged", detail };
  if (!dryRun) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return { file, action: before === undefined ? "created" : "changed", detail };
}

/** Only a run knows what a configuration's own `compose` comes to. */
function namesItsStack(config: string): boolean {
  return existsSync(config) && /\bcompose\b/.test(readFileSync(config, "utf8"));
}

/** A project without a compose file is set up all the same; the first run would fail, so it is said now. */
async function stackTrouble(cwd: string): Promise<string | undefined> {
  const { EnvironmentManager, RealServicesError } = await import("@real-services/core");
  try {
    await new EnvironmentManager({ cwd }).resolveStack();
    return undefined;
  } catch (error) {
    if (!(error instanceof RealServicesError)) throw error;
    return `${error.message} ${error.hint ?? ""}`.trim();
  }
}
