import { describe, expect, it } from "vitest";
import { byTrunk, counts, EMPTY, percent, reduce, type Agent, type Caller, type Decision, type Floor, type Frame, type Queue } from "./model";

const agent = (extension: string, state: Agent["state"] = "ready"): Agent => ({
  agent_id: `id-${extension}`, name: extension, extension, queues: {}, drill: false, state, since: "2026-03-02T01:00:00Z",
  cause: "", reason: "", by: "", call_id: null, until: null, allowance_until: null, overdue: false, pending: "", phone: true,
  page: true, epoch: 1, offer_id: null, caller_number: "", call_queue: "", audible: false, supervised: [],
});
const queue = (name: string, waiting = 0): Queue => ({
  name, title: name, title_en: "", drill: false, service_level_s: 20, on_duty: 1, ready: 0, waiting, since: null, calls: [],
});
const decision = (number: number): Decision => ({
  offer_id: `o-${number}`, call_id: "c", agent_id: "a", agent_name: "A", queue: "q", at: "2026-03-02T01:00:00Z", waited_s: 1,
  points: 5, reason: "longest_idle", number, reasons: [],
});
const caller = (call_id: string, second: number): Caller => ({
  call_id, caller_number: "1", phase: "menu", hotline: "4008001", since: `2026-03-02T01:00:0${second}Z`, drill: false, supervised: [],
});
const after = (floor: Floor, frame: Frame) => reduce(floor, { type: "frame", frame, now: 0 });
const started = after(EMPTY, {
  type: "snapshot", server_time: "1970-01-01T00:00:05Z", lines: { max: 90, in_use: 0, peak: 0, trunks: [], phases: {} },
  today: { available: true, all: null, queues: {}, target: 0.8 }, queues: [queue("general"), queue("repairs")],
  agents: [agent("1002"), agent("1001"), agent("999")], callers: [caller("late", 9), caller("early", 1)], decisions: [decision(1), decision(2)],
});

describe("the floor", () => {
  it("keeps every agent at their extension's place, whatever they do", () => {
    const now = after(started, { type: "agents", changed: [agent("1001", "talking"), agent("1000")], gone: ["id-999"] });
    expect(now.agents.map((one) => `${one.extension} ${one.state}`)).toEqual(["1000 ready", "1001 talking", "1002 ready"]);
  });
  it("has the callers who are in no queue as they came", () => {
    const now = after(started, { type: "callers", changed: [caller("new", 5)], gone: ["early"] });
    expect([started, now].map((floor) => floor.callers.map((one) => one.call_id))).toEqual([["early", "late"], ["late", "new"]]);
  });
  it("keeps the queues in their order", () => {
    const now = after(started, { type: "queues", changed: [queue("repairs", 2), queue("general", 1)], gone: [] });
    expect(now.queues.map((one) => [one.name, one.waiting])).toEqual([["general", 1], ["repairs", 2]]);
  });
  it("shows the newest decision first and forgets what the service forgot", () => {
    const now = after(started, { type: "decisions", changed: [decision(3)], gone: ["o-1"] });
    expect(now.decisions.map((one) => one.number)).toEqual([3, 2]);
  });
  it("knows how far the server's clock is ahead", () => expect(started.ahead_ms).toBe(5000));
  it("keeps what it knew when the line is lost", () => {
    const now = reduce(started, { type: "line", line: "lost" });
    expect([now.line, now.agents.length]).toEqual(["lost", 3]);
  });
});

describe("figures", () => {
  it("never rounds a share up to a target", () => expect([0.8999, 0.9, 0.29, 1, 0, null].map(percent)).toEqual(["89%", "90%", "29%", "100%", "0%", "—"]));
  it("counts all ways of being in a call as one", () =>
    expect(counts([agent("1", "hold"), agent("2", "talking"), agent("3", "reserved"), agent("4", "offline")])).toMatchObject({ talking: 2, offered: 1, ready: 0 }));
  it("counts nobody as ready whose page or telephone is gone", () => {
    const gone = [{ ...agent("1"), page: false }, { ...agent("2"), phone: false }, agent("3"), { ...agent("4", "talking"), page: false }];
    expect(counts(gone)).toMatchObject({ ready: 1, away: 2, talking: 1 });
  });
});

describe("lines by trunk", () => {
  it("counts those of one name together", () => {
    const line = (trunk: string, in_use: number) => ({ trunk, in_use, peak: in_use });
    const lines = { max: 90, in_use: 4, peak: 4, trunks: [line("carrier", 1), line("phone-a1", 1), line("phone-b2", 2)], phases: {} };
    expect(byTrunk(lines, (trunk) => (trunk.startsWith("phone-") ? "test phone" : trunk))).toEqual([["carrier", 1], ["test phone", 3]]);
  });
});
