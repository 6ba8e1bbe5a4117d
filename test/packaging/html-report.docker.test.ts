/** Who opens the HTML report in a browser sees the lines of the services under the failed test. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { expect, test } from "vitest";
import { NONSENSE_TEST } from "./nonsense-test.ts";
import { createProject } from "./outside-project.ts";

/** The browser is a large download. */
const IS_SOAK = process.env["REAL_SERVICES_SOAK"] === "1";

const CONFIG = `import { realServices } from "@real-services/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({ plugins: [realServices()] });
`;

test.runIf(IS_SOAK)("the report of a failed run", async () => {
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

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

async function serveFolder(folder: string): Promise<{ url: string } & AsyncDisposable> {
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = join(folder, pathname === "/" ? "index.html" : pathname);
    try {
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.end(readFileSync(path));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
