import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Workshop } from "./workshop.ts";

const repository = join(import.meta.dirname, "../../..");

/** A project with two projects and tags: a copy, since it keeps the logs of its runs. */
export async function openCategories(): Promise<Workshop> {
  const workshop = await Workshop.open({});
  const filter = (file: string): boolean => !/node_modules|\.real-services/.test(file);
  const project = join(repository, "fixtures/projects/categories");
  cpSync(project, workshop.folder, { recursive: true, filter });
  symlinkSync(join(repository, "node_modules"), join(workshop.folder, "node_modules"));
  return workshop;
}

/** What shards have put beside the tests. */
export function leftBehind({ folder }: Workshop): string[] {
  return readdirSync(folder).filter((file) => /shards/.test(file));
}
