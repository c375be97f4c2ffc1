/** The call's own buttons: where a hand goes without looking, they never change places. */
import { Button, Popover, Select, Space, Tooltip } from "antd";
import { useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { Keypad } from "../shared/Keypad";
import type { PhoneState } from "../shared/sip";
import { clock, type AgentStateName, type Call, type Pop, type QueueLine } from "./model";
import type { Text } from "./text";
import { since } from "./useNow";

export interface Colleague { agent_id: string; name: string; extension: string; state: string }
interface Queue { name: string; title: string; title_en: string }

interface Props {
  state: AgentStateName;
  call: Call | null;
  pop: Pop | null;
  phone: PhoneState;
  now: number;
  me: string;
  queues: QueueLine[];
  language: Language;
  text: Text;
  answer: () => void;
  send: (frame: Record<string, unknown>) => void;
  mute: (muted: boolean) => void;
  keyPressed: (digit: string) => void;
}

export function CallBar({ state, call, pop, phone, now, me, language, text, answer, send, mute, keyPressed }: Props) {
  const talking = call?.phase === "talking" || call?.phase === "held";
  const held = call?.phase === "held";
  const ringing = !talking && (phone.call === "ringing" || call?.phase === "ringing");
  const shown = talking ? since(now, call.answered_at ?? call.since) : 0;
  return (
    <div className={`agent-bar ${ringing ? "agent-ringing" : ""}`}>
      <div className="agent-call">
        <b>{ringing ? text.incoming : talking ? (held ? text.states.hold : text.states.talking) : state === "ready" ? text.idle : text.states[state]}</b>
        <span className="agent-number">{(talking || ringing) && (call?.caller_number ?? pop?.caller_number ?? "")}</span>
        <span className="agent-number" data-testid="call-time">{talking ? clock(shown) : ""}</span>
        <span className="agent-quiet">{held ? text.held : ""}</span>
      </div>
      <Space>
        <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.answerHint}>
          <Button type="primary" className="agent-answer" disabled={phone.call !== "ringing"} onClick={answer} data-testid="answer">
            {text.answer}
          </Button>
        </Tooltip>
        {ringing && pop ? (
          <Button onClick={() => send({ type: "decline", offer_id: pop.offer_id })} data-testid="decline">{text.decline}</Button>
        ) : (
          <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.holdHint}>
            <Button disabled={!talking} onClick={() => call && send({ type: held ? "resume" : "hold", call_id: call.call_id })} data-testid="hold">
              {held ? text.resume : text.hold}
            </Button>
          </Tooltip>
        )}
        <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.muteHint}>
          <Button disabled={!talking} type={phone.muted ? "primary" : "default"} onClick={() => mute(!phone.muted)} data-testid="mute">
            {phone.muted ? text.unmute : text.mute}
          </Button>
        </Tooltip>
        <Popover trigger="click" content={<Keypad press={keyPressed} />}>
          <Button disabled={!talking} data-testid="keypad">{text.keypad}</Button>
        </Popover>
        <Transfer call={talking ? call : null} me={me} language={language} text={text} send={send} />
        <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.hangUpHint}>
          <Button danger type="primary" disabled={!talking} data-testid="hang-up"
            onClick={() => call && send({ type: "hang_up", call_id: call.call_id })}>
            {text.hangUp}
          </Button>
        </Tooltip>
      </Space>
    </div>
  );
}

function Transfer({ call, me, language, text, send }: {
  call: Call | null; me: string; language: Language; text: Text; send: (frame: Record<string, unknown>) => void;
}) {
  const [open, setOpen] = useState(false);
  const [queues, setQueues] = useState<Queue[]>([]);
  const [colleagues, setColleagues] = useState<Colleague[]>([]);
  const [to, setTo] = useState<string>();
  const show = (wanted: boolean) => {
    setOpen(wanted);
    if (!wanted) return;
    setTo(undefined);
    void ask<Queue[]>("GET", "/queues").then(setQueues, () => setQueues([]));
    void ask<Colleague[]>("GET", "/agents").then(
      (found) => setColleagues(found.filter((one) => one.agent_id !== me && one.state !== "offline")),
      () => setColleagues([]),
    );
  };
  const go = () => {
    if (!call || !to) return;
    const [kind, name] = [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
    send({ type: "transfer", call_id: call.call_id, to: kind === "queue" ? { queue: name } : { agent: name } });
    setOpen(false);
  };
  const titled = (queue: Queue) => (language === "en" ? queue.title_en || queue.title : queue.title);
  return (
    <Popover
      trigger="click" open={open && call !== null} onOpenChange={show}
      content={
        <Space>
          <Select
            style={{ width: 220 }} showSearch optionFilterProp="label" value={to ?? null} onChange={(value) => setTo(value ?? undefined)}
            data-testid="transfer-to"
            options={[
              { label: text.toQueue, options: queues.map((queue) => ({ value: `queue:${queue.name}`, label: titled(queue) })) },
              { label: text.toAgent, options: colleagues.map((one) => ({
                value: `agent:${one.agent_id}`,
                label: `${one.name} ${one.extension} · ${text.states[one.state as keyof Text["states"]] ?? one.state}`,
                disabled: one.state !== "ready",
              })) },
            ]}
          />
          <Button type="primary" disabled={!to} onClick={go} data-testid="transfer-go">{text.doTransfer}</Button>
        </Space>
      }
    >
      <Button disabled={call === null} data-testid="transfer">{text.transfer}</Button>
    </Popover>
  );
}
