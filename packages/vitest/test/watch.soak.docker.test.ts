import { expect, test } from "vitest";
import { exitCodeOf } from "./consumer.ts";
import { findEnvironments } from "./engine.ts";
import { Watched } from "./watched.ts";

test("services that do not start with the first run fail their files alone, and the next run tries again", async () => {
  await using watched = new Watched([], {});
  const { name, next, run } = watched;
  await next(/REAL_SERVICES_NO_COMPOSE_FILE/);
  await next(/adds/);
  await next(/The services of this file did not start/);
  await next(/Watching for file changes/);
  watched.addStack();
  watched.edit("web.real.test.ts", `${watched.read("web.real.test.ts")}\n`);
  await next(/ran on/);
  run.kill("SIGINT");
  expect(await exitCodeOf(run)).toBe(130);
  expect(await findEnvironments(name)).toEqual([]);
});
