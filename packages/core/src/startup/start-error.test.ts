import { expect, test } from "vitest";
import type { Explanation } from "./collect-post-mortem.ts";
import type { PostMortem } from "./post-mortem.ts";
import { startError } from "./start-error.ts";

const explanation = (service: string, reason: PostMortem["reason"]): Explanation => ({
  postMortem: {
    ...{ service, reason, container: service, image: `${service}:1`, state: "", exitCode: null },
    ...{ signal: null, oomKilled: false, restartCount: 0, engineError: null, healthChecks: [] },
    ...{ closedPorts: [], logLines: [], waitedForBy: [] },
  },
  silence: undefined,
});

test.each<[PostMortem["reason"][], string, string]>([
  [["unhealthy"], "SERVICE_UNHEALTHY", "Service “a” never passed its health check."],
  [["exited", "exited"], "SERVICE_EXITED", "Service “a”, “b” ended instead of becoming ready."],
  [["not-started"], "SERVICE_EXITED", "Service “a” could not be started."],
])("%j is %s", (reasons, code, message) => {
  const error = startError(reasons.map((reason, at) => explanation("ab"[at] ?? "", reason)));
  expect(error).toMatchObject({ code: `REAL_SERVICES_${code}`, message });
});

test("what to do next is about the one that failed, not about its victims", () => {
  const { hint } = startError([explanation("web", "not-started"), explanation("db", "exited")]);
  expect(hint).toContain("`docker compose up db`");
});
