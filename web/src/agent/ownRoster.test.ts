import { describe, expect, it } from "vitest";
import { asked, current, dayWord, usedNow, type MyShift, type MySwap } from "./ownRoster";

const shift = (id: string, begins: string, ends: string, on_call = false): MyShift => ({
  id, day: begins.slice(0, 10), shift: "early", begins, ends, on_call, note: "", swapping: false,
});
const night = shift("n", "2026-03-02T12:00:00Z", "2026-03-03T00:00:00Z");
const standby = shift("c", "2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z", true);

describe("one's own roster", () => {
  it("shows the shift that runs, else the next, and one on call only when there is no other", () => {
    expect(current([standby, night], Date.parse("2026-03-01T02:00:00Z"))).toEqual({ shift: night, runs: false });
    expect(current([night], Date.parse("2026-03-02T23:59:59Z"))).toEqual({ shift: night, runs: true });
    expect(current([night], Date.parse("2026-03-03T00:00:00Z"))).toBeNull();
    expect(current([standby], Date.parse("2026-03-01T02:00:00Z"))).toEqual({ shift: standby, runs: true });
  });

  it("counts on the break that goes on and no other", () => {
    const meal = { code: "meal", title: "", title_en: "", allowance_s: 1800, used_s: 600 };
    const at = "2026-03-02T12:00:00Z";
    expect(usedNow(meal, at, Date.parse(at) + 30_000, "meal")).toBe(630);
    expect(usedNow(meal, at, Date.parse(at) + 30_000, "tea")).toBe(600);
    expect(usedNow(meal, at, Date.parse(at) - 5_000, "meal")).toBe(600);
  });

  it("finds what colleagues ask and nobody has answered", () => {
    const swap = (part: Partial<MySwap>): MySwap => ({
      id: "s", state: "requested", asked_by_me: false, colleague: "A", given: { id: "n", day: "", shift: "" }, in_return: null,
      agreed: false, note: "", created_at: "", decided_at: null, ...part,
    });
    expect(asked([swap({}), swap({ agreed: true }), swap({ asked_by_me: true }), swap({ state: "refused" })])).toHaveLength(1);
  });

  it("says days as people do", () => {
    const text = { today: "今天", tomorrow: "明天", weekdays: ["一", "二", "三", "四", "五", "六", "日"] };
    expect(dayWord("2026-03-31", "2026-03-31", text)).toBe("今天");
    expect(dayWord("2026-04-01", "2026-03-31", text)).toBe("明天");
    expect(dayWord("2026-04-05", "2026-03-31", text)).toBe("4/5 日");
  });
});
