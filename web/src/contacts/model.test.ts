import { expect, it } from "vitest";
import { shares, type Segment } from "./model";

const segment = (from: string, to: string | null): Segment => ({
  seq: 0, kind: "talk", agent_id: null, agent_name: null, queue: null, started_at: `2026-03-02T01:00:${from}Z`,
  ended_at: to && `2026-03-02T01:00:${to}Z`, result: null,
});

it("draws segments by their length", () => {
  expect(shares([segment("00", "10"), segment("10", "40")], 0).map(Math.round)).toEqual([25, 75]);
});

it("shows a segment of no length, and an open one until now", () => {
  const drawn = shares([segment("00", "00"), segment("00", null)], Date.parse("2026-03-02T01:00:30Z"));
  expect(drawn[0]).toBeGreaterThan(0.5);
  expect(drawn[0]! + drawn[1]!).toBeCloseTo(100);
});
