/** The agents live: one row each, at its place whatever happens. */
import { Button, Dropdown, Empty, Input, Space, Tag } from "antd";
import { useState } from "react";
import { clock } from "../agent/model";
import { since } from "../agent/useNow";
import { national } from "../shared/number";
import { useSlash } from "../shared/useSlash";
import { onRowKeys } from "./keys";
import { MODES } from "./EarBar";
import { counts, GROUPS, groupOf, isAway, standsIn, type Agent, type Group, type Mode } from "./model";
import type { Text } from "./text";

export type Forced = "ready" | "break" | "offline";

interface Props {
  agents: Agent[];
  queue: string;
  now: number;
  text: Text;
  queueTitle: (name: string) => string;
  breakTitle: (code: string) => string;
  /** Agent → when their shift ends, within the hour. */
  leaving: Record<string, string>;
  why: (agent: Agent) => void;
  force: (agent: Agent, state: Forced) => void;
  release: (agent: Agent) => void;
  /** Be at the agent's call. */
  at: (agent: Agent, mode: Mode) => void;
  /** A pointer or the keyboard is at a button to listen. */
  prepare: () => void;
  /** Whose call the supervisor is at. */
  atWhose: string;
  me: string;
}

export function Agents({ agents, queue, now, text, queueTitle, breakTitle, leaving, why, force, release, at, prepare, atWhose, me }: Props) {
  const [group, setGroup] = useState<Group | null>(null);
  const [sought, setSought] = useState("");
  const search = useSlash();
  const ofQueue = agents.filter((agent) => !queue || queue in agent.queues);
  const by = counts(ofQueue);
  const shown = ofQueue.filter(
    (agent) => (!group || standsIn(agent) === group) && (!sought || agent.name.toLowerCase().includes(sought.toLowerCase()) || agent.extension.startsWith(sought)),
  );
  const doing = (agent: Agent): string => {
    if (agent.call_id && groupOf(agent.state) !== "wrap_up") return [national(agent.caller_number), queueTitle(agent.call_queue)].filter(Boolean).join(" · ");
    if (agent.state === "break") return breakTitle(agent.reason);
    return "";
  };
  return (
    <section className="desk-agents">
      <h3>
        {text.agents} <span className="desk-count">{ofQueue.length}</span>
        <Input ref={search} size="small" allowClear placeholder={text.search} aria-label={text.search} value={sought} onChange={(event) => setSought(event.target.value)} />
      </h3>
      <div className="desk-filters" role="group" aria-label={text.state}>
        {[null, ...GROUPS].filter((one) => one !== "away" || by.away > 0 || group === "away").map((one) => (
          <button
            key={one ?? "all"} type="button" aria-pressed={group === one} className={`desk-chip desk-chip-${one ?? "all"}`}
            onClick={() => setGroup(group === one ? null : one)}
          >
            {one ? text.groups[one] : text.all}<b>{one ? by[one] : ofQueue.length}</b>
          </button>
        ))}
      </div>
      <div className="desk-scroll">
        {shown.length === 0 ? (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={agents.length ? text.noMatch : text.noAgents} />
        ) : (
          <table className="desk-table" onKeyDown={onRowKeys}>
            <thead><tr><th className="left ext">{text.ext}</th><th className="left name">{text.agent}</th><th className="left state">{text.state}</th><th>{text.time}</th><th className="grow left">{text.doing}</th><th className="act" /></tr></thead>
            <tbody>
              {shown.map((agent) => (
                <tr
                  key={agent.agent_id} tabIndex={0} data-testid={`agent-${agent.extension}`} data-agent={agent.agent_id} title={text.whyHint}
                  className={`desk-click${agent.agent_id === atWhose ? " desk-mine" : ""}`}
                  onClick={() => why(agent)} onKeyDown={(event) => event.key === "Enter" && event.target === event.currentTarget && why(agent)}
                >
                  <td className="left ext desk-number">{agent.extension}</td>
                  <td className="left name">{agent.name}</td>
                  <td className="left state"><span className={`desk-state desk-state-${isAway(agent) ? "away" : agent.state}`}>{text.states[agent.state]}</span></td>
                  <td className={agent.overdue ? "desk-late" : ""}>{clock(since(now, agent.since))}</td>
                  <td className="grow left" title={doing(agent) || text.whyHint}>
                    {doing(agent)}
                    {/* What must be acted on comes first: on a small screen the end is cut off. */}
                    {!agent.page ? <Tag color="red">{text.pageAway}</Tag> : !agent.phone && <Tag color="red">{text.phoneAway}</Tag>}
                    {agent.overdue && <Tag color="red">{text.overdue}</Tag>}
                    {agent.pending && <Tag>{text.pending(agent.pending === "offline" ? text.states.offline : breakTitle(agent.pending.replace("break:", "")))}</Tag>}
                    {agent.by && <Tag>{text.forcedBy(agent.by)}</Tag>}
                    {agent.duty === "off_shift" && <Tag>{text.offShift}</Tag>}
                    {agent.duty === "draining" ? <Tag color="orange">{text.draining}</Tag> : leaving[agent.agent_id] && <Tag data-testid="leaving">{text.until(leaving[agent.agent_id] ?? "")}</Tag>}
                    {agent.drill && <Tag>{text.drill}</Tag>}
                    {agent.supervised.filter((one) => one.account_id !== me).map((one) => <Tag key={one.account_id} color="geekblue">{text.supervisedBy(one.name, text.modes[one.mode])}</Tag>)}
                  </td>
                  <td className="act" onClick={(event) => event.stopPropagation()}>
                    {agent.state === "not_responding" ? (
                      <Button size="small" type="primary" onClick={() => release(agent)}>{text.release}</Button>
                    ) : agent.audible && agent.agent_id !== me ? (
                      <Space.Compact size="small">
                        <Button size="small" data-testid={`listen-${agent.extension}`} title={text.modeHints.listen} onPointerEnter={prepare} onFocus={prepare} onClick={() => at(agent, "listen")}>{text.modes.listen}</Button>
                        <Dropdown
                          trigger={["click"]}
                          menu={{
                            items: MODES.map((mode) => ({ key: mode, label: text.modes[mode], title: text.modeHints[mode] })),
                            onClick: ({ key, domEvent }) => {
                              domEvent.stopPropagation();
                              at(agent, key as Mode);
                            },
                          }}
                        >
                          <Button size="small" aria-label={`${text.modesOf} ${agent.name}`}>▾</Button>
                        </Dropdown>
                      </Space.Compact>
                    ) : (
                      <Button size="small" type="text" onClick={() => why(agent)}>{text.why}</Button>
                    )}
                    <Dropdown
                      trigger={["click"]}
                      menu={{
                        items: [
                          { key: "ready", label: text.toReady, disabled: agent.state === "ready" },
                          { key: "break", label: text.toBreak, disabled: agent.state === "break" },
                          { key: "offline", label: text.toOffline, danger: true },
                        ],
                        onClick: ({ key, domEvent }) => {
                          domEvent.stopPropagation();
                          force(agent, key as Forced);
                        },
                      }}
                    >
                      <Button size="small" type="text" aria-label={`${text.setState} ${agent.name}`}>{text.setState} ▾</Button>
                    </Dropdown>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}
