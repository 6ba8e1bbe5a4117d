import { parse } from "@babel/parser";
import type { Node, ObjectExpression, Program } from "@babel/types";
import { configObject } from "./config-object.ts";

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * A configuration's source with one plugin more; undefined where that takes more than an insertion.
 * Every byte that was there stays: printed anew, the user's comments and blank lines would move.
 */
export function addPlugin(source: string, name: string, from: string): string | undefined {
  // A name that is there already is somebody else's.
  const program = source.includes(name) ? undefined : programOf(source);
  if (program === undefined) return undefined;
  const object = configObject(program);
  const plugin = object && pluginInsertion(object, source, `${name}()`);
  if (plugin === undefined) return undefined;
  const end = source.includes("\r\n") ? "\r\n" : "\n";
  const edited = [plugin, importInsertion(program, source, name, from)]
    // From behind: what is inserted moves only what follows.
    .sort((one, other) => other.at - one.at)
    .reduce(
      (text, { at, text: more }) => text.slice(0, at) + more.replaceAll("\n", end) + text.slice(at),
      source,
    );
  return programOf(edited) === undefined ? undefined : edited;
}

function programOf(source: string): Program | undefined {
  try {
    return parse(source, { sourceType: "module", plugins: ["typescript"] }).program;
  } catch {
    return undefined;
  }
}

/** At the end of the list of plugins, or such a list at the end of the object. */
function pluginInsertion(
  { start, properties }: ObjectExpression,
  source: string,
  call: string,
): Insertion | undefined {
  const index = properties.findIndex((property) => nameOf(property) === "plugins");
  // A spread behind the list may replace it; without a list, it may bring one that ours would replace.
  if (properties.slice(index + 1).some(({ type }) => type === "SpreadElement")) return undefined;
  const plugins = properties[index];
  if (plugins === undefined) return insertLast(start, properties, source, `plugins: [${call}]`);
  if (plugins.type !== "ObjectProperty" || plugins.value.type !== "ArrayExpression") {
    return undefined;
  }
  return insertLast(plugins.value.start, plugins.value.elements, source, call);
}

/** The last item of a literal that begins at `start`; on a line of its own where the others are. */
function insertLast(
  start: number | null | undefined,
  items: readonly (Node | null)[],
  source: string,
  text: string,
): Insertion | undefined {
  if (typeof start !== "number") return undefined;
  const last = items.at(-1);
  if (last === undefined) {
    return { at: start + 1, text: source[start] === "{" ? ` ${text} ` : text };
  }
  if (typeof last?.start !== "number" || typeof last.end !== "number") return undefined;
  const [, indent] = /\n([ \t]*)$/.exec(source.slice(start, last.start)) ?? [];
  return { at: last.end, text: indent === undefined ? `, ${text}` : `,\n${indent}${text}` };
}

/** Before the first import, written as that is; else before the first statement. */
function importInsertion({ body }: Program, source: string, name: string, from: string): Insertion {
  const first = body.find(({ type }) => type === "ImportDeclaration");
  const sample = first === undefined ? source : source.slice(first.start ?? 0, first.end ?? 0);
  const quote = sample.includes("'") && !sample.includes('"') ? "'" : '"';
  const line = `import { ${name} } from ${quote}${from}${quote}${sample.includes(";") ? ";" : ""}\n`;
  return first === undefined
    ? { at: body[0]?.start ?? 0, text: `${line}\n` }
    : { at: first.start ?? 0, text: line };
}

function nameOf(property: ObjectExpression["properties"][number]): string | undefined {
  if (property.type === "SpreadElement" || property.computed) return undefined;
  if (property.key.type === "Identifier") return property.key.name;
  return property.key.type === "StringLiteral" ? property.key.value : undefined;
}
