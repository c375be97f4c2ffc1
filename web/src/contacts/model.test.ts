import { expect, it } from "vitest";
import { drawn, type Segment } from "./model";

const segment = (seq: number, from: string, to: string | null): Segment => ({
  seq, kind: "talk", agent_id: null, agent_name: null, queue: null, started_at: `2026-03-02T01:00:${from}Z`,
  ended_at: to && `2026-03-02T01:00:${to}Z`, result: null,
});
const places = (segments: Segment[], now = 0) => drawn(segments, now).map((one) => [one.segment.seq, one.lane, Math.round(one.left), Math.round(one.width)]);

it("draws segments one after the other at their times", () =>
  expect(places([segment(1, "00", "10"), segment(2, "10", "40")])).toEqual([[1, 0, 0, 25], [2, 0, 25, 75]]));

it("draws a colleague's part below what went on meanwhile", () =>
  expect(places([segment(1, "00", "20"), segment(2, "20", "40"), segment(3, "10", "30"), segment(4, "30", "40")]))
    .toEqual([[1, 0, 0, 50], [3, 1, 25, 50], [2, 0, 50, 50], [4, 1, 75, 25]]));

it("shows a segment of no length, and an open one until now", () => {
  const [none, open] = drawn([segment(1, "00", "00"), segment(2, "00", null)], Date.parse("2026-03-02T01:00:30Z"));
  expect(none!.width).toBeGreaterThan(0);
  expect([open!.lane, open!.width]).toEqual([0, 100]);
});
