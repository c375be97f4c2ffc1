/** The floor at one glance: the wallboard above; queues with their callers, agents and decisions below. */
import { Alert, message, Modal, Spin } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useNow } from "../agent/useNow";
import { ApiError, ask } from "../shared/http";
import { national } from "../shared/number";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { useKnown } from "../shared/useKnown";
import { Agents, type Forced } from "./Agents";
import { Decisions } from "./Decisions";
import { Direct, type Directed } from "./Direct";
import { EarBar } from "./EarBar";
import { Head } from "./Head";
import { type Agent, groupOf, isAway, type Mode, type Waiting } from "./model";
import { Queues } from "./Queues";
import { isOver } from "./session";
import { TEXT } from "./text";
import { useCoverage } from "./useCoverage";
import { useEar } from "./useEar";
import { useFloor } from "./useFloor";
import { Why, type Question } from "./Why";
import "./supervisor.css";

interface Trunk { name: string; title: string; title_en: string }
interface BreakReason { code: string; title: string; title_en: string }

const MODE_KEYS: Record<string, Mode> = { l: "listen", w: "whisper", j: "join" };

export function SupervisorPage({ account, language }: { account: string; language: Language }) {
  const text = TEXT[language];
  const floor = useFloor();
  const now = useNow(floor.ahead_ms);
  const [chosen, choose] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const [reasons] = useKnown<BreakReason[]>("/break-reasons");
  const [lines] = useKnown<{ trunks: Trunk[] }>("/trunks");
  const [toast, toasts] = message.useMessage();
  const [modal, modals] = Modal.useModal();
  const titled = useCallback((one: { title: string; title_en: string }) => (language === "en" && one.title_en ? one.title_en : one.title), [language]);
  const queueTitle = (name: string) => {
    const queue = floor.queues.find((one) => one.name === name);
    return queue ? titled(queue) : name;
  };
  // The browsers' test telephones come by seats of their own.
  const trunkName = (endpoint: string) => {
    if (endpoint.startsWith("phone-")) return text.testPhone;
    const trunk = lines?.trunks.find((one) => `trunk-${one.name}` === endpoint);
    return trunk ? titled(trunk) : endpoint.replace(/^trunk-/, "");
  };
  const breakTitle = (code: string) => {
    const reason = reasons?.find((one) => one.code === code);
    return reason ? titled(reason) : code === "logged_in" ? "" : code === "supervisor" ? text.supervisor : code;
  };
  const set = async (agent: Agent, state: Forced) => {
    try {
      await ask("POST", `/desk/agents/${agent.agent_id}/state`, { state, epoch: agent.epoch });
      void toast.success(text.done(agent.name));
    } catch (error) {
      const why = error instanceof ApiError ? String(error.details["reason"] ?? error.code) : "";
      const said: Record<string, string> = {
        state_changed: text.stateChanged, phone_not_registered: text.phoneNotRegistered, page_away: text.pageNotHere, not_found: text.notLoggedIn,
      };
      void toast.error(said[why] ?? troubleWords(error, language));
    }
  };
  const force = (agent: Agent, state: Forced) => {
    const what = { ready: text.toReady, break: text.toBreak, offline: text.toOffline }[state];
    void modal.confirm({
      title: text.ask(agent.name, what),
      content: groupOf(agent.state) === "talking" ? text.askCall : text.askNow,
      okText: text.ok, cancelText: text.cancel, okButtonProps: { danger: state === "offline" },
      onOk: () => set(agent, state),
    });
  };
  const direct = async (call: Waiting, wish: Directed) => {
    try {
      await ask("POST", `/desk/calls/${call.call_id}/direct`, wish);
      void toast.success(text.directed(national(call.caller_number) || text.withheld));
    } catch (error) {
      const why = error instanceof ApiError ? String(error.details["reason"] ?? "") : "";
      void toast.error(text.directRefused[why] ?? troubleWords(error, language));
    }
  };
  const cover = useCoverage(text, queueTitle);
  const [sound, setSound] = useState<HTMLAudioElement | null>(null);
  const { ear, busy, at, atCaller, prepare, stop, takeOver, dismiss } = useEar(sound);
  const said = (work: Promise<void>) =>
    void work.catch((error: unknown) => {
      const why = error instanceof ApiError ? String(error.details["reason"] ?? error.code) : "";
      void toast.error(text.earRefusals[why] ?? troubleWords(error, language));
    });
  const be = (agentId: string, mode: Mode) => busy || said(at(agentId, mode));
  const beAtCaller = (callId: string) => busy || said(atCaller(callId));
  // Where the microphone was given before, and no other page of this account listens: its telephone would be void.
  const heard = [...floor.agents, ...floor.callers, ...floor.queues.flatMap((queue) => queue.calls)];
  const elsewhere = isOver(ear.session) && heard.some((one) => one.supervised.some((by) => by.account_id === account));
  const soon = useCallback(() => {
    if (elsewhere) return;
    navigator.permissions?.query({ name: "microphone" as PermissionName }).then((found) => found.state === "granted" && prepare(), () => undefined);
  }, [elsewhere, prepare]);
  const own = floor.agents.find((one) => one.agent_id === account);
  const mayTakeOver = own?.state === "ready" && !isAway(own);
  const take = () => {
    if (ear.session?.mode && mayTakeOver && !busy) said(takeOver());
  };
  const mine = isOver(ear.session) ? "" : (ear.session?.agent_id ?? "");
  const keys = useRef<(key: string) => boolean>(() => false);
  keys.current = (key) => {
    const mode = MODE_KEYS[key];
    const row = document.activeElement?.closest<HTMLElement>("tr[data-agent]")?.dataset["agent"];
    const caller = document.activeElement?.closest<HTMLElement>("tr[data-call]")?.dataset["call"];
    const audible = floor.agents.find((one) => one.agent_id === row && one.audible && one.agent_id !== account);
    const whose = audible?.agent_id ?? mine;
    if (mode === "listen" && caller) beAtCaller(caller);
    else if (mode && whose) be(whose, mode);
    else if (key === "s" && !isOver(ear.session)) said(stop());
    else if (key === "t" && mine) take();
    else return false;
    return true;
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      // By the key's place: with Alt some layouts write another letter.
      if (event.altKey && !event.ctrlKey && !event.metaKey && keys.current(event.code.replace("Key", "").toLowerCase())) event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  const close = useCallback(() => setQuestion(null), []);
  const asked = question?.of === "caller" ? question.id : "";
  const queue = floor.queues.find((one) => one.calls.some((call) => call.call_id === asked && !call.callback));
  const waits = queue?.calls.find((call) => call.call_id === asked);
  if (floor.lines === null) return <div className="desk-first">{floor.line === "lost" ? <Alert type="warning" showIcon message={text.lost} /> : <Spin />}</div>;
  return (
    <div className="desk">
      {toasts}
      {modals}
      <audio ref={setSound} autoPlay data-testid="remote-audio" />
      <Head floor={floor} now={now} text={text} trunkName={trunkName} />
      <div className="desk-note" role="status" title={cover.said}>
        {cover.said && <b data-testid="short" className="desk-short">{cover.said}</b>}
        {floor.line === "lost" ? <b>{text.lost}</b> : floor.today && !floor.today.available ? <b>{text.noFigures}</b> : <a href="/reports#definitions" target="_blank" rel="noreferrer" className="desk-defined">{text.definitions}</a>}
      </div>
      <main className={`desk-main${floor.line === "lost" ? " desk-stale" : ""}`}>
        <Queues
          queues={floor.queues} today={floor.today} now={now} language={language} text={text} chosen={chosen} choose={choose}
          inMenus={floor.callers} listen={beAtCaller} prepare={soon} me={account} atCall={isOver(ear.session) || ear.session?.agent_id ? "" : (ear.session?.call_id ?? "")}
          why={(call) => setQuestion({ of: "caller", id: call.call_id, name: national(call.caller_number) || text.withheld })}
        />
        <Agents
          agents={floor.agents} queue={chosen} now={now} text={text} queueTitle={queueTitle} breakTitle={breakTitle} force={force} leaving={cover.leaving}
          why={(agent) => setQuestion({ of: "agent", id: agent.agent_id, name: agent.name })} release={(agent) => void set(agent, "ready")}
          at={(agent, mode) => be(agent.agent_id, mode)} prepare={soon} atWhose={mine} me={account}
        />
        <Decisions
          decisions={floor.decisions} text={text} queueTitle={queueTitle}
          why={(one) => setQuestion({ of: "agent", id: one.agent_id, name: one.agent_name })}
        />
      </main>
      <EarBar ear={ear} agents={floor.agents} me={account} now={now} text={text} busy={busy} mayTakeOver={mayTakeOver} at={be} stop={() => said(stop())} takeOver={take} dismiss={dismiss} />
      <Why question={question} close={close} language={language} text={text}>
        {queue && waits && <Direct key={asked} call={waits} queue={queue} queues={floor.queues} agents={floor.agents} text={text} titled={titled} direct={direct} />}
      </Why>
    </div>
  );
}
