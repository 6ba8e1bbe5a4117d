import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FileEdit } from "./init-project.ts";

const ENTRY = ".real-services/";

/** Keeps what runs leave in the project out of its history. */
export function ignoreState(project: string): FileEdit {
  const file = ".gitignore";
  const path = join(project, file);
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  const detail = `leaves ${ENTRY} out`;
  const entries = before.split("\n").map((line) => line.trim().replace(/^\//, ""));
  if (entries.includes(ENTRY) || entries.includes(".real-services")) {
    return { file, content: undefined, detail };
  }
  const end = before.includes("\r\n") ? "\r\n" : "\n";
  const separator = before === "" || before.endsWith("\n") ? "" : end;
  return { file, content: `${before}${separator}${ENTRY}${end}`, detail };
}
