/** The frames of /ws/desk, and what the page makes of them. Pure: no clock, no I/O. */
import type { AgentStateName } from "../agent/model";
import type { Sentence } from "../shared/Reasons";

export type Mode = "listen" | "whisper" | "join";

export interface Waiting {
  call_id: string; place: number; since: string; priority: number; vip: boolean; needs: Record<string, number>;
  held_for: string | null; held_for_name: string; callback: boolean; offer_id: string | null; reason: string;
  caller_number: string;
  /** Which supervisors listen. */
  supervised: Supervised[];
}
export interface Supervised { name: string; account_id: string; mode: Mode }
/** Somebody in no queue: in a menu, or leaving a message. */
export interface Caller {
  call_id: string; caller_number: string; phase: "menu" | "message"; hotline: string; since: string; drill: boolean; supervised: Supervised[];
}
export interface Queue {
  name: string; title: string; title_en: string; drill: boolean; service_level_s: number; on_duty: number; ready: number;
  waiting: number; since: string | null; calls: Waiting[];
}
export interface Agent {
  agent_id: string; name: string; extension: string; queues: Record<string, number>; drill: boolean;
  state: AgentStateName; since: string; cause: string; reason: string; by: string; call_id: string | null;
  until: string | null; allowance_until: string | null; overdue: boolean; pending: string; phone: boolean; page: boolean;
  epoch: number; duty?: string; offer_id: string | null; caller_number: string; call_queue: string;
  /** In a conversation at which a supervisor can be. */
  audible: boolean;
  supervised: Supervised[];
}
export interface Decision {
  offer_id: string; call_id: string; agent_id: string; agent_name: string; queue: string; at: string; waited_s: number;
  points: number; reason: string; number: number; reasons: Sentence[];
}
export interface Figures {
  queue: string; offered: number; answered: number; abandoned: number; short_abandoned: number; flowed_out: number;
  connect_rate: number | null; service_level: number | null; asa_s: number | null;
}
export interface Lines {
  max: number; in_use: number; peak: number; trunks: { trunk: string; in_use: number; peak: number }[];
  phases: Record<string, number>;
}
export interface Today { available: boolean; all: Figures | null; queues: Record<string, Figures>; target: number }

export type Frame =
  | { type: "snapshot"; server_time: string; lines: Lines; today: Today; queues: Queue[]; agents: Agent[]; callers: Caller[]; decisions: Decision[] }
  | { type: "lines"; lines: Lines }
  | { type: "today"; today: Today }
  | { type: "queues"; changed: Queue[]; gone: string[] }
  | { type: "agents"; changed: Agent[]; gone: string[] }
  | { type: "callers"; changed: Caller[]; gone: string[] }
  | { type: "decisions"; changed: Decision[]; gone: string[] };

export type Line = "connecting" | "live" | "lost" | "refused";

export interface Floor {
  line: Line;
  /** What the server's clock is ahead of ours, in ms. */
  ahead_ms: number;
  lines: Lines | null;
  today: Today | null;
  /** As the flows define them. */
  queues: Queue[];
  /** By extension, whatever their state: a row stays where it is. */
  agents: Agent[];
  /** Those in no queue, as they came. */
  callers: Caller[];
  /** Newest first. */
  decisions: Decision[];
}

export const EMPTY: Floor = {
  line: "connecting", ahead_ms: 0, lines: null, today: null, queues: [], agents: [], callers: [], decisions: [],
};

export type Happening = { type: "frame"; frame: Frame; now: number } | { type: "line"; line: Line };

export function reduce(floor: Floor, happening: Happening): Floor {
  if (happening.type === "line") return { ...floor, line: happening.line };
  const frame = happening.frame;
  switch (frame.type) {
    case "snapshot":
      return {
        line: "live",
        ahead_ms: Date.parse(frame.server_time) - happening.now,
        lines: frame.lines,
        today: frame.today,
        queues: frame.queues,
        agents: [...frame.agents].sort(byExtension),
        callers: [...frame.callers].sort(byArrival),
        decisions: [...frame.decisions].sort(newestFirst),
      };
    case "lines":
      return { ...floor, lines: frame.lines };
    case "today":
      return { ...floor, today: frame.today };
    case "queues":
      return { ...floor, queues: merged(floor.queues, frame.changed, frame.gone, (queue) => queue.name) };
    case "agents":
      return { ...floor, agents: merged(floor.agents, frame.changed, frame.gone, (one) => one.agent_id).sort(byExtension) };
    case "callers":
      return { ...floor, callers: merged(floor.callers, frame.changed, frame.gone, (one) => one.call_id) };
    case "decisions":
      return {
        ...floor,
        decisions: merged(floor.decisions, frame.changed, frame.gone, (one) => one.offer_id).sort(newestFirst),
      };
  }
}

/** Changed ones take their own places, new ones come last. */
function merged<Item>(had: Item[], changed: Item[], gone: string[], key: (item: Item) => string): Item[] {
  const fresh = new Map(changed.map((item) => [key(item), item]));
  const kept = had
    .filter((item) => !gone.includes(key(item)))
    .map((item) => {
      const now = fresh.get(key(item));
      fresh.delete(key(item));
      return now ?? item;
    });
  return [...kept, ...fresh.values()];
}

const byExtension = (a: Agent, b: Agent) =>
  a.extension.length - b.extension.length || (a.extension < b.extension ? -1 : a.extension > b.extension ? 1 : 0);
const byArrival = (a: Caller, b: Caller) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0);
const newestFirst = (a: Decision, b: Decision) => b.number - a.number;

/** The states in the order in which they are counted and filtered; the kinds of being in a call are one. */
export const GROUPS = ["ready", "offered", "talking", "wrap_up", "break", "not_responding", "away"] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf(state: AgentStateName): Group | null {
  switch (state) {
    case "reserved": case "ringing": return "offered";
    case "talking": case "hold": case "consulting": return "talking";
    case "offline": return null;
    default: return state;
  }
}

/** Ready in name only: the page or the telephone is gone, so no call can come. */
export const isAway = (agent: Agent): boolean => agent.state === "ready" && !(agent.page && agent.phone);

export const standsIn = (agent: Agent): Group | null => (isAway(agent) ? "away" : groupOf(agent.state));

export function counts(agents: readonly Agent[]): Record<Group, number> {
  const found = { ready: 0, offered: 0, talking: 0, wrap_up: 0, break: 0, not_responding: 0, away: 0 };
  for (const agent of agents) {
    const group = standsIn(agent);
    if (group) found[group] += 1;
  }
  return found;
}

/** A share as a whole percentage, rounded down: 89.9 % has not reached 90. */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? "—" : `${Math.floor(share * 100 + 1e-9)}%`;

/** Lines in use by the trunks' names; those of one name are one trunk to read. */
export function byTrunk(lines: Lines, named: (trunk: string) => string): [string, number][] {
  const used = new Map<string, number>();
  for (const one of lines.trunks) {
    const name = named(one.trunk);
    used.set(name, (used.get(name) ?? 0) + one.in_use);
  }
  return [...used];
}
