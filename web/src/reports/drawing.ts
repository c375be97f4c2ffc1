/** What a report's drawing shows. Pure: figures in, the chart's own words out. */
import type { Dayjs } from "dayjs";
import type { Language } from "../shared/session";
import { BASE, QUIET, type Option } from "./Chart";
import { byTime, when, type Definition, type Line, type Report } from "./model";
import type { Text } from "./text";

const COLOURS: Record<string, string> = {
  answered: "#2563eb", abandoned: "#dc2626", flowed_out: "#d97706", waiting: "#fbbf24", service_level: "#111827", written: "#2563eb",
  talking_s: "#2563eb", holding_s: "#93b4f5", wrapping_s: "#7c3aed", ring_s: "#fb923c", ready_s: "#86efac", break_s: "#d1d5db", lost_s: "#f87171",
};
const STACKS = {
  service: ["answered", "abandoned", "flowed_out", "waiting"],
  agents: ["talking_s", "holding_s", "wrapping_s", "ring_s", "ready_s", "break_s", "lost_s"],
  outcomes: ["written"],
} as const;
const MOST = 40;
/** So many rows are named one and all, in what room there is at 1280. */
const NAMED = 16;
const NAMES_PX = 1100;

const stackOf = (report: Report): readonly string[] =>
  report.by === "agent" ? STACKS.agents : report.by === "outcome" ? STACKS.outcomes : STACKS.service;

/** The whole level of an interval, from counts: never a mean of its queues' levels. */
function level(report: Report, times: readonly string[]): (number | null)[] {
  const inTime = byTime(report.lines, "in_time");
  const due = byTime(report.lines, "due");
  return times.map((at) => (due.get(at) ? Math.round((1000 * (inTime.get(at) ?? 0)) / due.get(at)!) / 10 : null));
}

export function course(report: Report, words: ReadonlyMap<string, Definition>, site: (at: string) => Dayjs, language: Language): Option {
  const title = (code: string) => (language === "en" ? words.get(code)?.title_en : words.get(code)?.title) ?? code;
  const name = (line: Line) => (language === "en" ? line.title_en : line.title);
  const codes = stackOf(report);
  const hours = report.by === "agent";
  const scale = (value: number | null | undefined) => (hours ? Math.round((value ?? 0) / 36) / 100 : (value ?? 0));
  const timed = report.interval !== "whole";
  const times = [...byTime(report.lines, codes[0]!).keys()].sort();
  const rows = timed ? times : [...report.lines].sort((one, other) => sum(other, codes) - sum(one, codes)).slice(0, MOST);
  const labels = timed ? times.map((at) => when(site(at), report.interval, language)) : (rows as Line[]).map(name);
  const values = (code: string) => {
    if (!timed) return (rows as Line[]).map((line) => scale(line.figures[code]));
    const found = byTime(report.lines, code);
    return times.map((at) => scale(found.get(at)));
  };
  const bars = codes.map((code) => ({ name: title(code), type: "bar", stack: "all", data: values(code), itemStyle: { color: COLOURS[code] }, barMaxWidth: 28 }));
  const seen = bars.filter((bar, n) => n === 0 || bar.data.some((value) => value > 0));
  const withLevel = timed && codes === STACKS.service;
  const line = {
    name: title("service_level"), type: "line", yAxisIndex: 1, data: level(report, times),
    symbol: times.length > 60 ? "none" : "circle", symbolSize: 5, lineStyle: { width: 1.5, color: COLOURS.service_level }, itemStyle: { color: COLOURS.service_level }, connectNulls: false,
  };
  return {
    ...BASE,
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 10, textStyle: { color: "#4b5563" } },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, confine: true },
    xAxis: { type: "category", data: labels, ...QUIET, splitLine: { show: false }, ...(!timed && rows.length <= NAMED && { axisLabel: { ...QUIET.axisLabel, interval: 0, width: Math.floor(NAMES_PX / rows.length), overflow: "truncate" } }) },
    yAxis: [
      { type: "value", minInterval: hours ? 0 : 1, ...QUIET, axisLabel: { ...QUIET.axisLabel, formatter: hours ? "{value} h" : "{value}" } },
      ...(withLevel ? [{ type: "value", min: 0, max: 100, ...QUIET, axisLabel: { ...QUIET.axisLabel, formatter: "{value}%" }, splitLine: { show: false } }] : []),
    ],
    series: withLevel ? [...seen, line] : seen,
  };
}

const sum = (line: Line, codes: readonly string[]): number => codes.reduce((all, code) => all + (line.figures[code] ?? 0), 0);

export function hours(grid: readonly (readonly number[])[], text: Text): Option {
  const most = Math.max(1, ...grid.flat());
  return {
    ...BASE,
    grid: { left: 48, right: 76, top: 8, bottom: 26 },
    tooltip: {
      confine: true,
      formatter: ({ value: [hour, day, many] }: { value: [number, number, number] }) => `${text.weekdays[6 - day]} ${hour}:00–${hour + 1}:00　<b>${text.arrivals(many)}</b>`,
    },
    xAxis: { type: "category", data: [...Array(24).keys()].map((hour) => `${hour}:00`), ...QUIET, splitLine: { show: false } },
    yAxis: { type: "category", data: [...text.weekdays].reverse(), ...QUIET, splitLine: { show: false } },
    visualMap: { min: 0, max: most, calculable: false, orient: "vertical", text: [String(most), "0"], right: 0, top: "middle", itemHeight: 120, itemWidth: 12, textStyle: { color: "#6b7280" }, inRange: { color: ["#f8fafc", "#bfdbfe", "#2563eb", "#1e3a8a"] } },
    series: [{
      type: "heatmap", itemStyle: { borderColor: "#fff", borderWidth: 2 },
      data: grid.flatMap((line, day) => line.map((many, hour) => [hour, 6 - day, many])),
    }],
  };
}

