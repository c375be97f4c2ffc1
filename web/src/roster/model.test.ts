import { expect, test } from "vitest";
import { absenceOn, byDay, byHour, changes, daysOf, hoursOf, rangeOf, step, type Absence } from "./model";

test("weeks run from Monday to Sunday and months have their days", () => {
  expect(rangeOf("2026-03-01", "week")).toEqual(["2026-02-23", "2026-03-01"]);
  expect(rangeOf("2028-02-10", "month")).toEqual(["2028-02-01", "2028-02-29"]);
  expect(daysOf(...rangeOf("2026-12-25", "month"))).toHaveLength(31);
  expect(step("2026-12-25", "month", 1)).toBe("2027-01-01");
  expect(step("2026-03-31", "month", -1)).toBe("2026-02-01");
  expect(step("2026-03-01", "week", 1)).toBe("2026-03-02");
});

test("coverage falls into days of the site, whatever the clocks do", () => {
  const quarters = 96 + 92;
  const track = { queue: "", skill: "", level: 1, need: Array(quarters).fill(2), have: Array(quarters).fill(2) };
  track.have[100] = 0;
  const coverage = { begins: "2026-03-27T23:00:00Z", minutes: 15, tracks: [], shortfalls: [] };
  const asked: (number | null)[] = Array(quarters).fill(null);
  asked.fill(3, 98, 104);
  const on_calls = asked.map((n) => (n === null ? null : n - 1));
  const days = byDay(coverage, track, { begins: coverage.begins, minutes: 15, tracks: [{ queue: "", asked, on_calls }], thin: [] }, "Europe/Berlin");
  expect([...days].map(([day, slice]) => [day, slice.need.length, slice.missing, slice.thin])).toEqual([
    ["2026-03-28", 96, 0, 0],
    ["2026-03-29", 92, 2, 1],
  ]);
  const hours = byHour(days.get("2026-03-29")!);
  expect(hours.map((one) => one.hour)).toEqual([0, 1, ...Array.from({ length: 21 }, (_, n) => n + 3)]);
  expect(hours.slice(0, 3)).toEqual([
    { hour: 0, need: 2, asked: 3, calls: 2, have: 2, spare: 0, short: false, thin: true },
    { hour: 1, need: 2, asked: 3, calls: 2, have: 0, spare: 0, short: true, thin: true },
    { hour: 3, need: 2, asked: 0, calls: 0, have: 2, spare: 2, short: false, thin: false },
  ]);
  const others = byDay(coverage, track, { begins: "2026-04-01T22:00:00Z", minutes: 15, tracks: [{ queue: "", asked, on_calls }], thin: [] }, "Europe/Berlin");
  expect(others.get("2026-03-29")?.thin).toBe(0);
});

test("approved leave goes before a wish", () => {
  const one = { account_id: "a", first_day: "2026-03-01", last_day: "2026-03-03", shift: null, note: "" } as const;
  const wish: Absence = { ...one, id: "1", kind: "wish_off", state: "requested" };
  const leave: Absence = { ...one, id: "2", kind: "leave", state: "approved" };
  const refused: Absence = { ...one, id: "3", kind: "leave", state: "refused" };
  expect(absenceOn([wish, leave, refused], "a", "2026-03-02")?.id).toBe("2");
  expect(absenceOn([refused], "a", "2026-03-02")).toBeUndefined();
});

test("a night has twelve hours", () => {
  expect(hoursOf({ code: "night", title: "", title_en: "", begins: "20:00:00", ends: "08:00:00", on_call: false, active: true })).toBe(12);
});

test("only what is another goes out: changed, come, gone, or come back", () => {
  const early = { code: "early", title: "早班", title_en: "Early", begins: "08:00", ends: "20:00", on_call: false, active: true };
  const night = { ...early, code: "night", begins: "20:00", ends: "08:00" };
  const minimums = [{ begins: "08:00", ends: "20:00", need: 8, queue: "", skill: "", level: 1 }];
  const board = { shifts: [early, night, { ...early, code: "old", active: false }], minimums };
  expect(changes(board, [early, night], minimums)).toEqual({ put: [], retire: [], minimums: false, any: false });
  const [later, old] = [{ ...early, begins: "07:00" }, { ...early, code: "old" }];
  expect(changes(board, [later, old], [])).toEqual({ put: [later, old], retire: ["night"], minimums: true, any: true });
});
