import type { LogSlice } from "@real-services/core/logs";
import { expect, test } from "vitest";
import type { FailureReport, ServiceFailure } from "./failure.ts";
import { renderGroups, renderJobSummary } from "./github.ts";
import { renderEnvironments, renderFailure, renderTitledFailure } from "./render-failure.ts";

const slice = (...texts: string[]): LogSlice => ({
  environment: "shop-1",
  fromMs: 1_000,
  toMs: 1_250,
  services:
    texts.length === 0
      ? []
      : [
          {
            service: "postgres",
            lines: texts.map((text, at) => ({
              service: "postgres",
              replica: 1,
              stream: "stderr",
              timestamp: "",
              timeMs: 1_000 + at,
              text,
            })),
            omittedLines: 0,
            missingBytes: 0,
            events: [],
            file: "/shop/.real-services/shop-1/postgres.log",
            fileLine: 7,
          },
        ],
});

const failure = (other: Partial<ServiceFailure>): ServiceFailure => ({
  kind: "test",
  name: "orders > are stored",
  message: "no such table",
  file: "/shop/test/orders.real.test.ts",
  project: "",
  startMs: 1_000,
  endMs: 1_250,
  tries: [],
  overlapping: [],
  slice: slice("fine", "[4] ERROR:  no such table"),
  logFolder: "/shop/.real-services/shop-1",
  ...other,
});

const report = (other: Partial<FailureReport>): FailureReport => ({
  failures: [failure({})],
  omittedFailures: 0,
  environments: [],
  ...other,
});

const at = { cwd: "/shop" };

test("errors come first, then the lines", () => {
  expect(`\n${renderFailure(failure({}), at)}`).toMatchInlineSnapshot(`
    "
    postgres: no such table
    postgres  .real-services/shop-1/postgres.log:7
           +0ms  fine
      ✖    +1ms  [4] ERROR:  no such table"
  `);
});

test("tries and what ran at the same time are told", () => {
  const overlapping = ["a", "b", "c", "d"];
  expect(
    `\n${renderFailure(failure({ tries: [1_000, 1_120], overlapping, slice: slice("fine") }), at)}`,
  ).toMatchInlineSnapshot(`
    "
    what services wrote in the 250 ms of this test
    2 tries, which began at +0ms, +120ms
    lines may be of what ran at the same time: a, b, c and 1 more
    postgres  .real-services/shop-1/postgres.log:7
           +0ms  fine"
  `);
});

test("silence is told, and what is not shown has a pointer", () => {
  expect(renderFailure(failure({ slice: slice() }), at)).toMatchInlineSnapshot(
    `"services wrote nothing in the 250 ms of this test"`,
  );
  expect(renderFailure(failure({ slice: undefined }), at)).toMatchInlineSnapshot(
    `"logs from 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:01.250Z: .real-services/shop-1"`,
  );
});

test("a block of its own names what failed", () => {
  expect(`\n${renderTitledFailure(failure({ project: "api" }), at)}`).toMatchInlineSnapshot(`
    "
     LOGS  |api| test/orders.real.test.ts > orders > are stored
      postgres: no such table
      postgres  .real-services/shop-1/postgres.log:7
             +0ms  fine
        ✖    +1ms  [4] ERROR:  no such table"
  `);
  const file = renderTitledFailure(failure({ kind: "file" }), at);
  expect(file.split("\n")[0]).toBe(" LOGS  test/orders.real.test.ts");
});

test("services are summed up with what died", () => {
  const service = { readyMs: 1_234, restarts: 0, deaths: [], file: undefined };
  const text = renderEnvironments(
    report({
      environments: [
        {
          environment: "shop-1",
          logFolder: "/shop/.real-services/shop-1",
          services: [
            {
              ...service,
              service: "postgres",
              restarts: 2,
              deaths: ["was OOM-killed here, limit 64 MiB"],
            },
            { ...service, service: "web" },
          ],
          postMortem: slice("the end"),
          reportFile: "/shop/.real-services/shop-1/report.md",
        },
      ],
    }),
    at,
  );
  expect(`\n${text}`).toMatchInlineSnapshot(`
    "
    shop-1  .real-services/shop-1/report.md
      postgres  ready after 1.2 s, started again 2 times, was OOM-killed here, limit 64 MiB
      web       ready after 1.2 s

      died after it was ready
      postgres  .real-services/shop-1/postgres.log:7
             +0ms  the end"
  `);
});

test("in GitHub Actions logs are folds, and no service can give the runner commands", () => {
  const text = renderGroups(
    report({
      failures: [
        failure({ name: "x\n::error::y", slice: slice("::stop-commands::x", "##[error]x") }),
      ],
    }),
    at,
  );
  expect(`\n${text}`).toMatchInlineSnapshot(`
    "
    ::group::LOGS  test/orders.real.test.ts > x
    \\::error::y
      postgres: ##\\[error]x
      postgres  .real-services/shop-1/postgres.log:7
             +0ms  ::stop-commands::x
        ✖    +1ms  ##\\[error]x
    ::endgroup::"
  `);
});

test("a job's summary is Markdown that no log can leave", () => {
  const failures = [failure({ name: "<b>", slice: slice("````", "</details>") })];
  expect(renderJobSummary(report({ failures, omittedFailures: 3 }), at)).toMatchInlineSnapshot(`
    "
    ## Service logs of failed tests

    <details><summary>test/orders.real.test.ts &gt; &lt;b&gt;</summary>

    \`\`\`\`\`
    what services wrote in the 250 ms of this test
    postgres  .real-services/shop-1/postgres.log:7
           +0ms  \`\`\`\`
           +1ms  </details>
    \`\`\`\`\`

    </details>

    3 more failures are not shown.
    "
  `);
});

test("a job's summary is bounded", () => {
  const long = failure({ slice: slice(...Array.from({ length: 20 }, () => "x".repeat(300))) });
  const text = renderJobSummary(
    report({ failures: Array.from({ length: 1_000 }, () => long) }),
    at,
  );
  expect(text.length).toBeLessThan(300_000);
  expect(text).toMatch(/^\d+ more failures are not shown\.$/m);
});
