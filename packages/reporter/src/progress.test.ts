import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { LifecycleEvent, StartProfile } from "@real-services/core";
import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

const environment = "shop-1";
const profile: StartProfile = {
  services: [
    {
      name: "postgres",
      createdMs: 210,
      requestedMs: 212,
      startedMs: 430,
      readyMs: 930,
      waitedFor: undefined,
    },
    {
      name: "migrate",
      createdMs: 210,
      requestedMs: 931,
      startedMs: 1_100,
      readyMs: 1_210,
      waitedFor: "postgres",
    },
  ],
  criticalPath: ["postgres", "migrate"],
  advice:
    "“postgres” spends 0.5 s between its start and ready, more than anything else on the way.",
};
const start: LifecycleEvent[] = [
  { type: "services:planned", environment, services: ["postgres", "migrate"] },
  { type: "warning", environment, message: "host binds are shared" },
  { type: "warning", environment, message: "host binds are shared" },
  { type: "service:started", environment, service: "postgres", sinceAcquireMs: 200 },
  {
    type: "service:ready",
    environment,
    service: "postgres",
    sinceAcquireMs: 930,
    completed: false,
  },
  {
    type: "service:ready",
    environment,
    service: "migrate",
    sinceAcquireMs: 1_210,
    completed: true,
  },
  { type: "environment:ready", environment, sinceAcquireMs: 1_215, profile },
  { type: "environment:released", environment, durationMs: 400 },
];

const ready: LifecycleEvent = {
  type: "service:ready",
  environment,
  service: "redis",
  sinceAcquireMs: 300,
  completed: false,
};

function record(live: boolean, events: readonly LifecycleEvent[], columns = 80): string {
  const stream = Object.assign(new PassThrough(), { isTTY: live, columns, rows: 24 });
  const progress = createProgress({ stream, live, now: () => 500 });
  for (const event of events) progress.listener(event);
  progress.done();
  return String(stream.read());
}

test("writes aligned plain lines where there is no terminal, warnings once", () => {
  expect(record(false, start)).toMatchInlineSnapshot(`
    "real-services  shop-1    warning    host binds are shared
    real-services  postgres  ready      0.9 s
    real-services  migrate   done       1.2 s
    real-services  shop-1    ready      1.2 s
    real-services  shop-1    removed    0.4 s
    "
  `);
});

test("a restart says who follows, and after whom", () => {
  const follows = { type: "service:follows", environment, service: "api", after: ["db"] } as const;
  expect(record(false, [follows])).toMatchInlineSnapshot(`
    "real-services  api  restarts   after db (depends_on with restart: true)
    "
  `);
});

test("names the environment when there are several", () => {
  const other: LifecycleEvent[] = [
    { type: "services:planned", environment: "blog-2", services: ["redis"] },
    {
      type: "service:ready",
      environment: "blog-2",
      service: "redis",
      sinceAcquireMs: 300,
      completed: false,
    },
  ];
  expect(record(false, [...start.slice(0, 1), ...other])).toMatchInlineSnapshot(`
    "real-services  blog-2/redis  ready      0.3 s
    "
  `);
});

test("an environment that had to take another name is still one", () => {
  const renamed: LifecycleEvent[] = [
    { type: "services:planned", environment, services: ["redis"] },
    { type: "conflict", environment, message: "the name is in use", attempt: 1 },
    { type: "services:planned", environment: "shop-2", services: ["redis"], replaces: environment },
    { ...ready, environment: "shop-2" },
  ];
  expect(record(false, renamed)).toMatchInlineSnapshot(`
    "real-services  shop-1  conflict   the name is in use (attempt 1)
    real-services  redis   ready      0.3 s
    "
  `);
  expect(stripVTControlCharacters(record(true, renamed))).toMatchInlineSnapshot(`
    "real-services  redis   waiting
    real-services  shop-1  conflict   the name is in use (attempt 1)
    real-services  redis   waiting
    real-services  redis   ready      0.3 s
    "
  `);
});

test("keeps one line per service on a terminal", () => {
  const text = stripVTControlCharacters(record(true, start.slice(0, 1)));
  expect(text).toMatchInlineSnapshot(`
    "real-services  postgres  waiting
    real-services  migrate   waiting
    "
  `);
});

test("says less where there is little room", () => {
  const text = stripVTControlCharacters(record(true, start.slice(0, 1), 40));
  expect(text).toMatchInlineSnapshot(`
    "postgres  waiting
    migrate   waiting
    "
  `);
});

test("ends the live lines when the environment is ready", () => {
  const lines = stripVTControlCharacters(record(true, start)).trimEnd().split("\n");
  expect(lines.slice(-4)).toMatchInlineSnapshot(`
    [
      "real-services  migrate   waiting",
      "real-services  migrate   done       1.2 s",
      "real-services  shop-1    ready      1.2 s",
      "real-services  shop-1    removed    0.4 s",
    ]
  `);
});

test("verbose, it shows where the time of the start went", () => {
  const stream = Object.assign(new PassThrough(), { isTTY: false, columns: 80, rows: 24 });
  const progress = createProgress({ stream, live: false, verbose: true });
  progress.listener({ type: "environment:ready", environment, sinceAcquireMs: 1_215, profile });
  expect(String(stream.read())).toMatchInlineSnapshot(`
    "real-services  shop-1  ready      1.2 s
    service   created  asked  started  ready  waited for
    postgres  0.2 s    0.2 s  0.4 s    0.9 s
    migrate   0.2 s    0.9 s  1.1 s    1.2 s  postgres
    critical path: postgres → migrate
    “postgres” spends 0.5 s between its start and ready, more than anything else on the way.
    "
  `);
});
