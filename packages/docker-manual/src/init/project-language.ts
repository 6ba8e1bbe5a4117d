import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface ProjectLanguage {
  readonly isTypeScript: boolean;
  /** Whether its `.js` and `.ts` files are ES modules. */
  readonly isModule: boolean;
}

const SOURCES = ["*", "{src,lib,test,tests}/**/*"].map((files) => `${files}.{ts,tsx,mts,cts}`);

/** What new files have to be written in, so that they look at home and run without a warning. */
export function projectLanguage(project: string): ProjectLanguage {
  const manifest: {
    readonly type?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
  } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  const { type, dependencies, devDependencies } = manifest;
  return {
    isModule: type === "module",
    isTypeScript:
      "typescript" in { ...dependencies, ...devDependencies } ||
      existsSync(join(project, "tsconfig.json")) ||
      globSync(SOURCES, { cwd: project, exclude: ["**/node_modules/**"] }).length > 0,
  };
}
