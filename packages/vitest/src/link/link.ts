import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { binOf } from "../launcher/find-vitest.ts";
import { trampolineOf } from "./project.ts";

/** Whose command `node_modules/.bin/vitest` is. */
export type LinkState = "linked" | "vitest" | "other" | "missing";

export function linkState(project: string): LinkState {
  const { command, trampoline, vitest } = filesOf(project);
  if (!existsSync(command)) return "missing";
  const target = realpathSync(command);
  if (target === realIfThere(trampoline)) return "linked";
  if (target === realIfThere(vitest)) return "vitest";
  if (lstatSync(command).isSymbolicLink()) return "other";
  // pnpm and Windows have scripts instead of symlinks.
  const script = readFileSync(command, "utf8");
  if (script.includes(".real-services/vitest.mjs")) return "linked";
  return script.includes("vitest.mjs") ? "vitest" : "other";
}

/** Makes the project's `vitest` command understand `--real-services`. */
export async function link(project: string): Promise<void> {
  const { command, trampoline, vitest } = filesOf(project);
  mkdirSync(dirname(trampoline), { recursive: true });
  replace(trampoline, (file) =>
    writeFileSync(file, trampolineSource(toImport(trampoline, vitest)), { mode: 0o755 }),
  );
  await pointTo(command, trampoline);
}

/** Makes it Vitest's own again, until the next `link`. */
export async function unlink(project: string): Promise<void> {
  const { command, trampoline, vitest } = filesOf(project);
  await pointTo(command, vitest);
  rmSync(trampoline, { force: true });
}

/**
 * The command leads here and not into our package, so that it still runs Vitest once the package is
 * uninstalled; package managers leave folders with a dot alone.
 */
function trampolineSource(vitest: string): string {
  return `#!/usr/bin/env node
// By \`real-services-link\`, so that \`vitest --real-services\` works.
// \`npx real-services-link --undo\` gives the command back to vitest.
import { existsSync } from "node:fs";

const launcher = new URL("../@real-services/vitest/bin/vitest-real-services.js", import.meta.url);
const vitest = new URL(${JSON.stringify(vitest)}, import.meta.url);
await import((existsSync(launcher) ? launcher : vitest).href);
`;
}

async function pointTo(command: string, file: string): Promise<void> {
  mkdirSync(dirname(command), { recursive: true });
  if (process.platform === "win32") {
    const { default: cmdShim } = await import("cmd-shim");
    await cmdShim(file, command);
    return;
  }
  // npm wants to find a symlink where it has put one, pnpm a script.
  const isScript = lstatSync(command, { throwIfNoEntry: false })?.isFile() === true;
  const path = relative(dirname(command), file);
  replace(command, (temporary) => {
    if (!isScript) symlinkSync(path, temporary);
    else writeFileSync(temporary, shellScript(path), { mode: 0o755 });
  });
}

function shellScript(path: string): string {
  return `#!/bin/sh\nexec node "$(dirname "$0")/${path}" "$@"\n`;
}

/** Made beside and renamed over: whoever looks meanwhile finds the one or the other. */
function replace(file: string, write: (temporary: string) => void): void {
  const temporary = `${file}.${process.pid}.tmp`;
  write(temporary);
  renameSync(temporary, file);
}

function filesOf(project: string): { command: string; trampoline: string; vitest: string } {
  const modules = join(project, "node_modules");
  const manifest = join(modules, "vitest", "package.json");
  const content: unknown = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")) : {};
  return {
    command: join(modules, ".bin", "vitest"),
    trampoline: trampolineOf(project),
    vitest: join(modules, "vitest", binOf(content)),
  };
}

function toImport(from: string, to: string): string {
  return relative(dirname(from), to).replaceAll("\\", "/");
}

function realIfThere(file: string): string | undefined {
  return existsSync(file) ? realpathSync(file) : undefined;
}
