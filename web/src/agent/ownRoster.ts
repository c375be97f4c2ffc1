/** One's own roster as the service tells it, and what the page makes of it. Pure. */
import type { Shift } from "../roster/model";

export interface MyShift { id: string; day: string; shift: string; begins: string; ends: string; on_call: boolean; note: string; swapping: boolean }
export interface Colleague { agent_id: string; name: string; extension: string; shift: string; begins: string; ends: string; state: string }
export interface SwapShift { id: string; day: string; shift: string }
export interface SwapOption { agent_id: string; name: string; extension: string; takes: boolean; returns: SwapShift[] }
export interface MySwap {
  id: string; state: "requested" | "approved" | "refused"; asked_by_me: boolean; colleague: string;
  given: SwapShift; in_return: SwapShift | null; agreed: boolean; note: string; created_at: string; decided_at: string | null;
}
export interface MyAbsence {
  id: string; kind: "leave" | "sick" | "training" | "wish_off" | "wish_shift"; first_day: string; last_day: string;
  shift: string | null; state: "requested" | "approved" | "refused"; note: string;
}
export interface Adherence { day: string; scheduled_s: number; present_s: number; break_s: number; overdue_s: number; late_s: number; outside_s: number; adherence: number | null }
export interface BreakUse { code: string; title: string; title_en: string; allowance_s: number | null; used_s: number }
export interface Mine {
  zone: string; now: string; today: string; shifts: Shift[]; mine: MyShift[]; beside: string | null; with_me: Colleague[];
  absences: MyAbsence[]; swaps: MySwap[]; adherence: Adherence | null; breaks: BreakUse[]; feed_since: string | null;
}

/** The shift that runs at this instant, else the next one; shifts on call only if there is no other. */
export function current(mine: readonly MyShift[], now: number): { shift: MyShift; runs: boolean } | null {
  const left = mine.filter((one) => Date.parse(one.ends) > now);
  const shift = left.find((one) => !one.on_call) ?? left[0];
  return shift ? { shift, runs: Date.parse(shift.begins) <= now } : null;
}

/** What I am asked by colleagues and have not answered. */
export const asked = (swaps: readonly MySwap[]) => swaps.filter((one) => one.state === "requested" && !one.asked_by_me && !one.agreed);

/** Seconds used of a break at this instant: the one that goes on counts on. */
export function usedNow(one: BreakUse, at: string, now: number, onBreak: string | null): number {
  return one.used_s + (onBreak === one.code ? Math.max(0, (now - Date.parse(at)) / 1000) : 0);
}

/** A day as people say it: today, tomorrow, else the date. */
export function dayWord(day: string, today: string, text: { today: string; tomorrow: string; weekdays: string[] }): string {
  const days = Math.round((Date.parse(`${day}T12:00:00Z`) - Date.parse(`${today}T12:00:00Z`)) / 86_400_000);
  if (days === 0) return text.today;
  if (days === 1) return text.tomorrow;
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;
  return `${Number(day.slice(5, 7))}/${Number(day.slice(8))} ${text.weekdays[weekday]}`;
}
