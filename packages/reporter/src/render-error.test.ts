import { join } from "node:path";
import { type PostMortem, RealServicesError } from "@real-services/core";
import { expect, test } from "vitest";
import { renderPostMortem, summarize } from "./post-mortem.ts";
import { renderError } from "./render-error.ts";

const postMortem: PostMortem = {
  service: "postgres",
  container: "shop-1-postgres-1",
  image: "postgres:17",
  reason: "exited",
  state: "exited",
  exitCode: 1,
  signal: null,
  oomKilled: false,
  restartCount: 2,
  engineError: null,
  closedPorts: [],
  healthChecks: [{ exitCode: 1, output: "connection refused\n" }],
  logLines: ["initdb", "FATAL: no POSTGRES_PASSWORD=hunter22"],
  waitedForBy: ["backend"],
};

test("shows code, message, post-mortem and what to do next", () => {
  const error = new RealServicesError("REAL_SERVICES_SERVICE_EXITED", "postgres exited.", {
    hint: "Read its log.",
    postMortems: [postMortem, { ...postMortem, service: "backend", reason: "not-started" }],
  });
  expect(renderError(error)).toMatchInlineSnapshot(`
    "REAL_SERVICES_SERVICE_EXITED
      postgres exited.

      postgres exited with code 1, after 2 restarts
        container  shop-1-postgres-1 (postgres:17)
        health     exit 1: connection refused
        log        initdb
                   FATAL: no POSTGRES_PASSWORD=*****
        needed by  backend

      next   Read its log."
  `);
});

test("without post-mortems shows all that services wrote", () => {
  const error = new RealServicesError("REAL_SERVICES_PREPARE_FAILED", "no orders");
  const at = { service: "postgres", replica: 1, timestamp: "", timeMs: 1_009 };
  const postgres = {
    service: "postgres",
    lines: [{ ...at, stream: "stderr" as const, text: "ERROR:  no orders" }],
    omittedLines: 0,
    missingBytes: 0,
    events: [],
    file: join(process.cwd(), "postgres.log"),
    fileLine: 7,
  };
  const slice = { environment: "shop", fromMs: 1_000, toMs: 2_000, services: [postgres] };
  expect(renderError(error, { slice })).toMatchInlineSnapshot(`
    "REAL_SERVICES_PREPARE_FAILED
      no orders

      postgres  postgres.log:7
        ✖    +9ms  ERROR:  no orders"
  `);
  expect(renderError(error, { slice: { ...slice, services: [] } })).not.toContain("postgres");
});

test("appends only causes whose words were not said", () => {
  const error = new RealServicesError("REAL_SERVICES_NO_ENGINE", "No engine: ENOENT.", {
    cause: new Error("ENOENT", { cause: new Error("the disk is gone") }),
  });
  expect(renderError(error)).toMatchInlineSnapshot(`
    "REAL_SERVICES_NO_ENGINE
      No engine: ENOENT.

      cause  the disk is gone"
  `);
});

test("renders foreign errors by their message, without a stack", () => {
  expect(renderError(new TypeError("x is not a function"))).toBe("x is not a function");
  expect(renderError("plain")).toBe("plain");
});

test("a port at which nothing answered is named", () => {
  const late = { ...postMortem, reason: "timeout", closedPorts: [3_000] } as const;
  expect(renderPostMortem(late)).toContain("port       3000: nothing answers");
});

test.each<[string, Partial<PostMortem>]>([
  ["exited with code 1", {}],
  ["was killed by SIGSEGV (139)", { exitCode: 139, signal: "SIGSEGV" }],
  ["was killed by SIGKILL (137)", { exitCode: 137, signal: "SIGKILL" }],
  [
    "was killed by SIGKILL (137), for using too much memory",
    { exitCode: 137, signal: "SIGKILL", oomKilled: true },
  ],
  [
    "exited with code 0, a process in it was killed for using too much memory",
    { exitCode: 0, oomKilled: true },
  ],
  [
    "was not ready in time, a process in it was killed for using too much memory",
    { reason: "timeout", state: "running", exitCode: null, oomKilled: true },
  ],
  ["never became healthy, exit code 4", { reason: "unhealthy", exitCode: 4 }],
  [
    "never became healthy, was killed by SIGABRT (134), after 1 restart",
    { reason: "unhealthy", exitCode: 134, signal: "SIGABRT", restartCount: 1 },
  ],
  ["exited", { exitCode: null }],
])("an end in one line: %s", (said, rest) => {
  expect(summarize({ ...postMortem, restartCount: 0, ...rest })).toBe(said);
});
