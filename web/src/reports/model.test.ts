import dayjs from "dayjs";
import { describe, expect, it } from "vitest";
import { address, asked, behind, byTime, change, daysOf, fitting, forecastDays, shifted, shown, type Line, type Wanted } from "./model";

const TODAY = dayjs("2026-03-04"); // a Wednesday
const line = (at: string | null, key: string, offered: number): Line => ({ at, key, title: key, title_en: key, figures: { offered }, breaks: {} });

describe("ranges", () => {
  it.each([
    ["today", "2026-03-04", "2026-03-04"], ["yesterday", "2026-03-03", "2026-03-03"], ["this_week", "2026-03-02", "2026-03-04"],
    ["last_week", "2026-02-23", "2026-03-01"], ["this_month", "2026-03-01", "2026-03-04"], ["last_month", "2026-02-01", "2026-02-28"],
  ] as const)("%s", (range, from, to) => expect(daysOf(range, TODAY)).toEqual([from, to]));
  it("goes to the one before and after, a month as a month", () => {
    expect(shifted("2026-03-02", "2026-03-08", -1)).toEqual(["2026-02-23", "2026-03-01"]);
    expect(shifted("2026-03-01", "2026-03-31", -1)).toEqual(["2026-02-01", "2026-02-28"]);
    expect(shifted("2026-02-01", "2026-02-28", 1)).toEqual(["2026-03-01", "2026-03-31"]);
  });
  it("offers the intervals that fit", () => {
    expect(fitting(1)).toContain("15m");
    expect(fitting(32)).not.toContain("30m");
  });
});

describe("the address", () => {
  it("holds all that was chosen", () => {
    const wanted: Wanted = { ...asked("", TODAY), range: "", from: "2026-01-01", to: "2026-01-31", by: "agent", interval: "week", agent: "ab", chart: "hours" };
    expect(asked(address(wanted).slice("/reports".length), TODAY)).toEqual(wanted);
  });
  it("moves with the calendar where a range does", () => {
    expect(asked("?range=yesterday", TODAY)).toMatchObject({ from: "2026-03-03", to: "2026-03-03", interval: "hour" });
  });
  it("makes sense of nonsense", () => {
    expect(asked("?from=2026-03-05&to=2026-03-01&by=moon&interval=15m", TODAY)).toMatchObject({ range: "today", by: "queue", interval: "15m" });
    expect(asked("?from=2026-01-01&to=2026-03-01&interval=15m", TODAY).interval).toBe("day");
  });
});

describe("figures", () => {
  it.each([
    [0.8996, "share", "89.9%"], [1, "share", "100.0%"], [null, "share", "—"], [61.4, "seconds", "1:01"], [3599.9, "seconds", "60:00"],
    [5400, "span", "1:30"], [4.256, "score", "4.26"], [0, "count", "0"], [undefined, "count", "—"],
  ] as const)("%s as %s reads %s", (value, unit, words) => expect(shown(value, unit)).toBe(words));
  it("are compared with before", () => {
    expect([change(0.9, 0.85, "share"), change(110, 100, "count"), change(90, 100, "seconds"), change(1, 0, "count"), change(null, 1, "count")]).toEqual(["+5.0", "+10%", "−10%", "", ""]);
  });
  it("of one interval are drawn together", () => {
    expect([...byTime([line("a", "x", 1), line("a", "y", 2), line("b", "x", 4)], "offered")]).toEqual([["a", 3], ["b", 4]]);
  });
});

describe("the calls behind a row", () => {
  const wanted = { ...asked("?from=2026-03-02&to=2026-03-08&by=queue&interval=day", TODAY) };
  it("are those of its queue and its days", () => {
    expect(behind(line("2026-03-02T00:00:00Z", "general", 1), wanted, (at) => dayjs(at.slice(0, 10)), "missed")).toBe("/contacts?from=2026-03-02&to=2026-03-02&queue=general&kind=missed");
    expect(behind(line(null, "x", 1), { ...wanted, by: "outcome" }, dayjs)).toBe("/contacts?from=2026-03-02&to=2026-03-08&disposition=x");
  });
  it("are those of its hotline or trunk, within what else was chosen", () => {
    expect(behind(line(null, "trunk-a", 1), { ...wanted, by: "trunk", hotline: "4008001" }, dayjs, "answered")).toBe("/contacts?from=2026-03-02&to=2026-03-08&hotline=4008001&trunk=trunk-a&kind=answered");
    expect(behind(line(null, "", 1), { ...wanted, by: "hotline" }, dayjs)).toBeNull();
  });
});

it("sums a forecast by the site's days", () => {
  const slots = [[4, 2, 2, 2], [9.4, 3, 4, 3], [1, 1, 2, 2]].map(([calls, agents, scheduled, rostered], n) => ({ at: `2026-03-0${n < 2 ? 2 : 3}T0${n}:00`, calls: calls!, agents: agents!, scheduled: scheduled!, rostered: rostered! }));
  const [first, second] = forecastDays(slots, (at) => at.slice(0, 10));
  expect(first).toMatchObject({ day: "2026-03-02", calls: 13, most: { agents: 3, scheduled: 4 }, hours: 3, rostered: 2.5, gaps: 1, busiest: { calls: 9.4 } });
  expect(second).toMatchObject({ calls: 1, gaps: 0 });
});
