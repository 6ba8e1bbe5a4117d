/** What `start` begins outlives the command, and every sweep, until its lease has run out. */
import { expect, test } from "vitest";
import { eventually, Workshop } from "./workshop.ts";

test("others acquire and sweep: it stays, until one sweep after its lease", async () => {
  await using workshop = await Workshop.open();
  const long = await workshop.start();
  // This one's acquire sweeps as well.
  const short = await workshop.start(["--lease", "4s"]);
  const kept = await workshop.run(["clean"]);
  expect(kept.stdout).toMatch(new RegExp(`kept +${long} .* its lease runs until`));
  expect(await workshop.environments()).toContain(long);

  await eventually(
    () => workshop.status(),
    (environments) => environments.every(({ name, orphan }) => name !== short || orphan),
  );
  await workshop.run(["clean"]);
  expect(await workshop.environments()).toEqual([long]);
  const [services] = (await workshop.status()).map((environment) => environment.services);
  expect(services).toMatchObject([{ name: "web", status: "running", health: "HEALTHY" }]);
});
