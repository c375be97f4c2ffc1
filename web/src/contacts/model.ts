/** Calls as the service tells of them. */
import type { Customer, PathStep } from "../agent/model";
import type { State as CaseState } from "../cases/model";
import type { Role } from "../shared/session";
import type { LegSound } from "./sound";

export interface ContactLine {
  id: string; direction: string; hotline: string; caller_number: string; customer_id: string | null; customer_name: string | null;
  queue: string | null; answered_by: string | null; agent_name: string | null; started_at: string; answered_at: string | null;
  ended_at: string | null; end_reason: string | null; transfers: number; dispositions: string[];
}
export interface Segment {
  seq: number; kind: string; agent_id: string | null; agent_name: string | null; queue: string | null; number?: string | null; started_at: string; ended_at: string | null;
  result: string | null;
}
export interface Case { number: number; state: CaseState; subject: string; opened_at: string; updated_at: string }
export interface Outcome { id: string; case: Case | null; agent_name: string | null; disposition: string; note: string; department: string | null; updated_at: string }
export interface Contact extends Omit<ContactLine, "customer_id" | "customer_name" | "dispositions"> {
  flow: string; flow_version: string; customer: Customer | null; segments: Segment[]; outcomes: Outcome[]; menu_trace: PathStep[];
  ratings: { question: string; score: number; at: string }[]; cases: Case[]; sounds: LegSound[];
}
export interface Recording { id: string; status: string; seconds: number | null; channels: number | null; started_at: string; error: string | null }
export interface Waveform { seconds: number; left: number[]; right?: number[] }

export const seconds = (from: string | null, to: string | null, now: number): number =>
  from === null ? 0 : ((to === null ? now : Date.parse(to)) - Date.parse(from)) / 1000;

/** Where the address of the list is kept, with what was looked for. */
export const LIST = "callcenter.contacts.list";
export const LEADS: ReadonlySet<Role> = new Set<Role>(["lead", "supervisor", "admin"]);

/** One segment on the drawing, in per cent of its width; those of the same time lie in lanes below each other. */
export interface Drawn { segment: Segment; lane: number; left: number; width: number }

const THINNEST = 0.4;

/** In the order in which they began; nothing is thinner than can be seen. */
export function drawn(segments: Segment[], now: number): Drawn[] {
  const times = [...segments]
    .map((segment) => ({ segment, from: Date.parse(segment.started_at), to: segment.ended_at === null ? now : Date.parse(segment.ended_at) }))
    .sort((one, other) => one.from - other.from || one.segment.seq - other.segment.seq);
  const begin = Math.min(...times.map((one) => one.from));
  const whole = Math.max(...times.map((one) => one.to)) - begin || 1;
  const ends: number[] = []; // of each lane
  return times.map(({ segment, from, to }) => {
    const free = ends.findIndex((end) => end <= from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = Math.max(to, from);
    return { segment, lane, left: ((from - begin) / whole) * 100, width: Math.max(((to - from) / whole) * 100, THINNEST) };
  });
}
