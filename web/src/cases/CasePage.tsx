/** One case: what it is about, who must act by when, what was done, and the calls about it. */
import { Alert, Button, Input, message, Select, Skeleton, Space, Tag } from "antd";
import { useCallback, useState } from "react";
import { useTitles } from "../contacts/useTitles";
import { LEADS } from "../contacts/model";
import { ApiError, ask } from "../shared/http";
import { national } from "../shared/number";
import type { Language, Me } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { useDial } from "../shared/useDial";
import { useRefetch } from "../shared/useRefetch";
import { Calls } from "./Calls";
import { Due } from "./Due";
import { COLOURS, LIST, SERVICE, withOne, type Entry, type State, type WholeCase } from "./model";
import { TEXT, type Text } from "./text";
import { useLists } from "./useLists";

const REFRESH_MS = 10_000;
type Change = { state?: State; kind?: string; department?: string | null; owner_id?: string; subject?: string };

export function CasePage({ number, language, me }: { number: string; language: Language; me: Me }) {
  const text = TEXT[language];
  const lists = useLists(language);
  const titles = useTitles(language);
  const [found, setFound] = useState<WholeCase>();
  const [trouble, setTrouble] = useState<unknown>();
  const [lost, setLost] = useState("");
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState("");
  const [subject, setSubject] = useState<string>();
  const [now, setNow] = useState(() => Date.now());
  const [toast, toasts] = message.useMessage();
  const dial = useDial(language, toast);
  const load = useCallback(async () => {
    try {
      const told = await ask<WholeCase>("GET", `/cases/${number}`);
      // One that was asked for before a change was saved may come after it.
      setFound((last) => (last && last.updated_at > told.updated_at ? last : told));
      setNow(Date.now());
      setTrouble(undefined);
    } catch (error) {
      setTrouble(error);
    }
  }, [number]);
  useRefetch(load, REFRESH_MS);

  const saying = (change: Change): string => [
    change.state && text.moves[change.state], change.kind && lists.kind(change.kind), change.department && lists.department(change.department),
    change.owner_id && lists.people.find((one) => one.id === change.owner_id)?.name, change.subject,
  ].filter(Boolean).join(" · ");
  const save = async (change: Change) => {
    if (!found) return;
    setBusy(true);
    try {
      setFound(await ask<WholeCase>("PATCH", `/cases/${number}`, { ...change, version: found.version }));
      setNow(Date.now());
      setLost("");
      setSubject(undefined);
      window.dispatchEvent(new Event("cases-changed"));
    } catch (error) {
      if (error instanceof ApiError && error.details["reason"] === "changed_meanwhile") {
        const who = lists.people.find((one) => one.id === error.details["by"])?.name ?? "";
        setLost(`${text.changed(who)}${saying(change)}`);
        void load();
      } else void toast.error(troubleWords(error, language));
    } finally {
      setBusy(false);
    }
  };
  const comment = async () => {
    if (!words.trim() || busy) return;
    setBusy(true);
    try {
      setFound(await ask<WholeCase>("POST", `/cases/${number}/comments`, { text: words.trim() }));
      setWords("");
    } catch (error) {
      void toast.error(troubleWords(error, language));
    } finally {
      setBusy(false);
    }
  };
  const call = () => void dial.call(found?.customer_id ? { customer_id: found.customer_id } : { number: found?.caller_number ?? "" });

  const back = <a href={sessionStorage.getItem(LIST) ?? "/cases"}>← {text.back}</a>;
  const gone = trouble instanceof ApiError && [404, 422].includes(trouble.status);
  if (trouble !== undefined && (!found || gone)) {
    return (
      <div className="contact">{back}
        <Alert style={{ marginTop: 12 }} type={gone ? "info" : "error"} showIcon message={gone ? (found ? text.handed : text.gone) : troubleWords(trouble, language)} action={!gone && <Button onClick={() => void load()}>{text.retry}</Button>} />
      </div>
    );
  }
  if (!found) return <div className="contact"><Skeleton active /></div>;
  const leads = LEADS.has(me.role);
  return (
    <div className="contact case">
      {toasts}
      {dial.asking}
      <header>
        {back}
        <h2 className="agent-number">{found.number}</h2>
        <Tag color={COLOURS[found.state]} data-testid="case-state" data-state={found.state}>{text.states[found.state]}</Tag>
        {found.reopened > 0 && <Tag>{text.reopened(found.reopened)}</Tag>}
        <Due of={found} now={now} language={language} text={text} />
        <span className="grow" />
        <Space>
          {found.moves.map((state) => (
            <Button key={state} size="small" type={state === "resolved" || (state === "working" && found.state === "open") || state === "closed" ? "primary" : "default"} disabled={busy}
              onClick={() => void save({ state })} data-testid={`case-to-${state}`}>{text.moves[state]}</Button>
          ))}
        </Space>
      </header>
      {lost && <Alert type="warning" showIcon message={lost} style={{ marginBottom: 8 }} data-testid="case-lost" action={<Button size="small" onClick={() => setLost("")}>{text.fresh}</Button>} />}
      <Input className="case-subject" variant="filled" maxLength={200} aria-label={text.subject} placeholder={text.subject} value={subject ?? found.subject}
        onChange={(event) => setSubject(event.target.value)} onPressEnter={(event) => event.currentTarget.blur()}
        onBlur={() => subject !== undefined && subject !== found.subject && void save({ subject })} data-testid="case-subject" />
      <div className="case-columns">
        <section>
          <h4>{text.history}</h4>
          <Input.TextArea value={words} maxLength={4000} autoSize={{ minRows: 2, maxRows: 8 }} placeholder={text.comment} aria-label={text.comment} data-testid="case-comment"
            onChange={(event) => setWords(event.target.value)} onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void comment()} />
          <div className="case-add"><Button size="small" type="primary" disabled={!words.trim() || busy} onClick={() => void comment()} data-testid="case-add">{text.commentSave}</Button></div>
          <ol className="case-history" data-testid="case-history">
            {[...found.history].reverse().map((entry) => (
              <li key={entry.id}>
                <time>{site(entry.at).format("MM-DD HH:mm")}</time>
                <b>{entry.by || text.system}</b>
                <span className={entry.what === "comment" ? "case-words" : "contact-quiet"}>{told(entry, text, lists)}</span>
              </li>
            ))}
          </ol>
        </section>
        <section>
          <dl className="case-facts">
            <dt>{text.customer}</dt>
            <dd>
              {found.customer_id && SERVICE.has(me.role) ? <a href={`/customers/${found.customer_id}`} data-testid="case-customer">{found.customer_name}</a> : found.customer_name ?? (found.caller_number ? text.unknown : "—")} <span className="agent-number">{national(found.caller_number)}</span>
              {SERVICE.has(me.role) && (found.customer_id || found.caller_number) && <Button size="small" type="link" onClick={call} data-testid="case-dial">{text.callTo}</Button>}
            </dd>
            <dt>{text.kind}</dt>
            <dd><Select size="small" value={found.kind} options={lists.kindOptions} disabled={busy} aria-label={text.kind} onChange={(kind) => void save({ kind })} data-testid="case-kind" /></dd>
            <dt>{text.department}</dt>
            <dd><Select size="small" allowClear={me.role !== "department"} value={found.department} placeholder={text.noDepartment} options={lists.departmentOptions} disabled={busy} aria-label={text.department} onChange={(code?: string) => void save({ department: code ?? null })} data-testid="case-department" /></dd>
            <dt>{text.owner}</dt>
            <dd>
              {leads ? <Select size="small" showSearch optionFilterProp="label" value={found.owner_id} placeholder={text.nobody} options={withOne(lists.peopleOptions, found.owner_id, found.owner_name)} disabled={busy} aria-label={text.owner} onChange={(owner_id: string) => void save({ owner_id })} data-testid="case-owner" />
                : (found.owner_name ?? <Button size="small" onClick={() => void save({ owner_id: me.account_id })} data-testid="case-take">{text.take}</Button>)}
            </dd>
            <dt>{text.opened}</dt><dd className="agent-number">{site(found.opened_at).format("MM-DD HH:mm")}</dd>
            <dt>{text.reply}</dt><dd className="agent-number">{found.replied_at ? site(found.replied_at).format("MM-DD HH:mm") : text.none_yet} <small>{text.of} {site(found.reply_due_at).format("MM-DD HH:mm")}</small></dd>
            <dt>{text.resolve}</dt><dd className="agent-number">{found.resolved_at ? site(found.resolved_at).format("MM-DD HH:mm") : text.none_yet} <small>{text.of} {site(found.due_at).format("MM-DD HH:mm")}</small></dd>
          </dl>
          <h4>{text.calls}</h4>
          <Calls calls={found.calls} service={SERVICE.has(me.role)} titleOf={titles.disposition} language={language} text={text} />
        </section>
      </div>
    </div>
  );
}

/** One line of the history in words. */
function told(entry: Entry, text: Text, lists: ReturnType<typeof useLists>) {
  const named = (value: string | null) =>
    value === null ? (entry.what === "owner" ? text.nobody : text.noDepartment)
      : entry.what === "state" ? (text.states[value as State] ?? value) : entry.what === "kind" ? lists.kind(value) : entry.what === "department" ? lists.department(value) : value;
  switch (entry.what) {
    case "comment":
      return entry.text;
    case "opened":
      return [text.did["opened"], entry.text].filter(Boolean).join(" · ");
    case "call":
      return text.did["call"];
    case "escalated":
      return text.escalatedTo(entry.detail.level ?? 0, entry.detail.trigger ?? "", entry.detail.people ?? []);
    default:
      return `${text.did[entry.what] ?? entry.what} ${named(entry.before)} → ${named(entry.after)}`;
  }
}
