import { execa } from "execa";
import type { RowResult } from "./measure-row.ts";

/** Being gone quickly is no art for who leaves something: what the samples have left, by name. */
export async function findLeftovers(results: readonly RowResult[]): Promise<readonly string[]> {
  const projects = results
    .flatMap(({ contestants }) => contestants)
    .flatMap(({ samples }) => samples)
    .flatMap((sample) => sample.projects);
  const listings = await Promise.all([
    execa("docker", ["ps", "--all", "--format", "{{.Names}}"]),
    execa("docker", ["network", "ls", "--format", "{{.Name}}"]),
    execa("docker", ["volume", "ls", "--format", "{{.Name}}"]),
  ]);
  return listings
    .flatMap(({ stdout }) => stdout.split("\n"))
    .filter((name) => projects.some((project) => name.startsWith(project)));
}
