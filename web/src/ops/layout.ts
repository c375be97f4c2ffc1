/** Where each step of a flow stands: from top to bottom along its ways, without crossings where that is possible. */
import dagre from "@dagrejs/dagre";
import type { Graph } from "./model";

export const NODE_WIDTH = 208;
export const NODE_HEIGHT = 92;

export function layout(graph: Graph): Map<string, { x: number; y: number }> {
  const drawing = new dagre.graphlib.Graph({ multigraph: true });
  drawing.setGraph({ rankdir: "TB", nodesep: 36, ranksep: 64, marginx: 16, marginy: 16 });
  drawing.setDefaultEdgeLabel(() => ({}));
  // The first step comes first, so that it is laid out on top.
  const first = [...graph.nodes].sort((a, b) => Number(b.id === graph.start) - Number(a.id === graph.start));
  for (const node of first) drawing.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  graph.edges.forEach((edge, index) => {
    if (edge.source !== edge.target) drawing.setEdge(edge.source, edge.target, {}, String(index));
  });
  dagre.layout(drawing);
  return new Map(
    graph.nodes.map((node) => {
      const at = drawing.node(node.id);
      return [node.id, { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 }];
    }),
  );
}
