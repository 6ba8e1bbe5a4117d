import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, repository } from "./consumer.ts";

const OLDER = join(repository, "fixtures/vitest-4/node_modules/vitest");
const OWN = ["core", "reporter", "vitest"];
/** They are there in another version, or as links to where they are built. */
const REPLACED = new Set(["vitest", "@real-services", "docker-manual"]);

/** The versions that the packages work with; tests of the repository itself run on the last one. */
export type VitestVersion = "4.1" | "5";

/** A folder to run consumer projects in, as an install with another Vitest leaves it. */
export interface Installed {
  readonly folder: string;
  [Symbol.dispose](): void;
}

/** Undefined for the version that the repository has: its projects are run where they are. */
export function installFor(version: VitestVersion, ...projects: string[]): Installed | undefined {
  return version === "4.1" ? installWithVitest4(projects) : undefined;
}

/**
 * Copies of some of `fixtures/projects` in a folder from where only Vitest 4.1 can be found. The
 * packages are copied too: links would lead back to the Vitest that they are built with.
 */
function installWithVitest4(projects: readonly string[]): Installed {
  const folder = mkdtempSync(join(tmpdir(), "vitest-4-"));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@real-services"), { recursive: true });
  for (const name of readdirSync(join(repository, "node_modules"))) {
    if (name.startsWith(".") || REPLACED.has(name)) continue;
    symlinkSync(join(repository, "node_modules", name), join(modules, name));
  }
  symlinkSync(OLDER, join(modules, "vitest"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  for (const name of OWN) {
    for (const part of ["package.json", "bin", "dist"]) {
      const source = join(repository, "packages", name, part);
      const target = join(modules, "@real-services", name, part);
      if (existsSync(source)) cpSync(source, target, { recursive: true });
    }
  }
  for (const project of projects) {
    // What other runs left there is being written, or removed, right now.
    const filter = (path: string) => !/\/(node_modules|\.real-services)$/.test(path);
    cpSync(projectFolder(project), join(folder, project), { recursive: true, filter });
  }
  return {
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
