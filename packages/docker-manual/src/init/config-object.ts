import type { BlockStatement, CallExpression, Node, ObjectExpression, Program } from "@babel/types";

type MaybeNode = Node | null | undefined;

/** Enough for any configuration, and an end for one that refers to itself. */
const MOST_STEPS = 20;

/** The object literal that a module's default export configures Vite with, if it can be told. */
export function configObject(program: Program): ObjectExpression | undefined {
  const exported = program.body.find(({ type }) => type === "ExportDefaultDeclaration");
  if (exported?.type !== "ExportDefaultDeclaration") return undefined;
  return resolve(exported.declaration, program, MOST_STEPS);
}

function resolve(node: MaybeNode, program: Program, steps: number): ObjectExpression | undefined {
  if (steps === 0) return undefined;
  const follow = (next: MaybeNode) => resolve(next, program, steps - 1);
  switch (node?.type) {
    case "ObjectExpression":
      return node;
    case "TSSatisfiesExpression":
    case "TSAsExpression":
    case "ParenthesizedExpression":
      return follow(node.expression);
    case "Identifier":
      return follow(constantOf(node.name, program));
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return follow(node.body.type === "BlockStatement" ? onlyResult(node.body) : node.body);
    case "CallExpression":
      return argumentsThatCount(node)
        .map(follow)
        .find((found) => found !== undefined);
    default:
      return undefined;
  }
}

/**
 * What `mergeConfig` merges, the last first: it joins lists, so either will do. Of `defineConfig` and
 * the like the first. What any other function makes of its arguments nobody knows.
 */
function argumentsThatCount({ callee, arguments: given }: CallExpression): Node[] {
  if (callee.type !== "Identifier") return [];
  if (callee.name === "mergeConfig") return given.slice(0, 2).reverse();
  return /^define\w*(Config|Project)$/.test(callee.name) ? given.slice(0, 1) : [];
}

function constantOf(name: string, { body }: Program): MaybeNode {
  for (const statement of body) {
    if (statement.type !== "VariableDeclaration" || statement.kind !== "const") continue;
    for (const { id, init } of statement.declarations) {
      if (id.type === "Identifier" && id.name === name) return init;
    }
  }
  return undefined;
}

/** What a function returns that does nothing else but declare variables. */
function onlyResult({ body }: BlockStatement): MaybeNode {
  const last = body.at(-1);
  const isPlain = body.slice(0, -1).every(({ type }) => type === "VariableDeclaration");
  return isPlain && last?.type === "ReturnStatement" ? last.argument : undefined;
}
