import { describe, expect, it } from "vitest";
import { judge, sampled, type Fault, type Sample, type Situation } from "./heard";

const FINE: Sample = { at: 0, open: true, received: 0, lost: 0, jitter_ms: 2, sent: 0, sentLost: 0, energy: 0 };
/** A sample every two seconds; in each step all that is well grows. */
const samples = (count: number, change: (n: number) => Partial<Sample> = () => ({})): Sample[] =>
  Array.from({ length: count }, (_, n) => ({ ...FINE, at: n * 2000, received: n * 100, sent: n * 100, energy: n * 0.01, ...change(n) }));
const TALKING: Situation = { answered: 0, expected: 0, unmuted: 0 };

describe("what an agent is told of the sound", () => {
  it.each<[string, Sample[], Partial<Situation>, Fault]>([
    ["nothing yet", [], {}, ""],
    ["all is well", samples(8), {}, ""],
    ["just answered, the way is not open yet", samples(2, () => ({ open: false })), {}, ""],
    ["the way stays closed", samples(3, () => ({ open: false })), {}, "closed"],
    ["the way closed just now", samples(6, (n) => ({ open: n < 5 })), {}, ""],
    ["the way closed and stays so", samples(6, (n) => ({ open: n < 4 })), {}, "closed"],
    ["nothing comes", samples(4, () => ({ received: 0 })), {}, "deaf"],
    ["nothing comes, for a moment only", samples(3, () => ({ received: 0 })), {}, ""],
    ["it stopped coming", samples(8, (n) => ({ received: Math.min(n, 4) * 100 })), {}, "deaf"],
    ["on hold nothing should come", samples(8, () => ({ received: 0 })), { expected: null }, ""],
    ["back from hold just now", samples(8, () => ({ received: 0 })), { expected: 12_000 }, ""],
    ["back from hold, and still nothing", samples(8, () => ({ received: 0 })), { expected: 8000 }, "deaf"],
    ["the way opened late", samples(4, (n) => ({ received: 0, open: n > 2 })), {}, ""],
    ["the headset's own mute key", samples(6, () => ({ energy: 0.5 })), {}, "dumb"],
    ["the headset's own mute key, eight seconds", samples(5, () => ({ energy: 0.5 })), {}, ""],
    ["muted on the page", samples(8, () => ({ energy: 0.5 })), { unmuted: null }, ""],
    ["unmuted four seconds ago", samples(8, () => ({ energy: 0.5 })), { unmuted: 10_000 }, ""],
    ["a browser that does not tell", samples(8, () => ({ energy: null })), {}, ""],
    ["one in ten is lost", samples(7, (n) => ({ received: n * 90, lost: n * 10 })), {}, "poor_in"],
    ["one in fifty is lost", samples(7, (n) => ({ received: n * 98, lost: n * 2 })), {}, ""],
    ["a burst, too short to say", samples(4, (n) => ({ received: n * 50, lost: n * 50 })), {}, ""],
    ["one in ten of ours is lost", samples(7, (n) => ({ sentLost: n * 10 })), {}, "poor_out"],
    ["uneven all the time", samples(7, () => ({ jitter_ms: 80 })), {}, "poor_in"],
    ["uneven once", samples(7, (n) => ({ jitter_ms: n === 4 ? 80 : 2 })), {}, ""],
    ["nothing heard and nothing said: the graver first", samples(8, () => ({ received: 0, energy: 0 })), {}, "deaf"],
  ])("%s", (_, given, change, fault) => expect(judge(given, { ...TALKING, ...change })).toBe(fault));

  it("reads the browser's report", () => {
    const report = [
      { type: "inbound-rtp", kind: "audio", packetsReceived: 90, packetsLost: 10, jitter: 0.004 },
      { type: "inbound-rtp", kind: "video", packetsReceived: 7 },
      { type: "outbound-rtp", kind: "audio", packetsSent: 95 },
      { type: "remote-inbound-rtp", kind: "audio", packetsLost: 3 },
      { type: "media-source", kind: "audio", totalAudioEnergy: 0.25 },
      { type: "transport" },
    ];
    expect(sampled(report, 5, true)).toEqual({ at: 5, open: true, received: 90, lost: 10, jitter_ms: 4, sent: 95, sentLost: 3, energy: 0.25 });
    expect(sampled([], 5, false).energy).toBeNull();
  });
});
