/** What a person starts, tests adopt: they use it, keep its lease alive, and leave it where it is. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { Workshop } from "./workshop.ts";

const cwd = join(import.meta.dirname, "../../../fixtures/projects/keep");

test("start, tests run on it, stop", async () => {
  await using workshop = await Workshop.open({});
  const { stdout } = await workshop.run(["start", "--json", "--lease", "10m"], { cwd });
  const { name }: { name: string } = JSON.parse(stdout);
  const [before] = await workshop.status();

  const adopting = await workshop.run(["test", "result"], { cwd });
  expect(adopting.exitCode).toBe(0);
  expect(adopting.stderr).toContain(`${name}  adopted`);
  expect(await workshop.environments()).toEqual([name]);
  const [after] = await workshop.status();
  expect(after?.owner.description).not.toBe(before?.owner.description);

  // A shard is to have one of its own.
  const shard = await workshop.run(["test", "result", "--shard=1/1"], { cwd });
  expect(shard.exitCode).toBe(0);
  expect(shard.stderr).not.toContain("adopted");
  expect(await workshop.environments()).toEqual([name]);

  // It ends with 0, as one-shot work does; but it was to serve.
  await workshop.run(["exec", "-e", name, "web", "sh", "-c", "kill 1"]);
  const maimed = await workshop.run(["test", "result"], { cwd });
  expect(maimed.exitCode).toBe(0);
  expect(maimed.stderr).toContain(
    `${name}  warning    not adopted, since “web” has ended with exit code 0`,
  );
  expect(maimed.stderr).not.toContain("stays after this run");
  expect(await workshop.environments()).toEqual([name]);

  expect((await workshop.run(["stop", name])).exitCode).toBe(0);
  expect(await workshop.environments()).toEqual([]);
});
