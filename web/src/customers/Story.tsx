/** All that was with a customer: calls, cases, return visits. */
import { Alert, Button, Skeleton, Tag } from "antd";
import { useCallback, useEffect, useRef, type ReactNode } from "react";
import { clock } from "../agent/model";
import { Due } from "../cases/Due";
import { COLOURS, type CaseLine } from "../cases/model";
import { TEXT as CASES } from "../cases/text";
import type { useLists } from "../cases/useLists";
import { seconds, type ContactLine } from "../contacts/model";
import { useTitles } from "../contacts/useTitles";
import { ask } from "../shared/http";
import { national } from "../shared/number";
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { usePages, type Pages } from "../shared/usePages";
import { TEXT as VISITS } from "../visits/text";
import { openFirst, type Visit } from "./model";
import type { Text } from "./text";

const NOTHING = () => ({});
const thisYear = (at: string) => site(at).year() === site(Date.now()).year();
const when = (at: string) => site(at).format(thisYear(at) ? "MM-DD HH:mm" : "YYYY-MM-DD");

interface Props { id: string; now: number; lists: ReturnType<typeof useLists>; language: Language; text: Text }

export function Story({ id, now, lists, language, text }: Props) {
  const titles = useTitles(language);
  const contacts = usePages(useCallback(async (_: object, cursor: string | null) => {
    const found = await ask<{ contacts: ContactLine[]; next: string | null }>("GET", `/contacts?customer=${id}&limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    return { rows: found.contacts, next: found.next };
  }, [id]), NOTHING);
  const cases = usePages(useCallback(async (_: object, cursor: string | null) => {
    const found = await ask<{ cases: CaseLine[]; next: string | null }>("GET", `/cases?view=all&customer=${id}&limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    return { rows: found.cases, next: found.next };
  }, [id]), NOTHING);
  const visits = usePages(useCallback(async () => ({ rows: await ask<Visit[]>("GET", `/visits?view=all&customer=${id}&limit=50`), next: null }), [id]), NOTHING);
  // Asked for again as often as the record is, which ``now`` tells.
  const asked = useRef(now);
  useEffect(() => {
    if (asked.current === now) return;
    asked.current = now;
    for (const part of [contacts, cases, visits]) part.refresh();
  });

  const words = CASES[language];
  return (
    <div className="customer-story">
      <section>
        <Part of={contacts} title={text.contacts} none={text.noContacts} language={language} text={text} testid="customer-contacts">
          {(one) => (
            <tr key={one.id}>
              <td><a className="agent-number" href={`/contacts/${one.id}`}>{when(one.started_at)}</a></td>
              <td>{one.direction === "outbound" ? text.outbound : text.inbound}</td>
              <td className="agent-number">{national(one.caller_number)}</td>
              <td>{titles.queue(one.queue)}</td>
              <td className="customer-agent" title={one.agent_name ?? ""}>{one.agent_name ?? ""}</td>
              <td className="agent-number customer-right">{clock(seconds(one.started_at, one.ended_at, now))}</td>
              <td className="customer-wide" title={one.dispositions.map(titles.disposition).join(text.comma)}>{one.ended_at === null ? <Tag color="processing">{text.under}</Tag> : one.answered_at ? one.dispositions.map(titles.disposition).join(text.comma) : <Tag color="orange">{text.missed}</Tag>}</td>
            </tr>
          )}
        </Part>
      </section>
      <section>
        <Part of={{ ...cases, rows: cases.rows && openFirst(cases.rows) }} title={text.cases} none={text.noCases} language={language} text={text} testid="customer-cases">
          {(one) => (
            <tr key={one.number}>
              <td><a className="agent-number" href={`/cases/${one.number}`}>{one.number}</a></td>
              <td className="customer-wide" title={one.subject}>{one.subject || lists.kind(one.kind)}</td>
              <td><Tag color={COLOURS[one.state]}>{words.states[one.state]}</Tag></td>
              <td>{one.owner_name ?? <span className="case-soon">{words.nobody}</span>}</td>
              <td><Due of={one} now={now} language={language} text={words} /></td>
            </tr>
          )}
        </Part>
        <Part of={visits} title={text.visits} none={text.noVisits} language={language} text={text} testid="customer-visits">
          {(one) => (
            <tr key={one.id}>
              <td className="agent-number">{one.contact_id ? <a href={`/contacts/${one.contact_id}`}>{one.due_on}</a> : one.due_on}</td>
              <td><Tag color={one.state === "done" ? "green" : one.state === "missed" ? "red" : "default"}>{VISITS[language].states[one.state] ?? one.state}</Tag></td>
              <td>{one.closed_by_name ?? ""}</td>
              <td className="customer-wide" title={one.note}>{one.note}</td>
            </tr>
          )}
        </Part>
      </section>
    </div>
  );
}

interface PartProps<Row> {
  of: Pages<Row, object>; title: string; none: string; language: Language; text: Text; testid: string;
  children: (row: Row) => ReactNode;
}

function Part<Row>({ of, title, none, language, text, testid, children }: PartProps<Row>) {
  return (
    <>
      <h4>{title}</h4>
      {of.trouble !== undefined && <Alert type="error" showIcon message={troubleWords(of.trouble, language)} action={<Button size="small" onClick={of.search}>{text.retry}</Button>} />}
      {!of.rows ? of.trouble === undefined && <Skeleton active title={false} paragraph={{ rows: 2 }} />
        : of.rows.length === 0 ? <p className="contact-quiet" data-testid={testid}>{none}</p>
          : <table className="customer-rows" data-testid={testid}><tbody>{of.rows.map(children)}</tbody></table>}
      {of.more && <Button size="small" loading={of.busy} onClick={of.more} style={{ marginTop: 8 }}>{text.more}</Button>}
    </>
  );
}
