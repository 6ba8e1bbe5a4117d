import type { StackSummary } from "@real-services/core";

export type Node = StackSummary["graph"][number];

/** Services by their distance from those that wait for nobody; each list in the order of the file. */
export function levels(graph: readonly Node[]): Node[][] {
  const known = new Map<string, number>();
  const byName = new Map(graph.map((node) => [node.service, node]));
  const levelOf = (node: Node): number => {
    const found = known.get(node.service);
    if (found !== undefined) return found;
    // Compose refuses circles; a service that is not part of the stack counts for nothing.
    known.set(node.service, 0);
    const below = node.dependsOn.flatMap(({ service }) => byName.get(service) ?? []).map(levelOf);
    const level = below.length === 0 ? 0 : Math.max(...below) + 1;
    known.set(node.service, level);
    return level;
  };
  const result: Node[][] = [];
  for (const node of graph) {
    const level = levelOf(node);
    result[level] ??= [];
    result[level].push(node);
  }
  return result;
}
