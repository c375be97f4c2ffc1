/** The supervisor's own session: at whose call, who hears them, and what can be done about it. */
import { Button, Segmented, Tooltip } from "antd";
import { clock } from "../agent/model";
import { since } from "../agent/useNow";
import { national } from "../shared/number";
import type { Agent, Mode } from "./model";
import { isOver, type Ear } from "./session";
import type { Text } from "./text";

export const MODES: readonly Mode[] = ["listen", "whisper", "join"];

interface Props {
  ear: Ear;
  agents: Agent[];
  me: string;
  now: number;
  text: Text;
  busy: boolean;
  /** The supervisor is ready at a desk of their own, where a call can be taken over. */
  mayTakeOver: boolean;
  at: (agentId: string, mode: Mode) => void;
  stop: () => void;
  takeOver: () => void;
  dismiss: () => void;
}

export function EarBar({ ear, agents, me, now, text, busy, mayTakeOver, at, stop, takeOver, dismiss }: Props) {
  const session = ear.session;
  if (session === null) return null;
  const agent = session.agent_id;
  const who = <b>{agent === null ? `${text.callerOf} ${national(session.caller_number) || text.withheld}` : session.agent_name}</b>;
  if (isOver(session)) {
    // Who has the caller now, or the same agent: one click is enough to go on.
    const next = agents.find((one) => one.call_id === session.call_id && one.audible && one.agent_id !== session.agent_id && one.agent_id !== me);
    const same = agents.find((one) => one.agent_id === session.agent_id && one.audible);
    const reason = ear.trouble || session.reason;
    return (
      <footer className="ear ear-over" data-testid="ear" data-state="ended" data-reason={session.reason} role="status">
        <span className="ear-who">{who}<span>{text.earOver}{text.earEnds[reason] ?? reason}</span></span>
        {next && <Button size="small" type="primary" data-testid="ear-next" onClick={() => at(next.agent_id, "listen")}>{text.listenTo(next.name)}</Button>}
        {same && <Button size="small" type="primary" data-testid="ear-again" onClick={() => at(same.agent_id, "listen")}>{text.again}</Button>}
        <Button size="small" data-testid="ear-dismiss" onClick={dismiss}>{text.dismiss}</Button>
      </footer>
    );
  }
  const settled = session.mode === session.wanted;
  const said = session.mode && settled
    ? agent === null ? text.callerOnly : text.hearing[session.mode]
    : session.veiled ? text.earVeiled : session.state === "waiting" ? text.earWaits : text.earConnects;
  return (
    <footer className={`ear ear-${session.mode ?? "none"}`} data-testid="ear" data-state={session.state} data-mode={session.mode ?? ""} role="status">
      <span className="ear-who">
        {who}
        {agent !== null && <span className="ear-number">{national(session.caller_number)}</span>}
        <span className="ear-number">{session.since ? clock(since(now, session.since)) : ""}</span>
      </span>
      {agent !== null && (
        <Segmented
          size="small" data-testid="ear-modes" value={session.wanted} onChange={(mode) => at(agent, mode)}
          options={MODES.map((mode) => ({ value: mode, label: <Tooltip title={text.modeHints[mode]}><span data-testid={`ear-${mode}`}>{text.modes[mode]}</span></Tooltip> }))}
        />
      )}
      <span className="ear-said">{said}</span>
      {agent !== null && (
        <Tooltip title={mayTakeOver ? text.takeOverHint : text.takeOverNot}>
          <Button size="small" disabled={!mayTakeOver || session.mode === null || busy} data-testid="ear-take-over" onClick={takeOver}>{text.takeOver}</Button>
        </Tooltip>
      )}
      <Tooltip title={text.stopHint}><Button size="small" danger data-testid="ear-stop" onClick={stop}>{text.stop}</Button></Tooltip>
    </footer>
  );
}
