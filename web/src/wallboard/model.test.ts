import { describe, expect, it } from "vitest";
import { NONE, reduce, tone, type Frame } from "./model";

const frame = (waiting: number, available = true): Frame => ({
  type: "wall", lines: { max: 90, in_use: 3, peak: 9 }, agents: { ready: 1 },
  today: { available, all: available ? ({ answered: 7 } as Frame["today"]["all"]) : null, queues: {}, target: 0.8 },
  queues: [{ name: "general", title: "人工", title_en: "General", service_level_s: 20, on_duty: 2, ready: 1, waiting, since: null }],
});

describe("the wall", () => {
  const live = reduce(NONE, { frame: { ...frame(2), server_time: "2026-03-02T00:00:05Z" }, now: Date.parse("2026-03-02T00:00:00Z") });
  it("counts by the service's clock", () => expect([live.line, live.ahead_ms]).toEqual(["live", 5000]));
  it("keeps what it knew while the line is lost, and goes on where it was", () => {
    const lost = reduce(live, { line: "lost" });
    expect([lost.line, lost.frame?.queues[0]?.waiting]).toEqual(["lost", 2]);
    expect(reduce(lost, { frame: frame(0), now: 0 })).toMatchObject({ line: "live", ahead_ms: 5000 });
  });
  it("keeps the day's figures while the database is away, and says so", () =>
    expect(reduce(live, { frame: frame(1, false), now: 0 }).frame?.today).toMatchObject({ available: false, all: { answered: 7 } }));
  it("is coloured by the target, and not at all without figures", () => expect([tone(0.8, 0.8), tone(0.7999, 0.8), tone(null, 0.8)]).toEqual(["good", "late", ""]));
});
