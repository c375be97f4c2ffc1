/** The roster's shapes as the service tells them, and what the page works out of them. Days are `2026-03-02`. */

export interface Shift { code: string; title: string; title_en: string; begins: string; ends: string; on_call: boolean; active: boolean }
export interface Person { agent_id: string; name: string; extension: string; queues: string[]; skills: Record<string, number> }
export interface Assignment { id: string; account_id: string; day: string; shift: string; note: string }
export type AbsenceKind = "leave" | "sick" | "training" | "wish_off" | "wish_shift";
export interface Absence { id: string; account_id: string; kind: AbsenceKind; first_day: string; last_day: string; shift: string | null; state: "requested" | "approved" | "refused"; note: string }
export interface Swap { id: string; assignment_id: string; to_account_id: string; other_assignment_id: string | null; state: string; note: string; agreed_at: string | null; created_at: string; given: Assignment; in_return: Assignment | null; problems: { code: string; zh: string; en: string }[] }
export interface Board {
  zone: string;
  today: string;
  shifts: Shift[];
  people: Person[];
  assignments: Assignment[];
  absences: Absence[];
  swaps: Swap[];
  minimums: Minimum[];
}
/** At least `need` from `begins` to `ends`, wall clock of the site; empty queue and skill: whatever they serve. */
export interface Minimum { begins: string; ends: string; need: number; queue: string; skill: string; level: number }
/** One agent's day against the roster, in seconds. */
export interface Adhered {
  agent_id: string; name: string; scheduled_s: number; present_s: number; break_s: number; overdue_s: number; late_s: number; left_early_s: number; outside_s: number;
  adherence: number | null; conformance: number | null;
}
export interface Shortfall { begins: string; ends: string; need: number; have: number; missing: number; queue: string; skill: string }
export interface Track { queue: string; skill: string; level: number; need: number[]; have: number[] }
export interface Coverage { begins: string; minutes: number; tracks: Track[]; shortfalls: Shortfall[] }
/** What the callers expected ask for: advice, where a minimum is law. `asked` on the roster, `on_calls` of them for the calls, the others for breaks
 * and absence; null where nothing is forecast. */
export interface Thin { begins: string; ends: string; asked: number; on_calls: number; have: number; missing: number; agent_hours: number; queue: string }
export interface Advice { begins: string; minutes: number; tracks: { queue: string; asked: (number | null)[]; on_calls: (number | null)[] }[]; thin: Thin[] }
export type Standing = "on_shift" | "on_break" | "overdue" | "late" | "missing" | "outside" | "off";
export interface Live {
  now: string;
  needed: number;
  present: number;
  agents: { agent_id: string; name: string; standing: Standing; state: string; duty: string; shift: string; ends: string | null }[];
  /** Minimums that those who are here do not keep. */
  short: { need: number; here: number; queue: string; skill: string }[];
  coming: Shortfall[];
}
export interface Plan {
  id: string;
  state: "running" | "done" | "failed";
  first_day: string;
  last_day: string;
  covered: boolean | null;
  verdict: string;
  verdict_en: string;
  people: number;
  people_needed: number | null;
  seconds: number;
  shifts: number;
  shortfalls: Shortfall[];
  forecast: boolean;
  thin: Thin[];
  error: string;
}

const DAY_MS = 86_400_000;
/** Arithmetic of dates alone: no zone is involved, so noon UTC stands for the day. */
const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
export const plusDays = (day: string, n: number) => new Date(noon(day) + n * DAY_MS).toISOString().slice(0, 10);
/** 0 Monday … 6 Sunday. */
export const weekday = (day: string) => (new Date(noon(day)).getUTCDay() + 6) % 7;

export type Scale = "week" | "month";

/** First and last day of the week or month that a day lies in. */
export function rangeOf(day: string, scale: Scale): [string, string] {
  if (scale === "week") {
    const first = plusDays(day, -weekday(day));
    return [first, plusDays(first, 6)];
  }
  const first = `${day.slice(0, 7)}-01`;
  return [first, plusDays(`${plusDays(first, 31).slice(0, 7)}-01`, -1)];
}

export function step(day: string, scale: Scale, by: 1 | -1): string {
  const [first, last] = rangeOf(day, scale);
  return by === 1 ? plusDays(last, 1) : rangeOf(plusDays(first, -1), scale)[0];
}

export function daysOf(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = plusDays(day, 1)) days.push(day);
  return days;
}

export const cellKey = (agent: string, day: string) => `${agent} ${day}`;

