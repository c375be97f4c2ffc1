/** The queues, and who waits in them in serving order. */
import { Button, Empty, Tag } from "antd";
import { clock } from "../agent/model";
import { since } from "../agent/useNow";
import { national } from "../shared/number";
import type { Language } from "../shared/session";
import { onRowKeys } from "./keys";
import { percent, type Caller, type Queue, type Supervised, type Today, type Waiting } from "./model";
import type { Text } from "./text";

interface Props {
  queues: Queue[];
  today: Today | null;
  now: number;
  language: Language;
  text: Text;
  chosen: string;
  choose: (queue: string) => void;
  why: (call: Waiting) => void;
  /** Those in no queue. */
  inMenus: readonly Caller[];
  listen: (callId: string) => void;
  /** A pointer or the keyboard is at a button to listen. */
  prepare: () => void;
  me: string;
  /** Whom the supervisor listens to. */
  atCall: string;
}

export function Queues({ queues, today, now, language, text, chosen, choose, why, inMenus, listen, prepare, me, atCall }: Props) {
  const titled = (queue: Queue) => (language === "en" && queue.title_en ? queue.title_en : queue.title);
  const shown = queues.filter((queue) => !queue.drill || queue.waiting > 0);
  const callers = shown.filter((queue) => !chosen || queue.name === chosen);
  const waiting = callers.reduce((sum, queue) => sum + queue.waiting, 0);
  return (
    <section className="desk-queues">
      <h3>{text.queues}</h3>
      <table className="desk-table" onKeyDown={onRowKeys}>
        <thead>
          <tr><th className="grow">{text.queue}</th><th>{text.waiting}</th><th>{text.longestShort}</th><th className="pair">{text.free}</th><th>{text.rate}</th><th title={text.serviceLevel}>{text.level}</th></tr>
        </thead>
        <tbody>
          {shown.map((queue) => {
            const wait = since(now, queue.since);
            const figures = today?.queues[queue.name];
            const pick = () => choose(chosen === queue.name ? "" : queue.name);
            return (
              <tr
                key={queue.name} data-testid={`queue-${queue.name}`} tabIndex={0} aria-selected={chosen === queue.name} className="desk-click"
                onClick={pick} onKeyDown={(event) => event.key === "Enter" && pick()}
              >
                <td className="grow" title={titled(queue)}>{titled(queue)}{queue.drill && <Tag>{text.drill}</Tag>}</td>
                <td className={queue.waiting ? "desk-waits" : "desk-nil"}>{queue.waiting}</td>
                <td className={queue.waiting && wait > queue.service_level_s ? "desk-late" : queue.waiting ? "" : "desk-nil"}>{queue.waiting ? clock(wait) : "—"}</td>
                <td className={queue.on_duty ? "" : "desk-late"}>{queue.ready} / {queue.on_duty}</td>
                <td>{percent(figures?.connect_rate)}</td>
                <td>{percent(figures?.service_level)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h3>{text.callers} <span className="desk-count">{waiting}</span></h3>
      <div className="desk-callers">
        {waiting === 0 ? (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text.noCallers} />
        ) : (
          <table className="desk-table" onKeyDown={onRowKeys}>
            <thead><tr><th className="tiny">{text.place}</th><th className="grow left">{text.number}</th><th>{text.waited}</th><th className="tiny">{text.priority}</th><th className="left wide">{text.whyNow}</th><th className="why" /></tr></thead>
            {callers.filter((queue) => queue.waiting).map((queue) => (
              <tbody key={queue.name}>
                {!chosen && <tr className="desk-group"><td colSpan={6}>{titled(queue)}</td></tr>}
                {queue.calls.map((call) => {
                  const wait = since(now, call.since);
                  const skills = Object.entries(call.needs).map(([skill, least]) => `${skill} ≥ ${least}`).join(" · ");
                  return (
                    <tr
                      key={call.call_id} data-testid="caller" data-call={call.callback ? undefined : call.call_id} tabIndex={0} className={`desk-click${call.call_id === atCall ? " desk-mine" : ""}`} title={text.whyHint}
                      onClick={() => why(call)} onKeyDown={(event) => event.key === "Enter" && why(call)}
                    >
                      <td>{call.place}</td>
                      <td className="grow left desk-number">
                        {national(call.caller_number) || text.withheld}
                        {call.vip && <Tag color="gold">{text.vip}</Tag>}
                        {call.callback && <Tag>{text.callback}</Tag>}
                      </td>
                      <td className={wait > queue.service_level_s ? "desk-late" : ""}>{clock(wait)}</td>
                      <td>{call.priority}</td>
                      <td className="left wide" title={skills}>{call.supervised.some((one) => one.account_id !== me) ? <Listening by={call.supervised} me={me} text={text} /> : call.held_for_name ? text.heldFor(call.held_for_name) : (text.reasons[call.reason] ?? call.reason)}</td>
                      <td>{call.callback ? <a role="button">{text.why}</a> : <Listen call={call.call_id} listen={listen} prepare={prepare} text={text} />}</td>
                    </tr>
                  );
                })}
                {queue.waiting > queue.calls.length && <tr><td colSpan={6} className="desk-nil">{text.more(queue.waiting - queue.calls.length)}</td></tr>}
              </tbody>
            ))}
          </table>
        )}
        {inMenus.length > 0 && (
          <table className="desk-table" onKeyDown={onRowKeys} data-testid="in-menus">
            <thead><tr><th className="tiny" /><th className="grow left">{text.inMenus} <span className="desk-count">{inMenus.length}</span></th><th>{text.time}</th><th className="why" /></tr></thead>
            <tbody>
              {inMenus.map((one) => (
                <tr key={one.call_id} data-testid="in-menu" data-call={one.call_id} tabIndex={0} className={one.call_id === atCall ? "desk-mine" : ""}>
                  <td>{text.inPhase[one.phase]}</td>
                  <td className="grow left desk-number">
                    {national(one.caller_number) || text.withheld}
                    {one.drill && <Tag>{text.drill}</Tag>}
                    <Listening by={one.supervised} me={me} text={text} />
                  </td>
                  <td>{clock(since(now, one.since))}</td>
                  <td><Listen call={one.call_id} listen={listen} prepare={prepare} text={text} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

function Listening({ by, me, text }: { by: readonly Supervised[]; me: string; text: Text }) {
  return by.filter((one) => one.account_id !== me).map((one) => <Tag key={one.account_id} color="geekblue">{text.supervisedBy(one.name, text.modes[one.mode])}</Tag>);
}

function Listen({ call, listen, prepare, text }: { call: string; listen: (callId: string) => void; prepare: () => void; text: Text }) {
  return (
    <Button
      size="small" type="link" className="desk-listen" title={text.listenCallerHint} data-testid="hear-caller" onPointerEnter={prepare} onFocus={prepare}
      onClick={(event) => {
        event.stopPropagation();
        listen(call);
      }}
    >
      {text.listenCaller}
    </Button>
  );
}
