/** `clean --images` removes what was built for environments and is used by nobody. */
import { execa } from "execa";
import { expect, test } from "vitest";
import { Workshop } from "./workshop.ts";

/** The end of an archive, and nothing before it. */
const NOTHING = Buffer.alloc(1_024);

test("one that nobody uses, and one that a container uses", async () => {
  await using workshop = await Workshop.open({});
  using host = workshop.host();
  await using cleanUp = new AsyncDisposableStack();
  const [unused, used, foreign] = ["unused", "used", "foreign"].map(
    (n) => `${workshop.name}-${n}:1`,
  );
  for (const [image = "", label] of [
    [unused, "real-services.built=yes"],
    [used, "real-services.built=yes"],
    [foreign, "somebody.built=yes"],
  ]) {
    // Unlike any other, so that none is a second name of another.
    const changes = ["--change", `LABEL ${label}`, "--change", `LABEL name=${image}`];
    await execa("docker", ["import", ...changes, "-", image], { input: NOTHING });
    cleanUp.defer(() => void execa("docker", ["rmi", "-f", image], { reject: false }));
  }
  // Of the workshop's, so that the command sees it.
  const label = `real-services.environment=${workshop.name}-1`;
  const create = ["create", "--label", label, used ?? "", "nothing"];
  const { stdout: user } = await execa("docker", create);
  cleanUp.defer(async () => void (await execa("docker", ["rm", user])));

  const [heads = "", ...rows] = (await workshop.runIn(host, ["df"])).stdout.split("\n");
  const row = rows.find((line) => line.includes(used ?? "")) ?? "";
  expect(row.slice(heads.indexOf("IMAGE"))).toBe("0 B");

  const clean = async (...args: string[]) => {
    const { stdout } = await workshop.runIn(host, ["clean", "--images", "--json", ...args]);
    const { images }: { images: { name: string; action: string; reason: string }[] } =
      JSON.parse(stdout);
    return images.toSorted((a, b) => a.name.localeCompare(b.name));
  };
  const decisions = [
    { name: unused, action: "removed", reason: "built for environments, used by none" },
    { name: used, action: "kept", reason: expect.stringContaining("uses it") },
  ];
  expect(await clean("--dry-run")).toEqual(decisions);
  expect(await clean()).toEqual(decisions);
  expect(await clean()).toEqual(decisions.slice(1));
});
