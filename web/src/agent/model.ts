/** The frames of docs/agent-socket.md, and what the page makes of them. Pure: no clock, no I/O. */

export type AgentStateName =
  | "offline" | "ready" | "reserved" | "ringing" | "talking" | "hold" | "consulting" | "wrap_up" | "break" | "not_responding";

export interface Agent {
  state: AgentStateName;
  reason: string | null;
  cause: string | null;
  since: string;
  until: string | null;
  pending: string | null;
  /** Of a break with an allowance: when it is used up, and whether it is. */
  allowance_until: string | null;
  overdue: boolean;
  /** The supervisor who set this state. */
  by: string;
  /** What the roster says: `draining` near the end of a shift; empty without a roster. */
  duty: "on_shift" | "off_shift" | "draining" | "";
  phone: boolean;
  epoch: number;
}

export interface PathStep { at: string; flow: string; step: string; label: string; label_en?: string; event: string; detail: string }
export interface Phone { number: string; label: string }
export interface Customer {
  id: string; name: string; company: string; vip: boolean; language: string; notes: string; phones: Phone[];
}
export interface LastContact {
  id: string; started_at: string; queue: string | null; agent_name: string | null; disposition: string | null; note: string;
}
export interface AskedCase {
  number: string; state?: string; opened_at?: string; updated_at?: string; contact_id?: string | null; disposition?: string | null; note?: string;
}
export interface Pop {
  offer_id: string; call_id: string; queue: string; queue_title: string; queue_title_en?: string; caller_number: string; hotline: string;
  waited_s: number; path: PathStep[]; customer: Customer | null; last_contacts: LastContact[];
  transferred_by: string | null;
  /** The supervisor who gave it to this agent. */
  given_by: string | null;
  /** Which case they asked about in the menu; its number alone when no more is known of it now. */
  case?: AskedCase | null;
  /** Of a call that we make: call, return_visit, callback; else empty. */
  purpose?: string;
  callback?: { number: string; attempt: number; attempts: number; note?: string } | null;
  /** Where the record is from: while the database is away, from memory, or there is none but the call itself. */
  source?: "database" | "memory" | "call";
  /** `transferred_by` asks, and keeps the caller. */
  consult?: boolean;
}
/** Who else is in a consultation or conference. */
export interface Consult {
  name: string; extension: string;
  /** Of somebody outside, who has no name here. */
  number?: string;
  asked_by_me: boolean; answered: boolean; with_caller: boolean; since: string;
}
export type CallPhase =
  | "offered" | "ringing" | "dialling" | "talking" | "held" | "consulting" | "consulted" | "conference" | "parked" | "ended";
export interface Call {
  call_id: string; phase: CallPhase; queue: string | null; caller_number: string;
  since: string; answered_at: string | null; end_reason: string | null; direction?: "inbound" | "outbound";
  consult?: Consult | null;
  /** Of a parked call: until when it is kept for me. */
  kept_until?: string | null;
}
/** A call that this page saw being made, and how it ended (null: it goes on). */
export interface Dialled { call_id: string; number: string; reason: string | null }
export interface QueueLine {
  name: string; title: string; title_en: string; waiting: number; longest_wait_s?: number; agents_ready: number;
}
export interface Today { answered: number; talk_s: number; missed: number }
/** A supervisor at one's call: whispers to the agent alone, or has joined; listens, if the site shows that. */
export interface Supervisor { name: string; mode: "listen" | "whisper" | "join" }
export interface Self { agent_id: string; name: string; extension: string }

export type Frame =
  | { type: "snapshot"; me: Self; agent: Agent | null; call: Call | null; pop: Pop | null;
      wrap_up: { contact_id: string; until: string } | null; queues: QueueLine[]; today?: Today; supervised?: Supervisor[]; server_time?: string }
  | { type: "agent"; agent: Agent }
  | { type: "pop"; pop: Pop }
  | { type: "call"; call: Call | null }
  | { type: "offer_ended"; offer_id: string; call_id: string; reason: string }
  | { type: "queues"; queues: QueueLine[]; today?: Today }
  | { type: "occupied"; since?: string }
  | { type: "displaced" }
  | { type: "supervised"; by: Supervisor[] }
  | { type: "taken_over"; by: string; call_id: string }
  | { type: "signed_out" }
  | { type: "ack"; request_id: string | null }
  | { type: "error"; request_id: string | null; code: string; message: string; message_zh: string };

/** connecting: no word yet; live; lost: it will come back by itself; occupied / displaced: another tab has the desk. */
export type Line = "connecting" | "live" | "lost" | "occupied" | "displaced";

export interface Desk {
  line: Line;
  me: Self | null;
  agent: Agent | null;
  call: Call | null;
  pop: Pop | null;
  /** The call whose outcome is to be written: the one talked in, or the last one. */
  contact: string | null;
  queues: QueueLine[];
  today: Today | null;
  /** What the server's clock is ahead of ours, in ms. */
  ahead_ms: number;
  refusal: { message: string; message_zh: string; number: number } | null;
  /** How the last offer came to nothing, if it did. */
  missed: string | null;
  /** The last calls made, the newest first. */
  dialled: Dialled[];
  supervised: Supervisor[];
  /** Who took the last call away, and which. */
  taken: { by: string; call_id: string } | null;
}

export const EMPTY: Desk = {
  line: "connecting", me: null, agent: null, call: null, pop: null, contact: null, queues: [], today: null,
  ahead_ms: 0, refusal: null, missed: null, dialled: [], supervised: [], taken: null,
};

