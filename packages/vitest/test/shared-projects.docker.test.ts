/** Projects with the same stack share one environment, another stack gets its own beside it. */
import { afterEach, expect, test } from "vitest";
import { runVitest, uniqueName } from "./consumer.ts";
import { findEnvironments, removeEnvironments } from "./engine.ts";

const name = uniqueName();
afterEach(() => removeEnvironments(name));

test("two projects share an environment, prepared once before a global setup, and a third has its own", async () => {
  const { exitCode, stdout, all } = await runVitest("shared-projects", ["--real-services"], {
    env: { COMPOSE_PROJECT_NAME: name },
  });
  expect(exitCode, all).toBe(0);
  // Nothing failed: nobody needs to know where logs are.
  expect(all).not.toContain(".real-services");
  const [orders, stock, mail] = ["orders", "stock", "mail"].map(
    (project) => new RegExp(`${project} on (\\S+)`).exec(stdout)?.[1],
  );
  expect(orders).toContain(name);
  expect(stock).toBe(orders);
  expect(mail).toContain(name);
  expect(mail).not.toBe(orders);
  expect(await findEnvironments(name)).toEqual([]);
});
