import { describe, expect, it } from "vitest";
import { askedOf, nextCase, nextDue, queryOf, span, withOne, type CaseLine } from "./model";

const AT = Date.parse("2026-03-02T01:00:00Z");
const line = (part: Partial<CaseLine>): CaseLine => ({
  number: 1, state: "open", subject: "", kind: "fault", department: null, owner_id: null, owner_name: null, customer_id: null, customer_name: null,
  caller_number: "", opened_at: "2026-03-02T00:00:00Z", updated_at: "2026-03-02T00:00:00Z", reply_due_at: "2026-03-02T01:00:00Z",
  due_at: "2026-03-03T00:00:00Z", replied_at: null, waiting_since: null, resolved_at: null, closed_at: null, reopened: 0, version: 1, overdue: false, ...part,
});

it("is due for an answer first, then for its end, and for nothing while the customer is waited for", () => {
  expect(nextDue(line({}))?.what).toBe("reply");
  expect(nextDue(line({ replied_at: "2026-03-02T00:10:00Z" }))).toEqual({ what: "resolve", at: "2026-03-03T00:00:00Z" });
  expect(nextDue(line({ replied_at: "2026-03-02T00:10:00Z", waiting_since: "2026-03-02T00:10:00Z" }))).toBeNull();
  expect(nextDue(line({ state: "resolved" }))).toBeNull();
});

it("says a stretch of time in one unit", () =>
  expect([0, 59, 119, 120, 47 * 60, 48 * 60].map((minutes) => span(minutes * 60_000, "en"))).toEqual(["0 min", "59 min", "119 min", "2 h", "47 h", "2 d"]));

it("keeps what is looked for in the address, and begins with what is one's own", () => {
  const wanted = askedOf("?view=overdue&q=100001&state=nonsense&department=billing", "lead");
  expect(queryOf(wanted).toString()).toBe("view=overdue&q=100001&department=billing");
  expect((["agent", "department", "supervisor"] as const).map((role) => askedOf("", role).view)).toEqual(["mine", "department", "open"]);
  expect(span(AT - AT, "zh-CN")).toBe("0 分钟");
});

it("offers each open case in turn by one key, then none", () => {
  const cases = [line({ number: 7 }), line({ number: 9 })];
  expect([nextCase(cases, undefined), nextCase(cases, 7), nextCase(cases, 9)]).toEqual([7, 9, undefined]);
});

describe("what may be chosen", () => {
  it("keeps what is chosen, by its name, when it is no longer on the list", () => {
    const anna = { value: "a", label: "Anna" };
    expect(withOne([anna], "a", "Anna")).toEqual([anna]);
    expect(withOne([anna], null, null)).toEqual([anna]);
    expect(withOne([anna], "b", "Ben")).toEqual([anna, { value: "b", label: "Ben" }]);
    expect(withOne([], "b", null)).toEqual([{ value: "b", label: "…" }]);
  });
});
