import { describe, expect, it } from "vitest";
import { allowed, clock, EMPTY, hears, outsideNumber, reduce, type Agent, type Call, type Desk, type Frame, type Pop } from "./model";

const AGENT: Agent = { state: "ready", reason: null, cause: null, since: "2026-03-02T01:00:00Z", until: null, pending: null, allowance_until: null, overdue: false, by: "", duty: "", phone: true, epoch: 1 };
const POP: Pop = {
  offer_id: "c1-1", call_id: "c1", queue: "general", queue_title: "人工", caller_number: "13800000001", hotline: "4008001",
  waited_s: 3, path: [], customer: null, last_contacts: [], transferred_by: null, given_by: null,
};
const call = (phase: Call["phase"], id = "c1"): Call => ({
  call_id: id, phase, queue: "general", caller_number: "13800000001", since: "2026-03-02T01:00:00Z", answered_at: null, end_reason: null,
});
const SNAPSHOT: Frame = {
  type: "snapshot", me: { agent_id: "a", name: "坐席01", extension: "1001" }, agent: AGENT, call: null, pop: null, wrap_up: null,
  queues: [], today: { answered: 1, talk_s: 60, missed: 0 }, server_time: "2026-03-02T01:00:10Z",
};
const after = (...frames: Frame[]): Desk =>
  frames.reduce((desk, frame) => reduce(desk, { type: "frame", frame, now: Date.parse("2026-03-02T01:00:00Z") }), EMPTY);

describe("the agent's desk", () => {
  it("knows the server's clock from the snapshot", () => {
    expect(after(SNAPSHOT).ahead_ms).toBe(10_000);
    expect(after(SNAPSHOT).line).toBe("live");
  });

  it("keeps the caller's record through the talk and the wrap-up", () => {
    const desk = after(SNAPSHOT, { type: "pop", pop: POP }, { type: "call", call: call("ringing") },
      { type: "offer_ended", offer_id: "c1-1", call_id: "c1", reason: "answered" }, { type: "call", call: call("talking") },
      { type: "call", call: call("ended") }, { type: "agent", agent: { ...AGENT, state: "wrap_up" } });
    expect(desk.pop?.call_id).toBe("c1");
    expect(desk.contact).toBe("c1");
    expect(desk.call).toBeNull();
  });

  it("takes a missed caller's record away and says why", () => {
    const desk = after(SNAPSHOT, { type: "pop", pop: POP }, { type: "call", call: call("ringing") },
      { type: "offer_ended", offer_id: "c1-1", call_id: "c1", reason: "no_answer" });
    expect([desk.pop, desk.call, desk.contact, desk.missed]).toEqual([null, null, null, "no_answer"]);
  });

  it("does not let the late end of an earlier call end the present one", () => {
    const desk = after(SNAPSHOT, { type: "call", call: call("talking", "c2") }, { type: "call", call: call("ended", "c1") });
    expect(desk.call?.call_id).toBe("c2");
  });

  it("shows what was known while the line is lost, and comes back in mid-call", () => {
    const talking = after(SNAPSHOT, { type: "pop", pop: POP }, { type: "call", call: call("talking") });
    const lost = reduce(talking, { type: "line", line: "lost" });
    expect([lost.line, lost.pop?.call_id, lost.call?.phase]).toEqual(["lost", "c1", "talking"]);
    const back = reduce(lost, { type: "frame", frame: { ...SNAPSHOT, call: call("held"), pop: POP }, now: 0 });
    expect([back.line, back.call?.phase, back.contact]).toEqual(["live", "held", "c1"]);
  });

  it("stays displaced when the socket closes after that word", () => {
    expect(reduce(after(SNAPSHOT, { type: "displaced" }), { type: "line", line: "lost" }).line).toBe("displaced");
  });

  it("numbers refusals so that the same one twice is seen twice", () => {
    const refused: Frame = { type: "error", request_id: null, code: "x", message: "no", message_zh: "不" };
    expect(after(SNAPSHOT, refused, refused).refusal?.number).toBe(2);
  });

  it("comes back from a reload with the call that is kept, and its form", () => {
    const kept = after({ ...SNAPSHOT, call: { ...call("parked"), kept_until: "2026-03-02T01:00:20Z" }, pop: POP });
    expect([kept.call?.phase, kept.contact, kept.pop?.call_id]).toEqual(["parked", "c1", "c1"]);
  });

  it("offers in a consultation only what can be done before and after the colleague answers", () => {
    const asked = { name: "坐席02", extension: "1002", asked_by_me: true, answered: false, with_caller: false, since: "" };
    expect([...allowed({ ...call("consulting"), consult: asked })].sort()).toEqual(["cancel", "hang_up", "mute"]);
    expect(allowed({ ...call("consulting"), consult: { ...asked, answered: true } }).has("conference")).toBe(true);
    expect(allowed(call("conference")).has("transfer")).toBe(false);
  });

  it("lets a telephone outside ring for the customer before it is answered", () => {
    const asked = { name: "", extension: "", number: "+8613800000002", asked_by_me: true, answered: false, with_caller: false, since: "" };
    expect([...allowed({ ...call("consulting"), consult: asked })].sort()).toEqual(["cancel", "complete", "hang_up", "mute"]);
  });

  it.each([["138 0000-0002", "13800000002"], ["+86 138 0000 0002", "+8613800000002"], ["95588", "95588"], ["11", null], ["王", null], ["1380a", null]])(
    "takes %s for the number outside %s", (typed, number) => {
      expect(outsideNumber(typed)).toBe(number);
    });

  it("knows when somebody should be heard", () => {
    const asked = { name: "坐席02", extension: "1002", asked_by_me: true, answered: false, with_caller: false, since: "" };
    const consulted = (phase: Call["phase"], change: Partial<typeof asked>) => hears({ ...call(phase), consult: { ...asked, ...change } });
    expect([hears(null), hears(call("ringing")), hears(call("talking")), hears(call("held")), hears(call("conference"))]).toEqual([false, false, true, false, true]);
    expect([consulted("consulting", {}), consulted("consulting", { answered: true }), consulted("consulting", { with_caller: true })]).toEqual([false, true, true]);
    expect([consulted("consulted", { answered: true }), consulted("consulted", { answered: true, with_caller: true })]).toEqual([true, false]);
  });

  it("leaves a colleague who is only asked without a form to write", () => {
    expect(after(SNAPSHOT, { type: "call", call: call("consulted") }).contact).toBeNull();
  });

  it.each([[7, "0:07"], [754, "12:34"], [3723, "1:02:03"], [-3, "0:00"]])("writes %d s as %s", (seconds, text) => {
    expect(clock(seconds)).toBe(text);
  });
});
