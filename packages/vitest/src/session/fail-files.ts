import { fileURLToPath } from "node:url";
import type { SelectedProject } from "../selection/select-projects.ts";

/** Fails its file before any test of it runs, if the services did not start. */
const SETUP_FILE = fileURLToPath(new URL("../worker/fail-unserved.js", import.meta.url));

/** Watch mode goes on after services did not start: each file that needs them says so. */
export function failFiles(selected: readonly SelectedProject[], error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  for (const { project, files, idle } of selected) {
    project.provide("realServicesRun", { idle, failed: { files, reason } });
    if (!project.config.setupFiles.includes(SETUP_FILE)) {
      project.config.setupFiles.unshift(SETUP_FILE);
    }
  }
}
