import {
  child,
  children,
  importedName,
  isFunction,
  isNode,
  literalText,
  type Node,
  some,
} from "./syntax.ts";

const SUITES = new Set(["describe", "suite", "describeReal"]);
const TESTS = new Set(["test", "it", "bench", "testReal", "itReal"]);
const HOOKS = new Set([
  ...["beforeAll", "beforeEach", "afterAll", "afterEach", "aroundAll", "aroundEach"],
  ...["onTestFailed", "onTestFinished"],
]);
/** What a test uses services by: the exports of `@real-services/vitest/test`. */
const HELPERS = new Set(["describeReal", "testReal", "itReal", "service", "isRealServicesEnabled"]);

interface Question {
  /** Of Vite's transform of the test file. */
  readonly program: unknown;
  readonly pattern: RegExp;
  /** Every test counts, not only those that use services. */
  readonly everyTest: boolean;
  /** Name of the file as Vitest shows it; some versions put it before the test's name. */
  readonly file: string;
}

/** False only when every name could be read and no real test matches. */
export function mayRunRealTest({ program, pattern, everyTest, file }: Question): boolean {
  if (!isNode(program)) return true;
  const matches = (names: readonly string[]): boolean =>
    [" ", " > "].some((separator) =>
      [names, [file, ...names]].some((parts) => parts.join(separator).match(pattern) !== null),
    );
  const statements = children(program, "body");
  const using = statements.filter((statement) => some(statement, usesServices));
  // A hook or a constant of the whole file that uses services does so for every test.
  const wholeFile = everyTest || using.some((statement) => !isRegistration(statement));
  return mayMatch(wholeFile ? statements : using, [], matches);
}

type Matches = (names: readonly string[]) => boolean;

/** Statements that run while tests are being collected, inside the suites named by `path`. */
function mayMatch(statements: readonly Node[], path: readonly string[], matches: Matches): boolean {
  return statements.some((statement) => {
    if (statement.type === "ExpressionStatement") {
      const expression = child(statement, "expression");
      const call =
        expression?.type === "AwaitExpression" ? child(expression, "argument") : expression;
      return call?.type === "CallExpression" && callMayMatch(call, path, matches);
    }
    // A function counts where it is called.
    if (statement.type === "FunctionDeclaration") return false;
    const nested = Object.values(statement).flatMap((value) =>
      Array.isArray(value) ? value : [value],
    );
    return mayMatch(nested.filter(isStatement), path, matches);
  });
}

function callMayMatch(call: Node, path: readonly string[], matches: Matches): boolean {
  const { name, modifiers } = calleeOf(child(call, "callee"));
  if (name !== undefined && HOOKS.has(name)) return false;
  const [title, ...rest] = children(call, "arguments");
  const bodies = rest.filter(isFunction);
  const text = literalText(title);
  const isTest = name !== undefined && TESTS.has(name);
  const isSuite = name !== undefined && SUITES.has(name);
  if (isTest || isSuite) {
    // `each` and `for` build names of their cases; a suite given by reference is read elsewhere.
    if (text === undefined || modifiers.has("each") || modifiers.has("for")) return true;
    if (isTest) return matches([...path, text]);
    return (
      bodies.length === 0 || bodies.some((body) => bodyMayMatch(body, [...path, text], matches))
    );
  }
  if (text !== undefined && bodies.length > 0) {
    // Some other registrar, such as an extended test: a suite or a test, so both.
    const inner = [...path, text];
    return matches(inner) || bodies.some((body) => bodyMayMatch(body, inner, matches));
  }
  const inline = children(call, "arguments").filter(isFunction);
  if (inline.length > 0) return inline.some((body) => bodyMayMatch(body, path, matches));
  // A plain call of a function may register tests; a method such as `path.join` does not.
  return child(call, "callee")?.type !== "MemberExpression" || modifiers.size === 0;
}

function bodyMayMatch(body: Node, path: readonly string[], matches: Matches): boolean {
  const block = child(body, "body");
  if (block === undefined) return true;
  if (block.type === "BlockStatement") return mayMatch(children(block, "body"), path, matches);
  return block.type === "CallExpression" && callMayMatch(block, path, matches);
}

/** `test.concurrent.each([…])` → name `test`, modifiers `concurrent` and `each`. */
function calleeOf(callee: Node | undefined): { name: string | undefined; modifiers: Set<string> } {
  const modifiers = new Set<string>();
  let current = callee;
  while (current !== undefined) {
    const name = importedName(current);
    if (name !== undefined) return { name, modifiers };
    if (current.type === "Identifier") return { name: String(current["name"]), modifiers };
    if (current.type === "MemberExpression") {
      modifiers.add(String(child(current, "property")?.["name"]));
      current = child(current, "object");
    } else if (current.type === "CallExpression") current = child(current, "callee");
    else if (current.type === "TaggedTemplateExpression") current = child(current, "tag");
    else current = undefined;
  }
  return { name: undefined, modifiers };
}

function isRegistration(statement: Node): boolean {
  if (statement.type !== "ExpressionStatement") return false;
  const { name } = calleeOf(child(child(statement, "expression"), "callee"));
  return name !== undefined && (SUITES.has(name) || TESTS.has(name));
}

function isStatement(value: unknown): value is Node {
  return isNode(value) && (value.type.endsWith("Statement") || value.type === "SwitchCase");
}

function usesServices(node: Node): boolean {
  const name = importedName(node);
  if (name !== undefined && HELPERS.has(name)) return true;
  if (node.type !== "CallExpression") return false;
  const [argument] = children(node, "arguments");
  return literalText(argument) === "realServices";
}
