/** The floor at one glance: the wallboard above; queues with their callers, agents and decisions below. */
import { Alert, message, Modal, Spin } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useNow } from "../agent/useNow";
import { ApiError, ask } from "../shared/http";
import { national } from "../shared/number";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { Agents, type Forced } from "./Agents";
import { Decisions } from "./Decisions";
import { Head } from "./Head";
import { type Agent, groupOf } from "./model";
import { Queues } from "./Queues";
import { TEXT } from "./text";
import { useCoverage } from "./useCoverage";
import { useFloor } from "./useFloor";
import { Why, type Question } from "./Why";
import "./supervisor.css";

interface Trunk { name: string; title: string; title_en: string }
interface BreakReason { code: string; title: string; title_en: string }

export function SupervisorPage({ language }: { language: Language }) {
  const text = TEXT[language];
  const floor = useFloor();
  const now = useNow(floor.ahead_ms);
  const [chosen, choose] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const [reasons, setReasons] = useState<BreakReason[]>([]);
  const [trunks, setTrunks] = useState<Trunk[]>([]);
  const [toast, toasts] = message.useMessage();
  const [modal, modals] = Modal.useModal();
  useEffect(() => {
    ask<BreakReason[]>("GET", "/break-reasons").then(setReasons, () => undefined);
    ask<{ trunks: Trunk[] }>("GET", "/trunks").then((found) => setTrunks(found.trunks), () => undefined);
  }, []);
  const titled = useCallback((one: { title: string; title_en: string }) => (language === "en" && one.title_en ? one.title_en : one.title), [language]);
  const queueTitle = (name: string) => {
    const queue = floor.queues.find((one) => one.name === name);
    return queue ? titled(queue) : name;
  };
  // The browsers' test telephones come by seats of their own.
  const trunkName = (endpoint: string) => {
    if (endpoint.startsWith("phone-")) return text.testPhone;
    const trunk = trunks.find((one) => `trunk-${one.name}` === endpoint);
    return trunk ? titled(trunk) : endpoint.replace(/^trunk-/, "");
  };
  const breakTitle = (code: string) => {
    const reason = reasons.find((one) => one.code === code);
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
  const cover = useCoverage(text, queueTitle);
  const close = useCallback(() => setQuestion(null), []);
  if (floor.lines === null) return <div className="desk-first">{floor.line === "lost" ? <Alert type="warning" showIcon message={text.lost} /> : <Spin />}</div>;
  return (
    <div className="desk">
      {toasts}
      {modals}
      <Head floor={floor} now={now} text={text} trunkName={trunkName} />
      <div className="desk-note" role="status">
        {cover.said && <b data-testid="short" className="desk-short">{cover.said}</b>}
        {floor.line === "lost" ? <b>{text.lost}</b> : floor.today && !floor.today.available ? <b>{text.noFigures}</b> : <span>{text.definitions}</span>}
      </div>
      <main className={`desk-main${floor.line === "lost" ? " desk-stale" : ""}`}>
        <Queues
          queues={floor.queues} today={floor.today} now={now} language={language} text={text} chosen={chosen} choose={choose}
          why={(call) => setQuestion({ of: "caller", id: call.call_id, name: national(call.caller_number) || text.withheld })}
        />
        <Agents
          agents={floor.agents} queue={chosen} now={now} text={text} queueTitle={queueTitle} breakTitle={breakTitle} force={force} leaving={cover.leaving}
          why={(agent) => setQuestion({ of: "agent", id: agent.agent_id, name: agent.name })} release={(agent) => void set(agent, "ready")}
        />
        <Decisions
          decisions={floor.decisions} text={text} queueTitle={queueTitle}
          why={(one) => setQuestion({ of: "agent", id: one.agent_id, name: one.agent_name })}
        />
      </main>
      <Why question={question} close={close} language={language} text={text} />
    </div>
  );
}
