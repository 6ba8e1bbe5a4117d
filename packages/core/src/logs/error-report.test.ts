import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ErrorReport, formatErrorReport, writeErrorReport } from "./error-report.ts";

const AT = Date.parse("2026-01-01T12:00:00Z");
const event = { service: "db", replica: 1, timestamp: "", timeMs: AT + 5, type: "oom" as const };
const line = { service: "db", replica: 1, stream: "stderr" as const, timestamp: "" };
const nothing: ErrorReport = {
  environment: "shop-test-1",
  versions: { Node: "v24.0.0" },
  failures: [],
  postMortems: [],
  died: [],
  timeline: [],
  stack: "",
};

test("a failure with its lines and what happened between them", () => {
  const slice = {
    ...{ environment: "shop-test-1", fromMs: AT, toMs: AT + 9 },
    services: [
      {
        service: "db",
        lines: [
          { ...line, timeMs: AT + 1, text: "\u001b[31mERROR\u001b[0m: ```boom```" },
          { ...line, timeMs: AT + 9, text: "last" },
        ],
        omittedLines: 7,
        missingBytes: 12,
        events: [{ ...event, text: "was OOM-killed here" }],
        ...{ file: "/logs/db.log", fileLine: 3 },
      },
    ],
  };
  const failures = [{ title: "orders > pays", message: "expected 1", slice }];
  expect(formatErrorReport({ ...nothing, failures })).toBe(`# Run of shop-test-1

|  | version |
| --- | --- |
| Node | v24.0.0 |

## Failures

### orders > pays

\`\`\`
expected 1
\`\`\`

**db** (/logs/db.log:3, 12 bytes of it are missing)

\`\`\`\`
12:00:00.001 ERROR: \`\`\`boom\`\`\`
12:00:00.005 *** db was OOM-killed here
… 7 lines left out …
12:00:00.009 last
\`\`\`\`
`);
});

test("post-mortems, timeline and stack", () => {
  const postMortem = {
    ...{ service: "db", container: "db-1", image: "postgres:15", reason: "exited" as const },
    ...{
      state: "exited",
      exitCode: 139,
      signal: "SIGSEGV",
      oomKilled: false,
      restartCount: 2,
      engineError: null,
    },
    closedPorts: [],
    healthChecks: [{ exitCode: 1, output: "no" }],
    logLines: ["FATAL: no"],
    waitedForBy: ["api"],
  };
  const died = {
    ...{ service: "web", lines: [{ ...line, timeMs: AT + 1, text: "eats" }], omittedLines: 0 },
    ...{ missingBytes: 0, events: [{ ...event, text: "was OOM-killed here" }] },
    ...{ file: "/logs/web.log", fileLine: 3 },
  };
  const text = formatErrorReport({
    ...nothing,
    postMortems: [postMortem],
    died: [died],
    timeline: [{ ...event, text: "was OOM-killed here" }],
    stack: '{ "services": {} }',
  });
  expect(text).toContain("### db: exited");
  expect(text).toContain("| exit code | 139 (SIGSEGV) |\n| restarts | 2 |");
  expect(text).toContain("health check exited with 1: no\nFATAL: no");
  expect(text).toContain("### web: died after it was ready\n\n**web** (/logs/web.log:3)");
  expect(text).toContain("12:00:00.001 eats\n12:00:00.005 *** web was OOM-killed here");
  expect(text).toContain("12:00:00.005 db (1) was OOM-killed here");
  expect(text).toContain('```json\n{ "services": {} }\n```');
});

test("ten thousand failures are a bounded report", () => {
  const failures = Array.from({ length: 10_000 }, (_, index) => ({
    title: `test ${index}`,
    message: "failed",
  }));
  const text = formatErrorReport({ ...nothing, failures });
  expect(text.match(/^### /gm)).toHaveLength(50);
  expect(text).toContain("… and 9950 more.");
});

test("is written from what the folder holds, masked as a whole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "core-report-"));
  try {
    const manifest = { environment: "shop", engine: "26.1.5", clock: [], services: {} };
    writeFileSync(join(folder, "environment.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "stack.json"), '"hunter22"');
    const path = await writeErrorReport(folder, {
      versions: { Vitest: "5.1.1" },
      mask: (text) => text.replaceAll("hunter22", "*****"),
    });
    const text = readFileSync(path, "utf8");
    const versions = [...text.matchAll(/^\| (\w[^|]*) \| (.*) \|$/gm)].map(([, name]) => name);
    expect(versions).toEqual(["real-services", "engine", "Compose", "Vitest", "Node", "platform"]);
    expect(text).toMatch(/^\| real-services \| \d+\.\d+\.\d+ \|$/m);
    expect(text).toContain("| engine | 26.1.5 |");
    expect(text).toContain("| Vitest | 5.1.1 |");
    expect(text).toContain('"*****"');
    expect(text).not.toContain("hunter22");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
