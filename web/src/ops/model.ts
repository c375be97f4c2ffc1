/** What the service says of flows: the shapes of /api/v1/flows and of /ws/ops. */

export interface FlowNode {
  id: string;
  kind: string;
  label: string;
  label_en: string;
  line: number;
  text: string;
  text_en: string;
  flow: string;
}

export interface FlowEdge {
  source: string;
  target: string;
  label: string;
}

export interface Graph {
  nodes: FlowNode[];
  edges: FlowEdge[];
  start: string;
}

export interface Flow {
  name: string;
  title: string;
  title_en: string;
  language: string;
  file: string;
  tests: number;
  graph: Graph;
}

export interface Hotline {
  number: string;
  name: string;
  title: string;
  title_en: string;
  flow: string;
  language: string;
  trunk: string;
  drill: boolean;
}

export interface Problem {
  file: string;
  line: number;
  column: number;
  message: string;
  hint: string;
  /** A warning keeps nothing from going live. */
  severity: "error" | "warning";
}

export interface Pictures {
  flows: Flow[];
  hotlines: Hotline[];
  queues: { name: string; title: string; title_en: string }[];
}

export interface Live extends Pictures {
  version: string;
  warnings: Problem[];
  problems: Problem[];
}

export interface Files {
  version: string;
  files: Record<string, string>;
  /** Files of the folder that are not what runs; null: missing there. */
  changed_in_folder: Record<string, string | null>;
}

export interface Checked extends Partial<Pictures> {
  ok: boolean;
  problems: Problem[];
  warnings: Problem[];
  diff: string;
}

export interface Version {
  number: number;
  version: string;
  created_at: string;
  author: string;
  note: string;
  active: boolean;
}

export interface Reloaded {
  version: Version;
  changed: boolean;
  warnings: Problem[];
  tests_passed: number;
}

export interface Line {
  seconds: number;
  kind: "step" | "says" | "key" | "asks" | "ends" | "note";
  flow: string;
  step: string;
  text: string;
  text_en: string;
}

export interface Simulation {
  lines: Line[];
  steps: string[];
  end: string;
  variables: Record<string, unknown>;
}

export interface Prompt {
  id: string;
  text: string;
  language: string;
  file: string;
  source: "spoken" | "recorded" | "replaced";
  ready: boolean;
  seconds: number | null;
  /** `flow/step`, a hotline's number, a queue; `*`: the system's own words. */
  said_in: string[];
}

export interface GiveUp {
  flow: string;
  step: string;
  label: string;
  label_en: string;
  entered: number;
  hung_up: number;
  median_s: number | null;
  share: number;
}

export interface StepCount {
  version: string;
  flow: string;
  step: string;
  now: number;
  passed: number;
  hung_up: number;
}

export interface Tally {
  now: number;
  passed: number;
  hung_up: number;
}

/** Counts by `flow/step`, all versions together: callers see one service, whatever version they walk. */
export function tallies(steps: readonly StepCount[]): Map<string, Tally> {
  const found = new Map<string, Tally>();
  for (const step of steps) {
    const key = `${step.flow}/${step.step}`;
    const sum = found.get(key) ?? { now: 0, passed: 0, hung_up: 0 };
    found.set(key, {
      now: sum.now + step.now,
      passed: sum.passed + step.passed,
      hung_up: sum.hung_up + step.hung_up,
    });
  }
  return found;
}

/** Callers who still walk a version that is no longer live. */
export function onOlder(steps: readonly StepCount[], live: string): number {
  return steps.filter((step) => step.version !== live).reduce((sum, step) => sum + step.now, 0);
}

/** A draft: files that differ from the live ones. Files brought back to what is live drop out. */
export function draftOf(live: Record<string, string>, edited: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(edited).filter(([name, text]) => live[name] !== text));
}
