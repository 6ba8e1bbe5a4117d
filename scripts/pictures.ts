/**
 * Takes the pictures of the README anew, into docs/: a failed test on the terminal and in Vitest's
 * HTML report. A real run in a project outside, opened in a browser that `setup --soak` provides.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { createProject } from "../test/packaging/outside-project.ts";
import { serveFolder } from "../test/packaging/serve-folder.ts";

const TEST = `import { Client } from "pg";
import { expect, test } from "vitest";

test("an order is stored", async () => {
  const client = new Client(process.env.DATABASE_URL);
  await client.connect();
  await client.query("create table orders (item text)");
  await client.query("insert into orders (item, amount) values ('book', 2)");
  expect((await client.query("select * from orders")).rowCount).toBe(1);
});
`;

const CONFIG = `import { realServices } from "@real-services/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [realServices({ env: ({ postgres }) => ({ DATABASE_URL: postgres.url }) })],
});
`;

const COLOURS = ["#000", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ddd"];

const docs = join(import.meta.dirname, "../docs");
const out = mkdtempSync(join(tmpdir(), "pictures-"));
// The browser writes as another user.
chmodSync(out, 0o777);
try {
  await using project = await createProject();
  await project.run("npm i -D vitest@5 @vitest/ui@5 pg @real-services/vitest");
  writeFileSync(join(project.folder, "vitest.config.ts"), CONFIG);
  writeFileSync(join(project.folder, "orders.real.test.ts"), TEST);
  const command = "npx vitest-real-services run --real-services orders";
  const { all = "" } = await execa("sh", ["-c", `${command} --reporter=default --reporter=html`], {
    cwd: project.folder,
    env: { FORCE_COLOR: "1" },
    all: true,
    reject: false,
  });
  // What is of this machine, and what its browser has no letters for.
  const shown = all
    .split("\n")
    .filter((line) => !line.startsWith("npm warn"))
    .join("\n")
    .replaceAll(project.folder, "~/shop")
    .replaceAll("⎯", "-");
  writeFileSync(join(out, "terminal.html"), page(`$ ${command}\n${shown}`));
  await using terminal = await serveFolder(out);
  await takePicture(`${terminal.url}terminal.html`, "terminal.png", "1100,840");
  await using report = await serveFolder(join(project.folder, ".vitest"));
  const data = gunzipSync(readFileSync(join(project.folder, ".vitest/ui/html.meta.json.gz")));
  const [, file = ""] = /"(-?\d+)_0"/.exec(data.toString()) ?? [];
  await takePicture(`${report.url}#/?file=${file}&test=${file}_0`, "report.png", "1300,340");
  await mkdir(docs, { recursive: true });
  for (const file of ["terminal.png", "report.png"]) {
    await copyFile(join(out, file), join(docs, file));
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}

async function takePicture(url: string, file: string, size: string): Promise<void> {
  await execa("docker", [
    ...["run", "--rm", "--network", "host", "-v", `${out}:/out`, "real-services/browser:1"],
    ...[`--screenshot=/out/${file}`, `--window-size=${size}`, "--hide-scrollbars"],
    ...["--virtual-time-budget=10000", url],
  ]);
}

/** What a terminal would show, as a page. */
function page(text: string): string {
  const style = "background:#1e1e1e;color:#ddd;font:13px/1.4 monospace;padding:12px";
  return `<meta charset="utf-8"><body style="margin:0"><pre style="${style}">${toHtml(text)}</pre>`;
}

function toHtml(text: string): string {
  const state = { color: "", background: "", weight: "", opacity: "" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what colours are made of
  return text.split(/\x1b\[([\d;]*)m/).reduce((html, part, index) => {
    if (index % 2 === 0) {
      const words = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      const { color, background, weight, opacity } = state;
      const style = `color:${color};background:${background};font-weight:${weight};opacity:${opacity}`;
      return `${html}<span style="${style}">${words}</span>`;
    }
    for (const code of part.split(";").map(Number)) apply(state, code);
    return html;
  }, "");
}

function apply(
  state: { color: string; background: string; weight: string; opacity: string },
  code: number,
): void {
  if (code === 0) Object.assign(state, { color: "", background: "", weight: "", opacity: "" });
  if (code === 1) state.weight = "bold";
  if (code === 2) state.opacity = "0.6";
  if (code === 22) Object.assign(state, { weight: "", opacity: "" });
  if (code >= 30 && code <= 37) state.color = COLOURS[code - 30] ?? "";
  if (code === 39) state.color = "";
  if (code >= 40 && code <= 47) state.background = COLOURS[code - 40] ?? "";
  if (code === 49) state.background = "";
  if (code === 90) state.color = "#888";
}
