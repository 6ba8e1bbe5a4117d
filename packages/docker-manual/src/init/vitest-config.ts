import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ASTNode, generateCode, parseModule } from "magicast";
import { addVitePlugin, getDefaultExportOptions } from "magicast/helpers";
import type { FileEdit } from "./init-project.ts";

const PACKAGE = "@real-services/vitest";
const NAMES = ["vitest.config", "vite.config"].flatMap((name) =>
  ["ts", "mts", "cts", "js", "mjs", "cjs"].map((extension) => `${name}.${extension}`),
);

const NEW_CONFIG = `import { realServices } from "${PACKAGE}";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [realServices()],
});
`;

/** The plugin in Vitest's configuration: a new file, or the one that is there with one line more. */
export function vitestConfig(project: string): FileEdit {
  const detail = "the plugin realServices()";
  const file = NAMES.find((name) => existsSync(join(project, name)));
  if (file === undefined) return { file: "vitest.config.ts", content: NEW_CONFIG, detail };
  const before = readFileSync(join(project, file), "utf8");
  if (before.includes(PACKAGE)) return { file, content: undefined, detail };
  const content = withPlugin(before);
  if (content !== undefined) return { file, content, detail };
  return {
    file,
    content: undefined,
    detail: "has a form that cannot be edited safely",
    note: `Add to ${file} by hand:\n  import { realServices } from "${PACKAGE}";\n  plugins: [realServices()],`,
  };
}

function withPlugin(source: string): string | undefined {
  try {
    const module = parseModule(source);
    if (mayHideItsPlugins(getDefaultExportOptions(module).$ast)) return undefined;
    addVitePlugin(module, { from: PACKAGE, imported: "realServices", constructor: "realServices" });
    const { code } = generateCode(module);
    return code.includes("realServices()") ? `${code.trimEnd()}\n` : undefined;
  } catch {
    // A function, a promise, a merge: better no edit than a wrong one.
    return undefined;
  }
}

/** `{ ...shared }` may bring plugins, which a list of our own would replace. */
function mayHideItsPlugins(config: ASTNode): boolean {
  if (config.type !== "ObjectExpression") return false;
  const spreads = config.properties.some(({ type }) => type === "SpreadElement");
  const plugins = config.properties.some(
    (property) =>
      "key" in property && property.key.type === "Identifier" && property.key.name === "plugins",
  );
  return spreads && !plugins;
}
