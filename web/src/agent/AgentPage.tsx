/** The agent's desk: state on the left, the call and its caller in the middle, the outcome on the right. */
import { Alert, Button, Empty, message, type RefSelectProps, Result, Select, Spin, Statistic, Switch, Tooltip } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { endWords } from "../shared/dial";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { national } from "../shared/number";
import { setUrgent } from "../shared/title";
import { useDial } from "../shared/useDial";
import { type Asking, CallBar } from "./CallBar";
import { Caller } from "./Caller";
import { Dial } from "./Dial";
import { Mine } from "./Mine";
import { allowed, clock, inTalk } from "./model";
import { Outcome, type Disposition } from "./Outcome";
import { ring } from "./ring";
import { TEXT } from "./text";
import { useDesk } from "./useDesk";
import { useDrafts } from "./useDrafts";
import { since, useNow } from "./useNow";
import "./agent.css";

interface BreakReason { code: string; title: string; title_en: string; allowance_minutes: number | null }

const AUTO_ANSWER = "callcenter.auto-answer";

export function AgentPage({ account, language }: { account: string; language: Language }) {
  const text = TEXT[language];
  const [sound, setSound] = useState<HTMLAudioElement | null>(null);
  const { desk, phone, refused, send: sendNow, takeOver, answer, mute, key } = useDesk(sound);
  const now = useNow(desk.ahead_ms);
  const { drafts, keep, drop } = useDrafts(account);
  const [dispositions, setDispositions] = useState<Disposition[]>([]);
  const [reasons, setReasons] = useState<BreakReason[]>([]);
  const [opened, setOpened] = useState<string | null>(null);
  const [autoAnswer, setAutoAnswer] = useState(() => localStorage.getItem(AUTO_ANSWER) === "yes");
  const [toast, holder] = message.useMessage();
  const send = useCallback((frame: Record<string, unknown>) => {
    if (!sendNow(frame)) void toast.warning({ key: "not-done", content: text.notDone });
  }, [sendNow, text, toast]);
  const titled = useCallback((one: { title: string; title_en: string }) => (language === "en" ? one.title_en || one.title : one.title), [language]);

  useEffect(() => {
    let timer: number | undefined;
    const load = () =>
      void Promise.all([ask<Disposition[]>("GET", "/dispositions"), ask<BreakReason[]>("GET", "/break-reasons")]).then(
        ([found, why]) => {
          setDispositions(found);
          setReasons(why);
        },
        () => (timer = window.setTimeout(load, 2000)),
      );
    load();
    return () => window.clearTimeout(timer);
  }, []);
  // Said once, and not again in the other language when that is switched.
  const said = useRef<{ refusal: number; missed: string | null }>({ refusal: 0, missed: null });
  useEffect(() => {
    if (!desk.refusal || desk.refusal.number === said.current.refusal) return;
    said.current.refusal = desk.refusal.number;
    void toast.warning(language === "en" ? desk.refusal.message : desk.refusal.message_zh);
  }, [desk.refusal, language, toast]);
  useEffect(() => {
    if (desk.missed && desk.missed !== said.current.missed) void toast.info(text.offerEnds[desk.missed] ?? desk.missed);
    said.current.missed = desk.missed;
  }, [desk.missed, text, toast]);

  const takenBy = desk.taken ? text.takenOver(desk.taken.by) : "";
  const takenCall = desk.taken?.call_id;
  useEffect(() => {
    if (takenCall) void toast.info(takenBy);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once a call, not again in the other language
  }, [takenCall, toast]);

  const dial = useDial(language, toast);
  const callOut = (number: string, hotline = "") => dial.call({ number, hotline });
  // A call that came to nothing is said once; one that was answered ends as every other.
  const last = desk.dialled[0];
  const lastEnd = last && last.reason !== null && last.reason !== "completed" ? `${last.call_id} ${last.reason}` : "";
  useEffect(() => {
    if (lastEnd) void toast.info(endWords(lastEnd.slice(lastEnd.indexOf(" ") + 1), language));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once a call, not again in the other language
  }, [lastEnd, toast]);

  const ringing = phone.call === "ringing";
  // Who asked for the call has said already that they are there.
  const own = desk.call?.direction === "outbound" && (desk.pop?.purpose === "call" || desk.pop?.purpose === "return_visit");
  useEffect(() => {
    if (!ringing) return;
    if (autoAnswer || own) {
      answer();
      return;
    }
    setUrgent(`☎ ${text.incoming}`);
    const silence = ring();
    return () => {
      silence();
      setUrgent("");
    };
  }, [ringing, autoAnswer, own, answer, text]);

  // A caller's new call puts its own form in front; a finished one can be opened again from the list.
  useEffect(() => setOpened(null), [desk.contact]);
  const contact = opened ?? desk.contact;
  const state = desk.agent?.state ?? "offline";
  const call = desk.call;
  const inCall = call !== null;
  useEffect(() => {
    if (!inCall) return;
    // The browser asks before it closes the page that carries the conversation.
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", hold);
    return () => window.removeEventListener("beforeunload", hold);
  }, [inCall]);
  const left = desk.agent?.state === "wrap_up" && desk.agent.until ? Math.max(0, -since(now, desk.agent.until)) : null;

  const rest = state === "break" && desk.agent?.allowance_until ? -since(now, desk.agent.allowance_until) : null;
  const breakLeft = rest === null ? "" : ` · ${rest > 0 && !desk.agent?.overdue ? text.breakLeft(clock(rest)) : text.breakOver(clock(-rest))}`;
  const overdue = desk.agent?.overdue ?? false;
  useEffect(() => {
    if (!overdue) return;
    void toast.warning(text.breakIsOver, 8);
    setUrgent(`⏱ ${text.breakIsOver}`);
    return () => setUrgent("");
  }, [overdue, text, toast]);

  const can = allowed(call);
  const [asking, setAsking] = useState<Asking>("");
  useEffect(() => setAsking(""), [call?.call_id]);
  const [roster, setRoster] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const breaks = useRef<RefSelectProps>(null);
  const keys = useRef<Record<string, () => void>>({});
  keys.current = {
    r: () => send({ type: "ready" }),
    a: () => ringing && answer(),
    h: () => call && send({ type: "hang_up", call_id: call.call_id }),
    o: () => call && can.has("hold") && send({ type: call.phase === "held" ? "resume" : "hold", call_id: call.call_id }),
    m: () => call && mute(!phone.muted),
    k: () => (inTalk(call) || call?.phase === "consulted") && setAsking(asking === "keypad" ? "" : "keypad"),
    c: () => can.has("consult") && setAsking("consult"),
    s: () => call && can.has("swap") && send({ type: "swap", call_id: call.call_id }),
    t: () => {
      if (call && can.has("complete")) send({ type: "complete", call_id: call.call_id });
      else if (can.has("transfer")) setAsking("transfer");
    },
    x: () => call && can.has("cancel") && send({ type: "cancel", call_id: call.call_id }),
    g: () => call && can.has("conference") && send({ type: "conference", call_id: call.call_id }),
    d: () => setRoster((open) => !open),
    b: () => {
      if (state === "break") return;
      breaks.current?.focus();
      setChoosing(true);
    },
    w: () => state === "wrap_up" && send({ type: "wrap_up_done" }),
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape") setAsking("");
      const act = event.altKey && !event.ctrlKey && !event.metaKey ? keys.current[event.code.replace("Key", "").toLowerCase()] : undefined;
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);

  // What was asked for during the call; the break one came from to dial out goes on unsaid.
  const afterwards = desk.agent?.pending?.startsWith("break:") && desk.agent.pending !== "break:logged_in" ? desk.agent.pending.slice("break:".length) : "";
  const mayDial = call === null && phone.line === "registered" && ["ready", "break", "wrap_up", "not_responding"].includes(state);
  const unsaved = useMemo(() => Object.entries(drafts).filter(([id]) => id !== contact), [drafts, contact]);
  const breakTitle = (code: string | null) => {
    const found = reasons.find((one) => one.code === code);
    return found ? titled(found) : (text.breakCauses[code ?? ""] ?? code ?? "");
  };
  const titleOf = (code: string) => {
    const found = dispositions.find((one) => one.code === code);
    return found ? titled(found) : code;
  };

  if (refused) return <Result status="info" title={text.noDesk} />;
  if (desk.line === "occupied" || desk.line === "displaced") {
    return (
      <Result status="info" title={desk.line === "occupied" ? text.occupied : text.displaced}
        extra={<Button type="primary" onClick={takeOver} data-testid="take-over">{text.takeOver}</Button>} />
    );
  }
  if (desk.me === null) return <Spin tip={text.loading} style={{ margin: 64 }}><div style={{ width: 160, height: 80 }} /></Spin>;

  const phoneText = phone.trouble === "User Denied Media Access" ? text.noMicrophone
    : phone.line === "registered" ? text.phoneReady : phone.line === "refused" ? text.phoneRefused : text.phoneAway;
  return (
    <div className="agent">
      {holder}
      {dial.asking}
      <audio ref={setSound} autoPlay data-testid="remote-audio" />
      <aside className="agent-side">
        <div className={`agent-state agent-state-${state}${overdue ? " agent-state-overdue" : ""}`}>
          <b data-testid="state" data-state={state}>{text.states[state]}</b>
          <span className="agent-number">{clock(since(now, desk.agent?.since))}</span>
          <small>
            {state === "break" ? `${breakTitle(desk.agent?.reason ?? null)}${breakLeft}` : left !== null ? `${text.wrapUpLeft} ${clock(left)}` : " "}
          </small>
        </div>
        <div className="agent-pair">
          {state === "wrap_up" ? (
            <>
              <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.wrapUpHint}>
                <Button type="primary" onClick={() => send({ type: "wrap_up_done" })} data-testid="wrap-up-done">{text.wrapUpDone}</Button>
              </Tooltip>
              <Button onClick={() => send({ type: "wrap_up_extend", seconds: 30 })} data-testid="wrap-up-extend">{text.extend}</Button>
            </>
          ) : (
            <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.readyHint}>
              <Button type="primary" className="agent-wide" disabled={!["offline", "break", "not_responding"].includes(state)}
                onClick={() => send({ type: "ready" })} data-testid="ready">{text.ready}</Button>
            </Tooltip>
          )}
          <Select
            className="agent-wide" placeholder={text.break} aria-label={text.breakHint} title={text.breakHint} value={null} disabled={state === "break"} data-testid="break"
            ref={breaks} open={choosing} onOpenChange={setChoosing}
            options={reasons.map((one) => ({ value: one.code, label: titled(one) }))}
            onChange={(reason: string | null) => reason && send({ type: "break", reason })}
          />
        </div>
        <p className="agent-note">
          {afterwards ? text.pendingBreak(breakTitle(afterwards)) : state === "not_responding" ? text.missedWhy : desk.agent?.by ? text.setBy(desk.agent.by) : desk.agent?.duty === "draining" ? text.draining : desk.agent?.duty === "off_shift" ? text.offShift : ""}
        </p>
        <div className={`agent-phone agent-phone-${phone.line}`} data-testid="phone-line" data-line={phone.line}>
          <i />{phoneText}<span className="grow" />{desk.me.extension}
        </div>
        <label className="agent-phone"><span className="grow">{text.autoAnswer}</span>
          <Switch size="small" checked={autoAnswer} onChange={(on) => {
            localStorage.setItem(AUTO_ANSWER, on ? "yes" : "no");
            setAutoAnswer(on);
          }} />
        </label>
        <Dial recent={desk.dialled} disabled={!mayDial} language={language} text={text} call={callOut} />
        <Mine language={language} now={now} state={state} onBreak={state === "break" ? (desk.agent?.reason ?? null) : null} open={roster} setOpen={setRoster} />
        <h4>{text.queues}</h4>
        {desk.queues.length === 0 && <p className="agent-quiet">{text.noQueues}</p>}
        {desk.queues.length > 0 && (
          <table className="agent-queues">
            <thead><tr><th /><th>{text.waiting}</th><th>{text.longest}</th><th>{text.free}</th></tr></thead>
            <tbody>
              {desk.queues.map((queue) => (
                <tr key={queue.name} className={queue.waiting ? "agent-waiting" : ""}>
                  <td>{titled(queue)}</td>
                  <td>{queue.waiting}</td>
                  <td>{queue.longest_wait_s ? clock(queue.longest_wait_s) : "—"}</td>
                  <td>{queue.agents_ready}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {desk.today && (
          <>
            <h4>{text.today}</h4>
            <div className="agent-today">
              <Statistic title={text.answered} value={desk.today.answered} />
              <Statistic title={text.talk} value={clock(desk.today.talk_s)} />
              <Statistic title={text.missed} value={desk.today.missed} />
            </div>
          </>
        )}
      </aside>
      <main className="agent-main">
        <CallBar state={state} call={call} pop={desk.pop} phone={phone} now={now} me={desk.me.agent_id} queues={desk.queues} supervised={desk.supervised} language={language}
          text={text} answer={answer} send={send} mute={mute} keyPressed={key} asking={asking} setAsking={setAsking} />
        {desk.line === "lost" && <Alert banner type="warning" message={text.lost} data-testid="line-lost" />}
        <div className="agent-work">
          {desk.pop ? <Caller pop={desk.pop} text={text} language={language} titleOf={titleOf} past={call === null && !["reserved", "ringing", "wrap_up"].includes(state)} dial={mayDial ? (number) => void callOut(number) : null} /> : (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={state === "ready" ? text.idleHint : text.notReady} style={{ marginTop: 96 }} />
          )}
        </div>
      </main>
      <section className="agent-form">
        <h4>{text.outcome}</h4>
        {contact ? (
          <Outcome key={contact} contact={contact} pop={desk.pop?.call_id === contact ? desk.pop : null} draft={drafts[contact]}
            dispositions={dispositions} language={language} text={text} keep={keep} drop={drop}
            onSaved={() => opened && setOpened(null)} />
        ) : <p className="agent-quiet">{text.noContact}</p>}
        {unsaved.length > 0 && (
          <>
            <h4>{text.unsaved}</h4>
            <ul className="agent-unsaved">
              {unsaved.map(([id, draft]) => (
                <li key={id}><Button type="link" size="small" onClick={() => setOpened(id)}>{national(draft.caller) || "—"}</Button>
                  <span title={draft.note}>{draft.note}</span></li>
              ))}
            </ul>
          </>
        )}
      </section>
    </div>
  );
}