export function byCell(assignments: readonly Assignment[]): Map<string, Assignment[]> {
  const found = new Map<string, Assignment[]>();
  for (const one of assignments) {
    const key = cellKey(one.account_id, one.day);
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return found;
}

/** The absence that shows on a day: approved leave before requests, requests before wishes. */
export function absenceOn(absences: readonly Absence[], agent: string, day: string): Absence | undefined {
  const rank = (one: Absence) => (one.state === "approved" ? 0 : 2) + (one.kind.startsWith("wish") ? 1 : 0);
  return absences
    .filter((one) => one.account_id === agent && one.state !== "refused" && one.first_day <= day && day <= one.last_day)
    .sort((a, b) => rank(a) - rank(b))[0];
}

/** One day of a track, a number for each quarter of an hour. */
export interface DaySlice {
  need: number[];
  have: number[];
  /** What the forecast asks for; 0 where nothing is forecast. */
  asked: number[];
  /** How many of those the calls ask for. */
  calls: number[];
  /** The most that are missing at once. */
  missing: number;
  /** The most that the forecast asks for beyond those there, where the minimum is kept. */
  thin: number;
  /** The wall clock's hour in which each quarter lies. */
  hours: number[];
}

/** A quarter in which every minimum is kept, and fewer are there than the forecast asks for. */
export const isThin = (have: number, need: number, asked: number) => need <= have && have < asked;

/** A track's numbers by day of the site: a day may have 92, 96 or 100 quarters. */
export function byDay(coverage: Coverage, track: Track, advice: Advice | undefined, zone: string): Map<string, DaySlice> {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" });
  // Advice for other days than these, asked for a moment ago, says nothing of these.
  const wanted = !track.skill && advice?.begins === coverage.begins ? advice.tracks.find((one) => one.queue === track.queue) : undefined;
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  const begins = Date.parse(coverage.begins);
  const found = new Map<string, DaySlice>();
  track.need.forEach((need, n) => {
    const at = begins + n * coverage.minutes * 60_000;
    const day = format.format(at);
    const slice = found.get(day) ?? { need: [], have: [], asked: [], calls: [], missing: 0, thin: 0, hours: [] };
    const have = track.have[n] ?? 0;
    const asked = wanted?.asked[n] ?? 0;
    slice.need.push(need);
    slice.have.push(have);
    slice.asked.push(asked);
    slice.calls.push(wanted?.on_calls[n] ?? 0);
    slice.hours.push(Number(clock.format(at)));
    slice.missing = Math.max(slice.missing, need - have);
    if (isThin(have, need, asked)) slice.thin = Math.max(slice.thin, asked - have);
    found.set(day, slice);
  });
  return found;
}

/** What stands in one hour of a day: the highest asked for, the fewest there, and whether any quarter is too few. `spare`: so many may be on a break
 * at once without too few for the calls. */
export interface Hour { hour: number; need: number; asked: number; calls: number; have: number; spare: number; short: boolean; thin: boolean }

/** A day by the hours of its wall clock; one that comes twice stands twice. */
export function byHour(slice: DaySlice): Hour[] {
  const found: Hour[] = [];
  slice.hours.forEach((hour, n) => {
    const [need, asked, calls, have] = [slice.need[n] ?? 0, slice.asked[n] ?? 0, slice.calls[n] ?? 0, slice.have[n] ?? 0];
    if (found.at(-1)?.hour !== hour || n % 4 === 0) found.push({ hour, need: 0, asked: 0, calls: 0, have, spare: have, short: false, thin: false });
    const last = found.at(-1)!;
    last.need = Math.max(last.need, need);
    last.asked = Math.max(last.asked, asked);
    last.calls = Math.max(last.calls, calls);
    last.have = Math.min(last.have, have);
    last.spare = Math.max(0, Math.min(last.spare, have - calls));
    last.short ||= have < need;
    last.thin ||= isThin(have, need, asked);
  });
  return found;
}

const plain = (shift: Shift) => JSON.stringify([shift.title.trim(), shift.title_en.trim(), shift.begins, shift.ends, shift.on_call]);

/** What must be sent so that the house has these shifts and minimums. */
export function changes(board: Pick<Board, "shifts" | "minimums">, shifts: readonly Shift[], minimums: readonly Minimum[]) {
  const before = new Map(board.shifts.filter((one) => one.active).map((one) => [one.code, plain(one)]));
  const put = shifts.filter((one) => before.get(one.code) !== plain(one));
  const codes = new Set(shifts.map((one) => one.code));
  const retire = [...before.keys()].filter((code) => !codes.has(code));
  const others = JSON.stringify(board.minimums) !== JSON.stringify(minimums);
  return { put, retire, minimums: others, any: put.length > 0 || retire.length > 0 || others };
}

/** Hours of a shift by the clock. */
export function hoursOf(shift: Shift): number {
  const minutes = (wall: string) => Number(wall.slice(0, 2)) * 60 + Number(wall.slice(3, 5));
  const length = minutes(shift.ends) - minutes(shift.begins);
  return (length < 0 ? length + 1440 : length) / 60;
}
