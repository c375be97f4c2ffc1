/** A flow as a graph, with the callers at each of its steps. */
import { useEffect, useMemo, useRef } from "react";
import { Background, Controls, Handle, MarkerType, Position, ReactFlow, ReactFlowProvider, useReactFlow, type Edge, type Node, type NodeProps } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { Tooltip } from "antd";
import { layout, NODE_HEIGHT, NODE_WIDTH } from "./layout";
import type { FlowNode, Graph, Tally } from "./model";
import { useOwn, useText, useTold } from "./text";

type StepNode = Node<{ step: FlowNode; tally: Tally | undefined; walked: boolean; start: boolean }, "step">;

function Step({ data, selected }: NodeProps<StepNode>) {
  const text = useText();
  const own = useOwn();
  const { step, tally } = data;
  const words = own(step.text, step.text_en);
  const mark = step.kind === "end" || step.kind === "anywhere";
  const here = tally?.now ?? 0;
  return (
    <div
      className={`ops-step ops-${step.kind}${selected ? " ops-selected" : ""}${data.walked ? " ops-walked" : ""}${here ? " ops-busy" : ""}`}
      style={{ width: NODE_WIDTH, height: NODE_HEIGHT }}
      data-step={step.id}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="ops-step-head">
        <span className="ops-kind">{text.kinds[step.kind] ?? step.kind}</span>
        {!mark && <span className="ops-name">{step.id}</span>}
      </div>
      <div className="ops-label">{mark ? text.kinds[step.kind] : own(step.label, step.label_en) || step.id}</div>
      {!mark && (
        <Tooltip title={words} mouseEnterDelay={0.4}>
          <div className="ops-words">{words || "\u00a0"}</div>
        </Tooltip>
      )}
      {!mark && (
        <div className="ops-counts">
          <b title={text.here} className="ops-now">{here}</b>
          <span title={text.passed}>✓ {tally?.passed ?? 0}</span>
          <span title={text.hungUp} className={tally?.hung_up ? "ops-lost" : ""}>✕ {tally?.hung_up ?? 0}</span>
        </div>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

const KINDS = { step: Step };

interface Props {
  flow: string;
  graph: Graph;
  tallies: Map<string, Tally>;
  walked: readonly string[];
  selected: string | undefined;
  onSelect: (step: FlowNode) => void;
}

function Drawing({ flow, graph, tallies, walked, selected, onSelect }: Props) {
  const { setViewport } = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const told = useTold();
  const text = useText();
  const places = useMemo(() => layout(graph), [graph]);
  const nodes = useMemo<StepNode[]>(
    () =>
      graph.nodes.map((step) => ({
        id: step.id,
        type: "step",
        position: places.get(step.id) ?? { x: 0, y: 0 },
        data: { step, tally: tallies.get(`${flow}/${step.id}`), walked: walked.includes(step.id), start: step.id === graph.start },
        selected: step.id === selected,
        // Said here, because a node that is given anew without its measures is hidden until it is measured again.
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        measured: { width: NODE_WIDTH, height: NODE_HEIGHT },
        draggable: false,
        connectable: false,
      })),
    [graph, places, tallies, flow, walked, selected],
  );
  const edges = useMemo<Edge[]>(
    () =>
      graph.edges.map((edge) => {
        const label = told.ways(edge.label);
        return {
          id: `${edge.source} ${edge.target}`,
          source: edge.source,
          target: edge.target,
          label: label.length > 26 ? `${label.slice(0, 25)}…` : label,
          markerEnd: { type: MarkerType.ArrowClosed },
          style: edge.source === "*" ? { strokeDasharray: "4 4" } : {},
        };
      }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `text` stands for the language, `told` is new each time
    [graph, text],
  );
  // Only another flow moves the view: counts and edits leave it where people put it. It begins at the first
  // step, as large as can be read; a flow that is too large for that is moved and zoomed by hand.
  useEffect(() => {
    const { width = 0 } = frame.current?.getBoundingClientRect() ?? {};
    const wide = Math.max(...[...places.values()].map((at) => at.x)) + NODE_WIDTH + 32;
    const zoom = Math.min(1, Math.max(0.7, width / wide));
    const first = places.get(graph.start) ?? { x: 0, y: 0 };
    const x = wide * zoom <= width ? (width - wide * zoom) / 2 : width / 2 - (first.x + NODE_WIDTH / 2) * zoom;
    const begin = requestAnimationFrame(() => void setViewport({ x, y: 56, zoom }));
    return () => cancelAnimationFrame(begin);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [flow, setViewport]);
  return (
    <div ref={frame} style={{ height: "100%" }}>
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={KINDS}
      onNodeClick={(_, node) => node.data.step.line && onSelect(node.data.step)}
      nodesFocusable
      edgesFocusable={false}
      minZoom={0.15}
      proOptions={{ hideAttribution: false }}
      ariaLabelConfig={text.graph}
    >
      <Background gap={20} />
      <Controls showInteractive={false} />
    </ReactFlow>
    </div>
  );
}

export function FlowGraph(props: Props) {
  return (
    <ReactFlowProvider>
      <Drawing {...props} />
    </ReactFlowProvider>
  );
}
