/** The call's own buttons: where a hand goes without looking, they never change places. */
import { Button, Popover, Tag, Tooltip } from "antd";
import type { Language } from "../shared/session";
import { Keypad } from "../shared/Keypad";
import { national } from "../shared/number";
import type { PhoneState } from "../shared/sip";
import { allowed, clock, inTalk, type AgentStateName, type Call, type Pop, type QueueLine, type Supervisor } from "./model";
import { Target } from "./Target";
import type { Text } from "./text";
import { since } from "./useNow";

export type Asking = "" | "consult" | "transfer" | "keypad";

const GRAVE: ReadonlySet<PhoneState["fault"]> = new Set<PhoneState["fault"]>(["closed", "deaf"]);

interface Props {
  state: AgentStateName;
  call: Call | null;
  pop: Pop | null;
  phone: PhoneState;
  now: number;
  me: string;
  queues: QueueLine[];
  supervised: Supervisor[];
  language: Language;
  text: Text;
  answer: () => void;
  send: (frame: Record<string, unknown>) => void;
  mute: (muted: boolean) => void;
  keyPressed: (digit: string) => void;
  /** Which of the small windows below the buttons is open. */
  asking: Asking;
  setAsking: (open: Asking) => void;
}

export function CallBar({ state, call, pop, phone, now, me, supervised, language, text, answer, send, mute, keyPressed, asking, setAsking }: Props) {
  const talking = inTalk(call) || call?.phase === "consulted";
  const can = allowed(call);
  const act = (type: "swap" | "complete" | "cancel" | "conference") => call && send({ type, call_id: call.call_id });
  const held = call?.phase === "held";
  const dialling = call?.phase === "dialling";
  const own = pop?.purpose === "call" || pop?.purpose === "return_visit";
  const ringing = !talking && !dialling && (phone.call === "ringing" || call?.phase === "ringing");
  const shown = talking && call ? since(now, call.answered_at ?? call.since) : 0;
  return (
    <div className={`agent-bar ${ringing ? "agent-ringing" : ""}`}>
      <div className="agent-call">
        <b>{dialling ? text.dialling : ringing ? (own ? text.callingMe : pop?.purpose === "callback" ? text.callback(pop.callback?.attempt ?? 1, pop.callback?.attempts ?? 1) : text.incoming) : talking ? (held ? text.states.hold : call && call.phase in text.phases ? text.phases[call.phase as keyof Text["phases"]] : text.states.talking) : state === "ready" ? text.idle : text.states[state]}</b>
        <span className="agent-number">{(talking || ringing || dialling) && national(call?.caller_number ?? pop?.caller_number ?? "")}</span>
        <span className="agent-number" data-testid="call-time">{talking ? clock(shown) : ""}</span>
        {talking && phone.muted && <Tag color="error" data-testid="muted">{text.muted}</Tag>}
        {talking && phone.fault && <Tag color={GRAVE.has(phone.fault) ? "error" : "warning"} className="agent-fault" title={text.faults[phone.fault]} data-testid="sound-fault" data-fault={phone.fault} role="status">{text.faults[phone.fault]}</Tag>}
        {supervised.map((one) => (
          <Tag key={one.name} color={one.mode === "join" ? "red" : one.mode === "whisper" ? "orange" : "blue"} data-testid="supervised" data-mode={one.mode}>{text.supervised[one.mode](one.name)}</Tag>
        ))}
        <span className="agent-quiet" data-testid="call-note" data-phase={call?.phase ?? "none"}>{note(call, text, now)}</span>
      </div>
      <div className="agent-buttons">
        <Tooltip placement="bottom" mouseEnterDelay={0.6} title={phone.call === "ringing" ? text.answerHint : ""}>
          <Button type="primary" className="agent-answer" disabled={phone.call !== "ringing"} onClick={answer} data-testid="answer">
            {text.answer}
          </Button>
        </Tooltip>
        {ringing && pop ? (
          <Button onClick={() => send({ type: "decline", offer_id: pop.offer_id })} data-testid="decline"><Steady word={text.decline} words={[text.hold, text.resume]} /></Button>
        ) : (
          <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.holdHint}>
            <Button disabled={!can.has("hold")} onClick={() => call && send({ type: held ? "resume" : "hold", call_id: call.call_id })} data-testid="hold">
              <Steady word={held ? text.resume : text.hold} words={[text.hold, text.resume, text.decline]} />
            </Button>
          </Tooltip>
        )}
        <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.muteHint}>
          <Button disabled={!can.has("mute")} type={phone.muted ? "primary" : "default"} onClick={() => mute(!phone.muted)} data-testid="mute">
            <Steady word={phone.muted ? text.unmute : text.mute} words={[text.mute, text.unmute]} />
          </Button>
        </Tooltip>
        <Popover trigger="click" open={talking && asking === "keypad"} onOpenChange={(open) => setAsking(open ? "keypad" : "")} destroyOnHidden
          content={<Keypad press={keyPressed} focused />}>
          <Tooltip placement="bottom" mouseEnterDelay={0.6} title={asking === "keypad" ? "" : text.keypadHint}>
            <Button disabled={!talking} data-testid="keypad">{text.keypad}</Button>
          </Tooltip>
        </Popover>
        {call?.phase === "consulting" ? (
          <>
            <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.swapHint}>
              <Button disabled={!can.has("swap")} onClick={() => act("swap")} data-testid="swap">{text.swap}</Button>
            </Tooltip>
            <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.completeHint}>
              <Button type="primary" disabled={!can.has("complete")} onClick={() => act("complete")} data-testid="complete">{text.complete}</Button>
            </Tooltip>
            <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.conferenceHint}>
              <Button disabled={!can.has("conference")} onClick={() => act("conference")} data-testid="conference">{text.conference}</Button>
            </Tooltip>
            <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.cancelHint}>
              <Button onClick={() => act("cancel")} data-testid="cancel-consult">{text.cancelConsult}</Button>
            </Tooltip>
          </>
        ) : (
          <>
            {(["consult", "transfer"] as const).map((kind) => (
              <Target key={kind} kind={kind} call={can.has(kind) ? call : null} open={asking === kind} setOpen={(open) => setAsking(open ? kind : "")}
                me={me} language={language} text={text} send={send} />
            ))}
          </>
        )}
        <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.hangUpHint}>
          <Button danger type="primary" disabled={!can.has("hang_up")} data-testid="hang-up"
            onClick={() => call && send({ type: "hang_up", call_id: call.call_id })}>
            {text.hangUp}
          </Button>
        </Tooltip>
      </div>
    </div>
  );
}

/** A button's word in the room of the longest of those that may stand there: the buttons behind it never move. */
function Steady({ word, words }: { word: string; words: string[] }) {
  return <span className="agent-steady" data-words={words.join("\n")}>{word}</span>;
}

/** Who is with whom, in words. */
function note(call: Call | null, text: Text, now: number): string {
  if (call?.phase === "held") return text.held;
  if (call?.phase === "parked") return text.parked(clock(call.kept_until ? Math.max(0, -since(now, call.kept_until)) : 0));
  const other = call?.consult;
  if (!call || !other) return "";
  const who = national(other.number ?? "") || `${other.name} ${other.extension}`;
  if (call.phase === "conference") return text.confers(who);
  if (call.phase === "consulted") return other.with_caller ? text.askedWaits(who) : text.askedBy(who);
  if (call.phase !== "consulting") return "";
  return !other.answered ? text.ringingOther(who) : other.with_caller ? text.withCaller(who) : text.withOther(who);
}
