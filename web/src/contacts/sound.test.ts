import { describe, expect, it } from "vitest";
import { percent, SOUND, soundWords, verdictOf, type LegSound } from "./sound";

const LEG: LegSound = {
  party: "agent", agent_name: "王芳", trunk: "", answered_at: "2026-03-02T01:00:00Z", ended_at: "2026-03-02T01:00:30Z", received: 1500, sent: 1500,
  lost_from: 0, lost_to: 0, jitter_from_ms: 1, jitter_to_ms: 1, rtt_ms: 20, mos_from: 4.37, mos_to: 4.37, verdict_from: "good", verdict_to: "good",
};

describe("how a leg sounded", () => {
  it.each<[Partial<LegSound>, string, string]>([
    [{}, "良好", "good"],
    [{ verdict_from: "poor", lost_from: 0.08 }, "差：此方发出的声音丢失 8.0 %", "poor: 8.0 % lost from this side"],
    [{ verdict_to: "fair", lost_to: 0.05, jitter_to_ms: 41.6 }, "一般：传给此方的声音丢失 5.0 %，抖动 42 毫秒", "fair: 5.0 % lost on the way to it, jitter 42 ms"],
    [{ verdict_from: "none", verdict_to: null, received: 0 }, "无声：30 秒内没有收到任何声音", "no sound: nothing was heard in 30 s"],
    [{ verdict_from: null, verdict_to: null }, "时间太短，无法判断", "too short to say"],
    [{ verdict_to: null, lost_to: null, jitter_to_ms: null, rtt_ms: null }, "良好", "good"],
    [{ verdict_from: "fair", verdict_to: "fair", rtt_ms: 640 }, "一般：往返延迟 640 毫秒", "fair: round trip 640 ms"],
  ])("%o", (change, zh, en) => {
    expect(soundWords({ ...LEG, ...change }, SOUND["zh-CN"])).toBe(zh);
    expect(soundWords({ ...LEG, ...change }, SOUND.en)).toBe(en);
  });
  it("goes by the worse direction", () => {
    expect(verdictOf({ ...LEG, verdict_to: "poor" })).toBe("poor");
    expect(verdictOf({ ...LEG, verdict_from: "none", verdict_to: "good" })).toBe("none");
  });
  it("says small losses in tenths", () => expect([percent(0), percent(0.004), percent(0.081), percent(0.3)]).toEqual(["0 %", "0.4 %", "8.1 %", "30 %"]));
});
