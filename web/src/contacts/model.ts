/** Calls as the service tells of them. */
import type { Customer, PathStep } from "../agent/model";

export interface ContactLine {
  id: string; direction: string; hotline: string; caller_number: string; customer_id: string | null; customer_name: string | null;
  queue: string | null; answered_by: string | null; agent_name: string | null; started_at: string; answered_at: string | null;
  ended_at: string | null; end_reason: string | null; transfers: number; dispositions: string[];
}
export interface Segment {
  seq: number; kind: string; agent_id: string | null; agent_name: string | null; queue: string | null; number?: string | null; started_at: string; ended_at: string | null;
  result: string | null;
}
export type CaseState = "open" | "working" | "resolved";
export interface Case { number: number; state: CaseState; opened_at: string; updated_at: string }
export interface Outcome { id: string; case: Case | null; agent_name: string | null; disposition: string; note: string; department: string | null; updated_at: string }
export interface Contact extends Omit<ContactLine, "customer_id" | "customer_name" | "dispositions"> {
  flow: string; flow_version: string; customer: Customer | null; segments: Segment[]; outcomes: Outcome[]; menu_trace: PathStep[];
  ratings: { question: string; score: number; at: string }[];
}
export interface Recording { id: string; status: string; seconds: number | null; channels: number | null; started_at: string; error: string | null }
export interface Waveform { seconds: number; left: number[]; right?: number[] }

export const seconds = (from: string | null, to: string | null, now: number): number =>
  from === null ? 0 : ((to === null ? now : Date.parse(to)) - Date.parse(from)) / 1000;

/** The segments as parts of one line, in per cent of the call's length; nothing shorter than can be seen. */
export function shares(segments: Segment[], now: number): number[] {
  const lengths = segments.map((one) => Math.max(0, seconds(one.started_at, one.ended_at, now)));
  const whole = lengths.reduce((sum, one) => sum + one, 0) || 1;
  const seen = lengths.map((one) => Math.max((one / whole) * 100, 0.8));
  const total = seen.reduce((sum, one) => sum + one, 0);
  return seen.map((one) => (one / total) * 100);
}
