/** Who opens the HTML report in a browser sees the lines of the services under the failed test. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { expect, test } from "vitest";
import { NONSENSE_TEST } from "./nonsense-test.ts";
import { createProject } from "./outside-project.ts";
import { serveFolder } from "./serve-folder.ts";

const CONFIG = `import { realServices } from "@real-services/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({ plugins: [realServices()] });
`;

test("the report of a failed run", async () => {
  await using project = await createProject();
  await project.run("npm i -D vitest@5 @vitest/ui@5 @real-services/vitest");
  writeFileSync(join(project.folder, "vitest.config.ts"), CONFIG);
  writeFileSync(join(project.folder, "nonsense.real.test.ts"), NONSENSE_TEST);
  const said = await project
    .run("npx vitest-real-services run --real-services=postgres nonsense --reporter=html")
    .catch((error: Error) => error.message);
  expect(said).toContain("HTML  Report is generated");

  const report = join(project.folder, ".vitest");
  const data = gunzipSync(readFileSync(join(report, "ui/html.meta.json.gz"))).toString();
  const [, file = ""] = /"(-?\d+)_0"/.exec(data) ?? [];
  await using pages = await serveFolder(report);
  const place = `file=${file}&test=${file}_0`;
  const line = /LOG: {2}invalid length of startup packet/;
  const shown = await readPage(`${pages.url}#/?${place}`);
  const [, annotations = ""] = /Test Annotations(.*?)Test Meta/s.exec(shown) ?? [];
  expect(annotations).toContain("service logs");
  expect(annotations).toMatch(line);
  // An annotation is one paragraph; in the console of the test lines are lines.
  const output = await readPage(`${pages.url}#/?${place}&view=console`);
  expect(output).not.toContain("Test Annotations");
  expect(output).toMatch(line);
});

/** The page when its scripts have come to rest, as HTML. */
async function readPage(url: string): Promise<string> {
  const run = ["run", "--rm", "--network", "host", "real-services/browser:1"];
  const { stdout } = await execa("docker", [
    ...run,
    // Milliseconds of the page's own clock, which runs ahead while nothing happens.
    "--virtual-time-budget=10000",
    "--dump-dom",
    url,
  ]);
  return stdout;
}
