/** How a leg sounded, in words: the fault first, then what it was. Pure. */
import type { Language } from "../shared/session";

export type Verdict = "good" | "fair" | "poor" | "none";

/** `from`: from the telephone to the switch; `to`: from the switch to it, null where the telephone never said. Losses are shares. */
export interface LegSound {
  party: "customer" | "agent" | "outside"; agent_name: string | null; trunk: string; answered_at: string; ended_at: string;
  received: number; sent: number; lost_from: number; lost_to: number | null; jitter_from_ms: number; jitter_to_ms: number | null; rtt_ms: number | null;
  mos_from: number | null; mos_to: number | null; verdict_from: Verdict | null; verdict_to: Verdict | null;
}

const zh = {
  title: "音质", hint: "由交换机测得：话机到交换机、交换机到话机两个方向。MOS 为按 E 模型的估算（满分 4.4），只含这一段网络，不含耳机、环境和运营商之后的线路。",
  parties: { customer: "客户", agent: "坐席", outside: "外线" } as Record<LegSound["party"], string>,
  verdicts: { good: "良好", fair: "一般", poor: "差", none: "无声" } as Record<Verdict, string>,
  short: "时间太短，无法判断",
  silent: (s: number) => `${s} 秒内没有收到任何声音`,
  lostFrom: (p: string) => `此方发出的声音丢失 ${p}`, lostTo: (p: string) => `传给此方的声音丢失 ${p}`,
  uneven: (ms: number) => `抖动 ${ms} 毫秒`, slow: (ms: number) => `往返延迟 ${ms} 毫秒`,
  from: "话机 → 交换机", to: "交换机 → 话机", mos: "MOS", lost: "丢失", jitter: "抖动", rtt: "往返", untold: "话机未报告", join: "，", colon: "：",
};
type Text = typeof zh;
const en: Text = {
  title: "Sound", hint: "Measured at the switch: from the telephone to the switch, and from the switch to the telephone. MOS is an estimate by the E-model (4.4 at best) of this stretch of network alone, without the headset, the room and what lies behind the carrier.",
  parties: { customer: "Customer", agent: "Agent", outside: "Outside" },
  verdicts: { good: "good", fair: "fair", poor: "poor", none: "no sound" },
  short: "too short to say",
  silent: (s) => `nothing was heard in ${s} s`,
  lostFrom: (p) => `${p} lost from this side`, lostTo: (p) => `${p} lost on the way to it`,
  uneven: (ms) => `jitter ${ms} ms`, slow: (ms) => `round trip ${ms} ms`,
  from: "Telephone → switch", to: "Switch → telephone", mos: "MOS", lost: "lost", jitter: "jitter", rtt: "Round trip", untold: "not reported", join: ", ", colon: ": ",
};
export const SOUND: Record<Language, Text> = { "zh-CN": zh, en };

const ORDER: readonly Verdict[] = ["good", "fair", "poor", "none"];
const LOSS_TOLD = 0.01;
const JITTER_TOLD_MS = 30;
const RTT_TOLD_MS = 300;

/** The worse of both directions; null: it was too short. */
export function verdictOf(one: LegSound): Verdict | null {
  const told = [one.verdict_from, one.verdict_to].filter((each): each is Verdict => each !== null);
  return told.length ? told.reduce((worst, each) => (ORDER.indexOf(each) > ORDER.indexOf(worst) ? each : worst)) : null;
}

/** A share as it is said: whole per cents, tenths below ten. */
export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

export function soundWords(one: LegSound, text: Text): string {
  const verdict = verdictOf(one);
  if (verdict === null) return text.short;
  if (verdict === "none") return `${text.verdicts.none}${text.colon}${text.silent(Math.round((Date.parse(one.ended_at) - Date.parse(one.answered_at)) / 1000))}`;
  if (verdict === "good") return text.verdicts.good;
  const jitter = Math.round(Math.max(one.jitter_from_ms, one.jitter_to_ms ?? 0));
  const why = [
    one.lost_from >= LOSS_TOLD && text.lostFrom(percent(one.lost_from)),
    one.lost_to !== null && one.lost_to >= LOSS_TOLD && text.lostTo(percent(one.lost_to)),
    jitter > JITTER_TOLD_MS && text.uneven(jitter),
    one.rtt_ms !== null && one.rtt_ms > RTT_TOLD_MS && text.slow(Math.round(one.rtt_ms)),
  ].filter(Boolean);
  return why.length ? `${text.verdicts[verdict]}${text.colon}${why.join(text.join)}` : text.verdicts[verdict];
}
