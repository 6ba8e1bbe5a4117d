import { expect, test } from "vitest";
import type { Explanation } from "./collect-post-mortem.ts";
import type { PostMortem } from "./post-mortem.ts";
import { lateError, startError } from "./start-error.ts";

const postMortem: PostMortem = {
  service: "db",
  container: "db-1",
  image: "postgres:17",
  reason: "exited",
  state: "exited",
  exitCode: 1,
  signal: null,
  oomKilled: false,
  restartCount: 0,
  engineError: null,
  healthChecks: [],
  closedPorts: [],
  logLines: [],
  waitedForBy: [],
};

function explanation(rest: Partial<PostMortem> = {}, silence?: Error): Explanation {
  return { postMortem: { ...postMortem, ...rest }, silence };
}

test.each<[Partial<PostMortem>, string, string]>([
  [{}, "EXITED", "Service “db” ended instead of becoming ready."],
  [{ reason: "unhealthy" }, "UNHEALTHY", "Service “db” never passed its health check."],
  [{ reason: "not-started" }, "EXITED", "Service “db” could not be started."],
])("%o", (rest, code, message) => {
  expect(startError([explanation(rest)])).toMatchObject({
    code: `REAL_SERVICES_SERVICE_${code}`,
    message,
    received: ["postgres:17"],
    hint: expect.stringContaining("`docker compose up db`"),
  });
});

test("the worst of several decides, all are named", () => {
  const error = startError([
    explanation({ reason: "unhealthy" }),
    explanation({ service: "api", reason: "not-started" }),
  ]);
  expect(error.message).toBe("Service “db”, “api” could not be started.");
});

test("a full disk has the advice that a full disk always has", () => {
  const engineError = "mkdir /var/lib/docker/x: no space left on device";
  expect(startError([explanation({ reason: "not-started", engineError })]).hint).toContain(
    "docker system df",
  );
});

test("an engine that has gone is the error, whatever the services look like", () => {
  const cause = new Error("connect ENOENT /docker.sock");
  const silence = new Error("the engine stopped answering: connect ENOENT /docker.sock", { cause });
  const gone = {
    code: "REAL_SERVICES_ENGINE_FAILED",
    received: silence.message,
    cause,
    hint: expect.stringContaining("docker ps"),
  };
  const both = [explanation({ reason: "unhealthy" }), explanation({ service: "api" }, silence)];
  expect(startError(both)).toMatchObject({
    ...gone,
    message: `Service “db”, “api” ended instead of becoming ready; ${silence.message}`,
  });
  expect(lateError(2_000, ["db", "api"], both)).toMatchObject({
    ...gone,
    message: `Not ready after 2 s: “db”, “api”; ${silence.message}`,
  });
});

test("a timeout names what is pending, and shows those of whom there is something to show", () => {
  const late = { reason: "timeout" } as const;
  const error = lateError(
    500,
    ["db", "api"],
    [explanation(late), explanation({ ...late, service: "api", container: "" })],
  );
  expect(error).toMatchObject({ code: "REAL_SERVICES_TIMEOUT", received: 500 });
  expect(error.message).toBe("Not ready after 0.5 s: “db”, “api”.");
  expect(error.postMortems.map(({ service }) => service)).toEqual(["db"]);
});

test("what to do next is about the one that failed, not about its victims", () => {
  const victim = explanation({ service: "web", reason: "not-started" });
  expect(startError([victim, explanation()]).hint).toContain("`docker compose up db`");
});
