/** The little of an ESTree that is read here; Vite's versions differ in who declares the types. */
export interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}

/** The child under a key; undefined where there is none. */
export function child(node: Node | undefined, key: string): Node | undefined {
  const value = node?.[key];
  return isNode(value) ? value : undefined;
}

/** The children under a key; empty where there are none. */
export function children(node: Node | undefined, key: string): readonly Node[] {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Depth first, the node itself included. */
export function some(node: Node, accepts: (node: Node) => boolean): boolean {
  if (accepts(node)) return true;
  return Object.values(node).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isNode(item) && some(item, accepts))
      : isNode(value) && some(value, accepts),
  );
}

/** The text of a literal, or of a template without expressions. */
export function literalText(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node["value"] === "string") return node["value"];
  if (node?.type !== "TemplateLiteral" || children(node, "expressions").length > 0)
    return undefined;
  const value = children(node, "quasis")[0]?.["value"];
  if (typeof value !== "object" || value === null || !("cooked" in value)) return undefined;
  return typeof value.cooked === "string" ? value.cooked : undefined;
}

export function isFunction(node: Node | undefined): boolean {
  return node?.type === "ArrowFunctionExpression" || node?.type === "FunctionExpression";
}

/** Name of a binding that Vite's transform made of an import: `__vite_ssr_import_0__.test`. */
export function importedName(node: Node | undefined): string | undefined {
  if (node?.type === "SequenceExpression")
    return importedName(children(node, "expressions").at(-1));
  if (node?.type !== "MemberExpression") return undefined;
  const object = child(node, "object");
  const isImport = /^__vi(te_ssr)?_import_/.test(String(object?.["name"]));
  const property = child(node, "property");
  return isImport && typeof property?.["name"] === "string" ? property["name"] : undefined;
}
