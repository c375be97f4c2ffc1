/**
 * Whether a conversation's sound goes both ways, judged from what the browser counts. Pure: samples and times are given.
 *
 * A sample is taken every two seconds (RTCPeerConnection.getStats). What is wrong is said only when it has lasted: a word that comes
 * and goes is one that nobody trusts.
 */

export interface Sample {
  /** Milliseconds of one clock. */
  at: number;
  /** The way is open: addresses found and keys exchanged. */
  open: boolean;
  /** Packets that came, and that were lost on their way here, until now. */
  received: number;
  lost: number;
  jitter_ms: number;
  /** Packets that we sent, and that the switch says it lost, until now. */
  sent: number;
  sentLost: number;
  /** Energy of our own microphone until now; null: the browser does not tell. Exact silence adds nothing. */
  energy: number | null;
}

export interface Situation {
  /** When the call was answered. */
  answered: number;
  /** Since when the other side should be heard; null: not now (hold, alone, music of nobody). */
  expected: number | null;
  /** Since when our microphone is open; null: muted on the page. */
  unmuted: number | null;
}

/** What is wrong, the gravest first; empty: nothing. */
export type Fault = "" | "closed" | "deaf" | "dumb" | "poor_in" | "poor_out";

export const CLOSED_AFTER_MS = 4000;
const DEAF_AFTER_MS = 6000;
const DUMB_AFTER_MS = 10_000;
const POOR_OVER_MS = 10_000;
const POOR_LOSS = 0.05;
const POOR_JITTER_MS = 60;
/** Fewer packets than half a second's say nothing about a share. */
const ENOUGH = 25;
/** How far samples are needed. */
export const KEPT_MS = 12_000;

/** The newest sample that is at least so old and not older than `since`; undefined: it has not lasted that long. */
function before(samples: readonly Sample[], now: number, age: number, since: number): Sample | undefined {
  return samples.filter((one) => one.at <= now - age && one.at >= since).at(-1);
}

export function judge(samples: readonly Sample[], situation: Situation): Fault {
  const last = samples.at(-1);
  if (!last) return "";
  const { at: now } = last;
  // Once open it may close for a moment: a browser that has lost its network says so before it has looked for another.
  if (!last.open) return now - situation.answered >= CLOSED_AFTER_MS && samples.at(-2)?.open === false ? "closed" : "";
  const { expected, unmuted } = situation;
  const quiet = expected === null ? undefined : before(samples, now, DEAF_AFTER_MS, Math.max(expected, situation.answered));
  if (quiet && quiet.open && quiet.received === last.received) return "deaf";
  const still = unmuted === null ? undefined : before(samples, now, DUMB_AFTER_MS, Math.max(unmuted, situation.answered));
  if (still && still.energy !== null && still.energy === last.energy) return "dumb";
  const then = before(samples, now, POOR_OVER_MS, situation.answered);
  if (!then) return "";
  if (share(last.lost - then.lost, last.received - then.received) > POOR_LOSS) return "poor_in";
  // Of what we sent, the switch counts among its own what is lost.
  const out = last.sent - then.sent;
  const lostThere = last.sentLost - then.sentLost;
  if (out >= ENOUGH && lostThere / out > POOR_LOSS) return "poor_out";
  const window = samples.filter((one) => one.at >= then.at);
  return window.every((one) => one.jitter_ms > POOR_JITTER_MS) ? "poor_in" : "";
}

function share(lost: number, came: number): number {
  return lost + came >= ENOUGH ? Math.max(0, lost) / (lost + came) : 0;
}

interface Report { type: string; kind?: string; mediaType?: string; packetsReceived?: number; packetsLost?: number; jitter?: number; packetsSent?: number; totalAudioEnergy?: number }

/** One sample out of the browser's report. */
export function sampled(reports: Iterable<Report>, at: number, open: boolean): Sample {
  const made: Sample = { at, open, received: 0, lost: 0, jitter_ms: 0, sent: 0, sentLost: 0, energy: null };
  for (const one of reports) {
    if (one.kind !== undefined && one.kind !== "audio") continue;
    if (one.type === "inbound-rtp") {
      made.received += one.packetsReceived ?? 0;
      made.lost += one.packetsLost ?? 0;
      made.jitter_ms = Math.max(made.jitter_ms, (one.jitter ?? 0) * 1000);
    } else if (one.type === "outbound-rtp") made.sent += one.packetsSent ?? 0;
    else if (one.type === "remote-inbound-rtp") made.sentLost += one.packetsLost ?? 0;
    else if (one.type === "media-source" && one.totalAudioEnergy !== undefined) made.energy = one.totalAudioEnergy;
  }
  return made;
}
