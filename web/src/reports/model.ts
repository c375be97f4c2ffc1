/** What is asked for, what is told, and how it reads. Pure. */
import type { Dayjs } from "dayjs";
import dayjs from "dayjs";
import type { Language } from "../shared/session";

export const BYS = ["time", "queue", "hotline", "trunk", "agent", "outcome"] as const;
export const INTERVALS = ["whole", "15m", "30m", "hour", "day", "week", "month"] as const;
export const RANGES = ["today", "yesterday", "this_week", "last_week", "this_month", "last_month"] as const;
export const VIEWS = ["figures", "monthly", "forecast"] as const;
export type By = (typeof BYS)[number];
export type Interval = (typeof INTERVALS)[number];
export type Range = (typeof RANGES)[number];
export type View = (typeof VIEWS)[number];

export interface Wanted {
  view: View;
  /** A range that moves with the calendar; empty: `from` and `to` say it. */
  range: Range | "";
  /** Days of the site, both included. */
  from: string;
  to: string;
  by: By;
  interval: Interval;
  queue: string;
  hotline: string;
  trunk: string;
  agent: string;
  chart: "course" | "hours";
  /** The monthly report that is open: month and, after a slash, department. */
  report: string;
}

export type Unit = "count" | "share" | "seconds" | "span" | "score";
export interface Definition { code: string; title: string; title_en: string; unit: Unit; means: string; means_en: string }
export interface Definitions {
  service: Definition[]; agents: Definition[]; outcomes: Definition[]; departments: Definition[];
  rules: { title: string; title_en: string; means: string; means_en: string }[];
}
export type Figures = Record<string, number | null>;
export interface Line { at: string | null; key: string; title: string; title_en: string; figures: Figures; breaks: Record<string, number> }
export interface MonthlyLine { month: string; department: string; department_en: string; made_at: string; calls: number }
/** A finished table: the last row is the total. */
export interface Kept { title: string; group: "service" | "agents" | "outcomes" | "departments"; heads: string[]; columns: string[]; rows: { heads: string[]; values: (number | null)[] }[] }
export interface Monthly extends MonthlyLine { tables: Kept[] }
/** `agents` at their desks, `scheduled` on the roster so that so many are, `rostered` on it. */
export interface Slot { at: string; calls: number; agents: number; scheduled: number; rostered: number }
/** One part of shrinkage, 0 … 1; `measured` null: too little is on record. */
export interface Part { share: number; source: "measured" | "house" | "default"; measured: number | null; days: number }
export interface Shrinkage { in_office: Part; out_of_office: Part; whole: number; reasons: { code: string; title: string; title_en: string; share: number }[] }
export interface Forecast { queue: string | null; weeks: number; trend: number; error: number | null; aht_s: number; share: number; within_s: number; shrinkage: Shrinkage; slots: Slot[] }
/** A day of a forecast, summed. */
export interface ForecastDay { day: string; slots: Slot[]; calls: number; busiest: Slot; most: Slot; hours: number; rostered: number; gaps: number }
export interface Report {
  since: string; until: string; by: By; interval: Interval; columns: string[]; lines: Line[]; total: Figures;
  breaks: Record<string, { title: string; title_en: string }>;
}

const DAY = "YYYY-MM-DD";
const FILTERS = ["queue", "hotline", "trunk", "agent"] as const;

/** The days of a range that moves with the calendar. Weeks begin on Monday. */
export function daysOf(range: Range, today: Dayjs): [string, string] {
  const monday = today.subtract((today.day() + 6) % 7, "day");
  const first = today.startOf("month");
  const [from, to] = {
    today: [today, today],
    yesterday: [today.subtract(1, "day"), today.subtract(1, "day")],
    this_week: [monday, today],
    last_week: [monday.subtract(7, "day"), monday.subtract(1, "day")],
    this_month: [first, today],
    last_month: [first.subtract(1, "month"), first.subtract(1, "day")],
  }[range] as [Dayjs, Dayjs];
  return [from.format(DAY), to.format(DAY)];
}

/** How many days a range has. */
export const lengthOf = (from: string, to: string): number => dayjs(to).diff(dayjs(from), "day") + 1;

/** The intervals that a range of so many days can be told of by. */
export function fitting(days: number): Interval[] {
  const most: Record<Interval, number> = { whole: 3700, "15m": 14, "30m": 31, hour: 62, day: 800, week: 3700, month: 3700 };
  return INTERVALS.filter((one) => days <= most[one]);
}

/** What reads best for so many days. */
export const natural = (days: number): Interval => (days <= 1 ? "hour" : days <= 62 ? "day" : days <= 190 ? "week" : "month");

/** The same length before it, or after it. */
export function shifted(from: string, to: string, turns: number): [string, string] {
  const first = dayjs(from);
  const last = dayjs(to);
  if (first.date() === 1 && last.add(1, "day").date() === 1 && lengthOf(from, to) <= 31) {
    const month = first.add(turns, "month");
    return [month.format(DAY), month.endOf("month").format(DAY)];
  }
  const days = lengthOf(from, to) * turns;
  return [first.add(days, "day").format(DAY), last.add(days, "day").format(DAY)];
}

const among = <T extends string>(all: readonly T[], value: string | null, otherwise: T): T => all.find((one) => one === value) ?? otherwise;

