import { execa } from "execa";
import { expect } from "vitest";
export async function expectNothingLeft(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const filter = ["--filter", `label=real-services.id=${id}`];
    const lists = await Promise.all([
      execa("docker", ["ps", "-aq", ...filter]),
      execa("docker", ["network", "ls", "-q", ...filter]),
      execa("docker", ["volume", "ls", "-q", ...filter]),
    ]);
    expect(lists.map(({ stdout }) => stdout)).toEqual(["", "", ""]);
  }
}
