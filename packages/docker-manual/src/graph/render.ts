import type { StackSummary, StartProfile } from "@real-services/core";
import { columns, prose } from "../columns.ts";
import { levels, type Node } from "./levels.ts";

export type GraphFormat = "text" | "mermaid" | "svg";

/** What is waited for, in a word; being started is what one expects. */
const CONDITION = {
  service_started: "",
  service_healthy: "healthy",
  service_completed_successfully: "done",
} as const;

/** The dependency graph with the ready times of the last start. */
export function renderGraph(stack: StackSummary, format: GraphFormat): string[] {
  const ready = new Map(
    (stack.lastStart?.services ?? []).map(({ name, readyMs }) => [name, readyMs]),
  );
  const critical = new Set(stack.lastStart?.criticalPath ?? []);
  const view: View = { timeOf: (name) => seconds(ready.get(name)), critical };
  if (format === "mermaid") return mermaid(stack.graph, view);
  return format === "svg" ? svg(stack.graph, view) : text(stack, view);
}

interface View {
  /** Such as `1.2 s`; empty when it is not known. */
  readonly timeOf: (service: string) => string;
  /** Those that decided when the last one was ready. */
  readonly critical: ReadonlySet<string>;
}

function seconds(ms: StartProfile["services"][number]["readyMs"]): string {
  return ms === undefined ? "" : `${(ms / 1_000).toFixed(1)} s`;
}

function text({ graph, lastStart }: StackSummary, { timeOf, critical }: View): string[] {
  const rows = levels(graph)
    .flat()
    .map((node) => {
      const mark = critical.has(node.service) ? "*" : " ";
      const waits = node.dependsOn.map((dependency) => {
        const word = CONDITION[dependency.condition];
        return word === "" ? dependency.service : `${dependency.service} (${word})`;
      });
      const time = timeOf(node.service).padStart(6);
      return [
        `${mark} ${node.service}`,
        time,
        waits.length === 0 ? "" : `after ${waits.join(", ")}`,
      ];
    });
  const notes =
    lastStart === undefined
      ? ["It was not started here in the last month."]
      : ["* decided when the last one was ready, at the last start", lastStart.advice ?? []].flat();
  return [...columns(rows), "", ...notes.flatMap(prose)];
}

function mermaid(graph: readonly Node[], { timeOf, critical }: View): string[] {
  const idOf = new Map(graph.map(({ service }, index) => [service, `s${index}`]));
  const nodes = graph.map(({ service }) => {
    const time = timeOf(service);
    return `  ${idOf.get(service)}["${service}${time === "" ? "" : `<br>${time}`}"]`;
  });
  const edges = graph.flatMap(({ service, dependsOn }) =>
    dependsOn.flatMap((dependency) => {
      const from = idOf.get(dependency.service);
      if (from === undefined) return [];
      const word = CONDITION[dependency.condition];
      return [`  ${from} -->${word === "" ? "" : `|${word}|`} ${idOf.get(service)}`];
    }),
  );
  const marked = graph.flatMap(({ service }) => (critical.has(service) ? [idOf.get(service)] : []));
  return [
    "flowchart LR",
    ...nodes,
    ...edges,
    ...(marked.length === 0
      ? []
      : ["  classDef critical stroke-width:3px", `  class ${marked.join(",")} critical`]),
  ];
}

const BOX = { width: 150, height: 44, gapX: 70, gapY: 18, margin: 12 } as const;

function svg(graph: readonly Node[], { timeOf, critical }: View): string[] {
  const columns = levels(graph);
  const places = new Map<string, { x: number; y: number }>();
  for (const [column, nodes] of columns.entries()) {
    for (const [row, { service }] of nodes.entries()) {
      const x = BOX.margin + column * (BOX.width + BOX.gapX);
      const y = BOX.margin + row * (BOX.height + BOX.gapY);
      places.set(service, { x, y });
    }
  }
  const rows = Math.max(1, ...columns.map((nodes) => nodes.length));
  const width = 2 * BOX.margin + columns.length * (BOX.width + BOX.gapX) - BOX.gapX;
  const height = 2 * BOX.margin + rows * (BOX.height + BOX.gapY) - BOX.gapY;
  const edges = graph.flatMap(({ service, dependsOn }) =>
    dependsOn.flatMap((dependency) => {
      const from = places.get(dependency.service);
      const to = places.get(service);
      if (from === undefined || to === undefined) return [];
      const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
      const [x2, y2] = [to.x, to.y + BOX.height / 2];
      const middle = (x1 + x2) / 2;
      const curve = `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
      return [`  <path d="${curve}" fill="none" stroke="#888" marker-end="url(#end)"/>`];
    }),
  );
  const boxes = [...places].flatMap(([service, { x, y }]) => {
    const time = timeOf(service);
    const stroke = critical.has(service) ? 3 : 1;
    const middle = x + BOX.width / 2;
    return [
      `  <rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="#fff" stroke="#333" stroke-width="${stroke}"/>`,
      `  <text x="${middle}" y="${y + (time === "" ? 27 : 19)}" text-anchor="middle">${escapeXml(service)}</text>`,
      ...(time === ""
        ? []
        : [`  <text x="${middle}" y="${y + 36}" text-anchor="middle" fill="#666">${time}</text>`]),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="13">`,
    `  <defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#888"/></marker></defs>`,
    ...edges,
    ...boxes,
    "</svg>",
  ];
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
