import { execa } from "execa";
import { expect } from "vitest";

/** Of the environments with these ids. */
export function expectNothingLeft(ids: readonly string[]): Promise<void> {
  return expectNothingLabelled("id", ids);
}

/** Of all environments whose label has one of these values. */
export async function expectNothingLabelled(
  label: "id" | "environment",
  values: readonly string[],
): Promise<void> {
  for (const value of values) {
    const filter = ["--filter", `label=real-services.${label}=${value}`];
    const lists = await Promise.all([
      execa("docker", ["ps", "-aq", ...filter]),
      execa("docker", ["network", "ls", "-q", ...filter]),
      execa("docker", ["volume", "ls", "-q", ...filter]),
    ]);
    expect(lists.map(({ stdout }) => stdout)).toEqual(["", "", ""]);
  }
}
