import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { FileEdit } from "./init-project.ts";

/**
 * The opt-in for the literal flag. The script named `vitest` is what pnpm and yarn prefer to the
 * command of that name; the other one links the command itself, again after each install.
 */
const scriptsOf = (project: string): Readonly<Record<string, string>> => ({
  vitest: "vitest-real-services",
  ...(isPnpms(project)
    ? {
        prepare: "real-services-link || exit 0",
        // `pnpm add` runs nothing at its end: this waits for it.
        "pnpm:devPreinstall": "real-services-link --when-done || exit 0",
      }
    : { dependencies: "real-services-link || exit 0" }),
});
const COMMANDS = ["vitest-real-services", "real-services-link"];

/** Adds the opt-in to the scripts of package.json; what is there already stays. */
export function optIn(project: string): FileEdit {
  const file = "package.json";
  const detail = "opts in to `vitest --real-services`";
  const before = readFileSync(join(project, file), "utf8");
  const manifest: { scripts?: Record<string, string> } = JSON.parse(before);
  const scripts = { ...manifest.scripts };
  const notes: string[] = [];
  for (const [name, command] of Object.entries(scriptsOf(project))) {
    const present = scripts[name];
    if (present === undefined) scripts[name] = command;
    else if (!COMMANDS.some((word) => present.includes(word))) {
      if (name === "vitest")
        notes.push(`package.json has a script \`vitest\`: let it run \`${command}\`.`);
      else scripts[name] = `${present} && (${command})`;
    }
  }
  const note = notes.join("\n");
  const isSame = JSON.stringify(scripts) === JSON.stringify(manifest.scripts ?? {});
  return {
    file,
    detail,
    content: isSame ? undefined : format({ ...manifest, scripts }, before),
    ...(note === "" ? {} : { note }),
  };
}

/** In the file's own indentation, with its own ends of lines. */
function format(manifest: object, before: string): string {
  const indent = /^[{]\r?\n([ \t]+)/.exec(before)?.[1] ?? "  ";
  const text = JSON.stringify(manifest, null, indent) + (before.endsWith("\n") ? "\n" : "");
  return before.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}

/**
 * npm runs `dependencies` after everything that changes node_modules. pnpm does not know it; it runs
 * `prepare` after `pnpm install`, and like npm never for those who depend on this project.
 */
function isPnpms(project: string): boolean {
  const folder = resolve(project);
  if (existsSync(join(folder, "pnpm-lock.yaml"))) return true;
  const parent = dirname(folder);
  return parent !== folder && !existsSync(join(folder, "package-lock.json")) && isPnpms(parent);
}