export type Happening = { type: "frame"; frame: Frame; now: number } | { type: "line"; line: Line };

export function reduce(desk: Desk, happening: Happening): Desk {
  if (happening.type === "line") {
    // A lost line shows what was known: a screen that goes blank in mid-call helps nobody.
    return desk.line === "displaced" && happening.line === "lost" ? desk : { ...desk, line: happening.line };
  }
  const frame = happening.frame;
  switch (frame.type) {
    case "snapshot":
      return {
        ...desk,
        line: "live",
        me: frame.me,
        agent: frame.agent,
        call: frame.call,
        pop: frame.pop ?? (frame.wrap_up && desk.pop?.call_id === frame.wrap_up.contact_id ? desk.pop : null),
        contact: frame.wrap_up?.contact_id ?? (toWrite(frame.call) ? frame.call!.call_id : desk.contact),
        queues: frame.queues,
        today: frame.today ?? null,
        supervised: frame.supervised ?? [],
        ahead_ms: frame.server_time ? Date.parse(frame.server_time) - happening.now : desk.ahead_ms,
      };
    case "agent":
      return { ...desk, agent: frame.agent };
    case "pop":
      return { ...desk, pop: frame.pop, missed: null };
    case "call": {
      if (frame.call === null) return { ...desk, call: null };
      const mine = desk.call === null || desk.call.call_id === frame.call.call_id || frame.call.phase !== "ended";
      if (!mine) return desk;
      return {
        ...desk,
        call: frame.call.phase === "ended" ? null : frame.call,
        contact: toWrite(frame.call) ? frame.call.call_id : desk.contact,
        dialled: frame.call.direction === "outbound" ? noted(desk.dialled, frame.call) : desk.dialled,
      };
    }
    case "offer_ended": {
      if (frame.reason === "answered" || desk.pop?.offer_id !== frame.offer_id) return desk;
      return { ...desk, pop: null, call: desk.call?.call_id === frame.call_id ? null : desk.call, missed: frame.reason };
    }
    case "queues":
      return { ...desk, queues: frame.queues, today: frame.today ?? desk.today };
    case "occupied":
      return { ...desk, line: "occupied" };
    case "displaced":
      return { ...desk, line: "displaced" };
    case "error":
      return {
        ...desk,
        refusal: { message: frame.message, message_zh: frame.message_zh, number: (desk.refusal?.number ?? 0) + 1 },
      };
    case "supervised":
      return { ...desk, supervised: frame.by };
    case "taken_over":
      return { ...desk, taken: { by: frame.by, call_id: frame.call_id } };
    case "signed_out":
    case "ack":
      return desk;
  }
}

/** An attempt that nobody answered has an outcome to write too. */
function toWrite(call: Call | null): boolean {
  return inTalk(call) || call?.phase === "dialling";
}

const KEPT = 5;

function noted(dialled: Dialled[], call: Call): Dialled[] {
  const one = { call_id: call.call_id, number: call.caller_number, reason: call.phase === "ended" ? (call.end_reason ?? "completed") : null };
  return [one, ...dialled.filter((each) => each.call_id !== call.call_id)].slice(0, KEPT);
}

const ENGAGED: CallPhase[] = ["talking", "held", "consulting", "conference", "parked"];

/** The call is mine to write up: I have, or had a moment ago, the caller. */
export function inTalk(call: Call | null): boolean {
  return call !== null && ENGAGED.includes(call.phase);
}

/** Whether somebody should be heard: not on hold, not while a telephone rings, not as the one who was asked and left alone. */
export function hears(call: Call | null): boolean {
  switch (call?.phase) {
    case "talking":
    case "conference":
      return true;
    case "consulting":
      return call.consult?.with_caller === true || call.consult?.answered === true;
    case "consulted":
      return call.consult?.with_caller === false;
    default:
      return false;
  }
}

export type Button = "hold" | "transfer" | "consult" | "swap" | "complete" | "cancel" | "conference" | "hang_up" | "mute";

/** What may be done in each phase; the server judges again. */
export function allowed(call: Call | null): Set<Button> {
  switch (call?.phase) {
    case "talking":
    case "held":
      return new Set(["hold", "transfer", "consult", "hang_up", "mute"]);
    case "consulting":
      if (call.consult?.answered) return new Set(["swap", "complete", "cancel", "conference", "hang_up", "mute"]);
      // A telephone outside may ring for the caller as well.
      return new Set(call.consult?.number ? ["complete", "cancel", "hang_up", "mute"] : ["cancel", "hang_up", "mute"]);
    case "consulted":
    case "conference":
      return new Set(["hang_up", "mute"]);
    case "dialling":
    case "parked":
      return new Set(["hang_up"]);
    default:
      return new Set();
  }
}

/** What has been typed about calls and is not saved yet: never lost by a reload, a crash or a next call. */
export interface Draft { disposition: string; note: string; name: string; caller: string; at: string; openCase?: boolean; caseKind?: string | undefined; caseDepartment?: string | undefined;
  /** The case that the call is about. */
  aboutCase?: number | undefined;
}
export type Drafts = Record<string, Draft>;

/** Seconds as 0:07, 12:34 or 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours ? `${hours}:${two(Math.floor((whole % 3600) / 60))}` : Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** What was typed, as a number that could be outside; null: it is none. An extension is found among the colleagues. */
export function outsideNumber(typed: string): string | null {
  const bare = typed.replace(/[\s().-]/g, "");
  return /^\+?\d{3,18}$/.test(bare) ? bare : null;
}