/** What the address asks for. */
export function asked(search: string, today: Dayjs): Wanted {
  const given = new URLSearchParams(search);
  const day = (name: string) => (/^\d{4}-\d{2}-\d{2}$/.test(given.get(name) ?? "") ? given.get(name)! : "");
  const fixed = day("from") && day("to") && day("from") <= day("to");
  const range = fixed ? "" : among(RANGES, given.get("range"), "today");
  const [from, to] = range ? daysOf(range, today) : [day("from"), day("to")];
  const filters = Object.fromEntries(FILTERS.map((name) => [name, given.get(name) ?? ""])) as Pick<Wanted, (typeof FILTERS)[number]>;
  const interval = among(INTERVALS, given.get("interval"), natural(lengthOf(from, to)));
  return {
    view: among(VIEWS, given.get("view"), "figures"), range, from, to, by: among(BYS, given.get("by"), "queue"),
    interval: fitting(lengthOf(from, to)).includes(interval) ? interval : natural(lengthOf(from, to)),
    chart: given.get("chart") === "hours" ? "hours" : "course", report: given.get("report") ?? "", ...filters,
  };
}

/** The address of it: all that is needed to see the same. */
export function address(wanted: Wanted): string {
  if (wanted.view !== "figures") return `/reports?${new URLSearchParams({ view: wanted.view, ...(wanted.view === "forecast" && wanted.queue ? { queue: wanted.queue } : {}), ...(wanted.report ? { report: wanted.report } : {}) })}`;
  const kept: Record<string, string> = wanted.range ? { range: wanted.range } : { from: wanted.from, to: wanted.to };
  kept.by = wanted.by;
  kept.interval = wanted.interval;
  if (wanted.chart !== "course") kept.chart = wanted.chart;
  for (const name of FILTERS) if (wanted[name]) kept[name] = wanted[name];
  return `/reports?${new URLSearchParams(kept)}`;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** A figure as one reads it; nothing to rate is a dash. */
export function shown(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return "—";
  switch (unit) {
    case "count": return String(value);
    // Rounded down: 89.96 % has not reached 90.
    case "share": return `${(Math.floor(value * 1000 + 1e-9) / 10).toFixed(1)}%`;
    case "score": return value.toFixed(2);
    case "seconds": {
      const whole = Math.round(value);
      return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
    }
    case "span": {
      const minutes = Math.round(value / 60);
      return `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
    }
  }
}

/** Better than before, worse, or neither; shares as points, the rest as per cent of before. */
export function change(now: number | null | undefined, before: number | null | undefined, unit: Unit): string {
  if (now === null || now === undefined || before === null || before === undefined) return "";
  if (unit === "share") {
    const points = Math.round((now - before) * 1000) / 10;
    return `${points > 0 ? "+" : points < 0 ? "−" : "±"}${Math.abs(points).toFixed(1)}`;
  }
  if (before === 0) return "";
  const per = Math.round((now / before - 1) * 100);
  return `${per > 0 ? "+" : per < 0 ? "−" : "±"}${Math.abs(per)}%`;
}

/** The begin of an interval as a row says it, in the site's time. */
export function when(at: Dayjs, interval: Interval, language: Language): string {
  switch (interval) {
    case "15m": case "30m": case "hour": return at.format("MM-DD HH:mm");
    case "week": return `${at.format("MM-DD")} – ${at.add(6, "day").format("MM-DD")}`;
    case "month": return at.format("YYYY-MM");
    default: {
      const names = language === "en" ? ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] : ["日", "一", "二", "三", "四", "五", "六"];
      return `${at.format("MM-DD")} ${language === "en" ? "" : "周"}${names[at.day()]}`;
    }
  }
}

/** Rows of one interval together, in order of time: what a course is drawn from. */
export function byTime(lines: readonly Line[], code: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of lines) if (line.at) found.set(line.at, (found.get(line.at) ?? 0) + (line.figures[code] ?? 0));
  return found;
}

/** The calls behind a row, where the list of calls can find them. */
export function behind(line: Line, wanted: Wanted, day: (at: string) => Dayjs, kind = ""): string | null {
  const query = new URLSearchParams();
  const from = line.at ? day(line.at) : null;
  const last = (at: Dayjs) => (wanted.interval === "week" ? at.add(6, "day") : wanted.interval === "month" ? at.endOf("month") : at);
  query.set("from", from ? from.format(DAY) : wanted.from);
  query.set("to", from ? last(from).format(DAY) : wanted.to);
  for (const name of FILTERS) if (wanted[name] && (name !== "agent" || wanted.by === "agent")) query.set(name, wanted[name]);
  const named = { queue: "queue", hotline: "hotline", trunk: "trunk", agent: "agent", outcome: "disposition" }[wanted.by as string];
  if (named && !line.key) return null; // of no hotline at all: the list cannot be asked for that
  if (named) query.set(named, line.key);
  if (kind) query.set("kind", kind);
  return `/contacts?${query}`;
}

/** Half hours by the site's days. */
export function forecastDays(slots: readonly Slot[], dayOf: (at: string) => string): ForecastDay[] {
  const days = new Map<string, Slot[]>();
  for (const slot of slots) days.set(dayOf(slot.at), [...(days.get(dayOf(slot.at)) ?? []), slot]);
  return [...days].map(([day, listed]) => ({
    day, slots: listed,
    calls: Math.round(listed.reduce((sum, slot) => sum + slot.calls, 0)),
    busiest: listed.reduce((most, slot) => (slot.calls > most.calls ? slot : most)),
    most: listed.reduce((most, slot) => (slot.scheduled > most.scheduled ? slot : most)),
    hours: listed.reduce((sum, slot) => sum + slot.scheduled, 0) / 2,
    rostered: listed.reduce((sum, slot) => sum + slot.rostered, 0) / 2,
    gaps: listed.filter((slot) => slot.rostered < slot.scheduled).length,
  }));
}
