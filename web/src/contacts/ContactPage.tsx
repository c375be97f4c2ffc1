/** One call: who, what happened when, how they got here, what was said, what came of it. */
import { Alert, Button, Descriptions, message, Skeleton, Tag } from "antd";
import { useCallback, useEffect, useState } from "react";
import { walked } from "../agent/Caller";
import { clock } from "../agent/model";
import { COLOURS } from "../cases/model";
import { TEXT as CASES } from "../cases/text";
import { ApiError, ask } from "../shared/http";
import { national } from "../shared/number";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { useDial } from "../shared/useDial";
import type { Language, Role } from "../shared/session";
import { drawn, LEADS, LIST, seconds, type Contact, type Recording } from "./model";
import type { Message } from "../messages/model";
import { TEXT as MESSAGES } from "../messages/text";
import { Player } from "./Player";
import { Routing } from "./Routing";
import { Sounds } from "./Sounds";
import { TEXT } from "./text";
import { useTitles } from "./useTitles";

/** There is no such call: what was asked for is none of ours, or not a call's number at all. */
const absent = (error: unknown): boolean => error instanceof ApiError && [404, 422].includes(error.status);
const LANE_PX = 14;
const UNFINISHED = new Set(["capturing", "sealing"]);

export function ContactPage({ id, language, role }: { id: string; language: Language; role: Role }) {
  const text = TEXT[language];
  const [contact, setContact] = useState<Contact>();
  const [recordings, setRecordings] = useState<Recording[]>();
  const [messages, setMessages] = useState<Message[]>([]);
  const [trouble, setTrouble] = useState<unknown>();
  const [now, setNow] = useState(() => Date.now());
  const titles = useTitles(language);
  const [toast, toasts] = message.useMessage();
  const dial = useDial(language, toast);
  const load = useCallback(async () => {
    try {
      setContact(await ask<Contact>("GET", `/contacts/${id}`));
      setNow(Date.now());
      setTrouble(undefined);
    } catch (error) {
      setTrouble(error);
      return;
    }
    setRecordings(await ask<Recording[]>("GET", `/contacts/${id}/recordings`).catch(() => []));
    setMessages(await ask<Message[]>("GET", `/contacts/${id}/messages`).catch(() => []));
  }, [id]);
  useEffect(() => void load(), [load]);
  const growing = contact?.ended_at === null || recordings?.some((one) => UNFINISHED.has(one.status));
  useEffect(() => {
    if (!growing) return;
    const timer = window.setInterval(() => void load(), 2000);
    return () => window.clearInterval(timer);
  }, [growing, load]);

  if (trouble !== undefined && !contact) {
    return <div className="contact"><a href={sessionStorage.getItem(LIST) ?? "/contacts"}>← {text.back}</a><Alert style={{ marginTop: 12 }} type="error" showIcon message={absent(trouble) ? text.noSuch : troubleWords(trouble, language)} action={<Button onClick={() => void load()}>{text.retry}</Button>} /></div>;
  }
  if (!contact) return <div className="contact"><Skeleton active /></div>;
  const parts = drawn(contact.segments, now);
  const lanes = Math.max(1, ...parts.map((one) => one.lane + 1));
  const steps = walked(contact.menu_trace, language);
  return (
    <div className="contact">
      {toasts}
      {dial.asking}
      <header>
        <a href={sessionStorage.getItem(LIST) ?? "/contacts"}>← {text.back}</a>
        <h2 data-testid="contact-customer">{contact.customer ? <a className="agent-link" href={`/customers/${contact.customer.id}`}>{contact.customer.name}</a> : text.unknown}</h2>
        {contact.customer?.vip && <Tag color="gold">VIP</Tag>}
        <span className="agent-number">{national(contact.caller_number) || text.withheld}</span>
        {contact.caller_number && <Button size="small" onClick={() => void dial.call({ contact_id: id })} data-testid="contact-dial">{text.dial}</Button>}
        {contact.direction === "outbound" && <Tag>{text.outbound}</Tag>}
        <span className="contact-quiet">{site(contact.started_at).format("YYYY-MM-DD HH:mm:ss")}</span>
        {contact.ended_at === null ? <Tag color="processing">{text.under}</Tag> : <Tag>{text.ends[contact.end_reason ?? ""] ?? contact.end_reason}</Tag>}
      </header>
      <Descriptions size="small" column={4} items={[
        { key: "hotline", label: text.hotline, children: contact.hotline },
        { key: "queue", label: text.queue, children: titles.queue(contact.queue) },
        { key: "agent", label: text.agent, children: contact.agent_name ?? "—" },
        { key: "length", label: text.length, children: clock(seconds(contact.started_at, contact.ended_at, now)) },
        { key: "transfers", label: text.transfers, children: contact.transfers },
        { key: "version", label: text.flowVersion, children: <code>{contact.flow}@{contact.flow_version.slice(0, 8)}</code> },
        { key: "id", label: text.id, span: 2, children: <code>{contact.id}</code> },
      ]} />
      <h4>{text.recording}</h4>
      {recordings === undefined ? <Skeleton active title={false} paragraph={{ rows: 2 }} /> : recordings.length === 0 ? <p className="contact-quiet">{text.noRecording}</p>
        : recordings.map((one) => one.status === "sealed" ? <Player key={one.id} recording={one} language={language} />
          : <p key={one.id} className="contact-quiet">{text.statuses[one.status]}{one.error ? `：${one.error}` : ""}</p>)}
      {messages.map((one) => (
        <div key={one.id} data-testid="contact-message">
          <h4>{MESSAGES[language].purposes[one.purpose]} <a href="/messages">{MESSAGES[language].states[one.state]}</a> {one.note && <span className="contact-quiet">{one.note}</span>}</h4>
          <Player of="messages" recording={one} language={language} />
        </div>
      ))}
      <h4>{text.timeline}</h4>
      <div className="contact-line" aria-hidden style={{ height: lanes * LANE_PX }}>
        {parts.map(({ segment, lane, left, width }) => (
          <i key={segment.seq} className={`contact-${segment.kind}`} style={{ left: `${left}%`, width: `${width}%`, top: lane * LANE_PX }}
            title={[text.kinds[segment.kind] ?? segment.kind, segment.agent_name].filter(Boolean).join(" · ")} />
        ))}
      </div>
      <table className="contact-segments" data-testid="segments">
        <tbody>
          {parts.map(({ segment: one }) => (
            <tr key={one.seq}>
              <td><i className={`contact-${one.kind}`} />{text.kinds[one.kind] ?? one.kind}</td>
              <td className="agent-number">{site(one.started_at).format("HH:mm:ss")}</td>
              <td className="agent-number">{clock(seconds(one.started_at, one.ended_at, now))}</td>
              <td>{[one.agent_name, national(one.number ?? "")].filter(Boolean).join(" → ")}</td>
              <td>{titles.queue(one.queue)}</td>
              <td className="contact-quiet">{one.result ? (text.ends[one.result] ?? one.result) : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Sounds sounds={contact.sounds} language={language} />
      {LEADS.has(role) && <Routing id={id} over={contact.ended_at !== null} language={language} text={text} />}
      <div className="contact-two">
        <section>
          <h4>{text.outcomes}</h4>
          {contact.outcomes.length === 0 && <p className="contact-quiet">{text.noOutcome}</p>}
          {contact.outcomes.map((one) => (
            <article key={one.id} data-testid="outcome">
              <b>{titles.disposition(one.disposition)}</b> <span className="contact-quiet">{one.agent_name} · {site(one.updated_at).format("MM-DD HH:mm")}</span>
              <p>{one.note}</p>
            </article>
          ))}
          {contact.cases.map((one) => (
            <p key={one.number} data-testid="case">
              {text.caseNumber} <a className="agent-number" href={`/cases/${one.number}`}>{one.number}</a> {one.subject}{" "}
              <Tag color={COLOURS[one.state]}>{CASES[language].states[one.state]}</Tag>
            </p>
          ))}
          {contact.ratings.map((one) => <p key={one.question}>{text.ratings} {one.question}: <b>{one.score}</b></p>)}
        </section>
        <section>
          <h4>{text.path}</h4>
          {steps.length === 0 && <p className="contact-quiet">{text.noPath}</p>}
          <ol className="agent-path" data-testid="trace">
            {steps.map((step, place) => <li key={place}><time className="contact-quiet agent-number">{site(step.at).format("HH:mm:ss")}</time> {step.label}{step.keys.map((key, nth) => <kbd key={nth}>{key}</kbd>)}</li>)}
          </ol>
        </section>
      </div>
    </div>
  );
}
