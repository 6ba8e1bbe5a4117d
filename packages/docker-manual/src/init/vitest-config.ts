import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addPlugin } from "./add-plugin.ts";
import type { FileEdit } from "./init-project.ts";
import type { ProjectLanguage } from "./project-language.ts";

const PACKAGE = "@real-services/vitest";
const PLUGIN = "realServices";
const NAMES = ["vitest.config", "vite.config"].flatMap((name) =>
  ["ts", "mts", "cts", "js", "mjs", "cjs"].map((extension) => `${name}.${extension}`),
);

const NEW_CONFIG = `import { ${PLUGIN} } from "${PACKAGE}";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [${PLUGIN}()],
});
`;

/** The plugin in Vitest's configuration: a new file, or the one that is there with one plugin more. */
export function vitestConfig(project: string, language: ProjectLanguage): FileEdit {
  const detail = `the plugin ${PLUGIN}()`;
  const file = NAMES.find((name) => existsSync(join(project, name)));
  if (file === undefined) return { file: newName(language), content: NEW_CONFIG, detail };
  const before = readFileSync(join(project, file), "utf8");
  if (before.includes(PACKAGE)) return { file, content: undefined, detail };
  const content = addPlugin(before, PLUGIN, PACKAGE);
  if (content !== undefined) return { file, content, detail };
  return {
    file,
    content: undefined,
    detail: "has a form that cannot be edited safely",
    note: `Add to ${file} by hand:\n  import { ${PLUGIN} } from "${PACKAGE}";\n  plugins: [${PLUGIN}()],`,
  };
}

/** Vite warns of ES syntax in a `.ts` or `.js` of a CommonJS package. */
function newName({ isTypeScript, isModule }: ProjectLanguage): string {
  return `vitest.config.${isModule ? "" : "m"}${isTypeScript ? "ts" : "js"}`;
}
