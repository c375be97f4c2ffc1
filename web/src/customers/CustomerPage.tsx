/** One customer: the record, changed where it stands, and all that was with them. */
import { Alert, Button, message, Select, Skeleton, Switch, Tag } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { withOne } from "../cases/model";
import { useLists } from "../cases/useLists";
import { LEADS } from "../contacts/model";
import { DayPicker } from "../shared/Days";
import type { DialWish } from "../shared/dial";
import { ApiError, ask } from "../shared/http";
import type { Language, Me } from "../shared/session";
import { setTitle } from "../shared/title";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { useDial } from "../shared/useDial";
import { useRefetch } from "../shared/useRefetch";
import { LIST, refusalOf, type Change, type CustomerRecord, type Fate, type Refusal } from "./model";
import { Numbers } from "./Numbers";
import { Refused } from "./Refused";
import { Story } from "./Story";
import { TEXT } from "./text";
import { Typed } from "./Typed";

const REFRESH_MS = 10_000;
const DAY = "YYYY-MM-DD";
const SHOWN = 120;
type TextField = "name" | "company" | "notes";

export function CustomerPage({ id, language, me }: { id: string; language: Language; me: Me }) {
  const text = TEXT[language];
  const lists = useLists(language);
  const [found, setFound] = useState<CustomerRecord>();
  const [trouble, setTrouble] = useState<unknown>();
  const [refusal, setRefusal] = useState<{ why: Refusal; said: string; field?: TextField }>();
  const [now, setNow] = useState(() => Date.now());
  const [toast, toasts] = message.useMessage();
  const newest = useRef<CustomerRecord>();
  const show = useCallback((told: CustomerRecord) => {
    // One that was asked for before a change was saved may come after it.
    if (newest.current && newest.current.updated_at > told.updated_at) return;
    newest.current = told;
    setFound(told);
  }, []);
  const load = useCallback(async () => {
    try {
      show(await ask<CustomerRecord>("GET", `/customers/${id}`));
      setTrouble(undefined);
    } catch (error) {
      setTrouble(error);
    }
    setNow(Date.now());
  }, [id, show]);
  useRefetch(load, REFRESH_MS);
  const name = found?.name;
  useEffect(() => {
    if (name) setTitle(name);
  }, [name]);

  const send = async (change: Change, said: string, field?: TextField): Promise<Fate> => {
    try {
      show(await ask<CustomerRecord>("PATCH", `/customers/${id}`, { ...change, updated_at: newest.current?.updated_at }));
      setRefusal(undefined);
      void toast.success(text.saved, 1.5);
      return "kept";
    } catch (error) {
      const why = refusalOf(error, change);
      setRefusal({ why, said, ...(field && { field }) });
      if (why.kind !== "changed") return "refused";
      await load();
      return "changed";
    }
  };
  // One after the other: who leaves a field by pressing a switch changes both, the second on what the first has made.
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const save = (change: Change, said: string, field?: TextField): Promise<Fate> => {
    const mine = line.current.then(() => send(change, said, field));
    line.current = mine;
    return mine;
  };
  const typed = (field: TextField) => async (words: string, was: string | undefined): Promise<Fate> => {
    if (was !== undefined && newest.current && newest.current[field] !== was) { // by a colleague, while they typed
      setRefusal({ why: { kind: "changed" }, said: words, field });
      return "changed";
    }
    return save({ [field]: words }, words, field);
  };
  const dial = useDial(language, toast);
  const caller = (wish: DialWish, props: { type?: "link" | "primary"; disabled?: boolean }, testid: string) =>
    <Button size="small" {...props} onClick={() => void dial.call(wish)} data-testid={testid}>{text.call}</Button>;

  const back = <a href={sessionStorage.getItem(LIST) ?? "/customers"}>← {text.back}</a>;
  if (trouble !== undefined && !found) {
    const gone = trouble instanceof ApiError && [404, 422].includes(trouble.status);
    return (
      <div className="contact">{back}
        <Alert style={{ marginTop: 12 }} type={gone ? "info" : "error"} showIcon message={gone ? text.gone : troubleWords(trouble, language)} action={!gone && <Button onClick={() => void load()}>{text.retry}</Button>} />
      </div>
    );
  }
  if (!found) return <div className="contact"><Skeleton active /></div>;
  const leads = LEADS.has(me.role);
  const owner = found.owner_account_id;
  const owners = lists.people.filter((one) => one.role !== "department").map((one) => ({ value: one.id, label: one.name }));
  const today = site(Date.now()).format(DAY);
  return (
    <div className="contact customer">
      {toasts}
      {dial.asking}
      <header>
        {back}
        <Typed value={found.name} label={text.name} max={120} needed className="customer-name" testid="customer-name" keep={typed("name")} />
        {found.vip && <Tag color="gold">{text.vip}</Tag>}
        {found.no_calls && <Tag color="red">{text.noCalls}</Tag>}
        <span className="grow" />
        <span className="contact-quiet">{text.created} {site(found.created_at).format(DAY)} · {text.updated} {site(found.updated_at).format("YYYY-MM-DD HH:mm")}</span>
        {caller({ customer_id: id }, { type: "primary", disabled: found.phones.length === 0 }, "customer-dial")}
      </header>
      {trouble !== undefined && <Alert type="warning" showIcon message={troubleWords(trouble, language)} style={{ marginBottom: 8 }} />}
      {refusal && (
        <Alert type="warning" showIcon closable style={{ marginBottom: 8 }} data-testid="customer-refused" onClose={() => setRefusal(undefined)}
          message={<><Refused why={refusal.why} language={language} text={text} />{refusal.why.kind === "changed" && <><b>{refusal.said.slice(0, SHOWN)}</b>{refusal.field && text.standsNow(found[refusal.field].slice(0, SHOWN))}</>}</>} />
      )}
      <div className="customer-record">
        <section>
          <h4>{text.numbers}</h4>
          <Numbers phones={found.phones} text={text} keep={(phones) => save({ phones }, text.numbers)} call={(number) => caller({ number }, { type: "link" }, "number-dial")} />
        </section>
        <section>
          <h4>{text.facts}</h4>
          <dl className="case-facts">
            <dt>{text.company}</dt>
            <dd><Typed value={found.company} label={text.company} max={200} testid="customer-company" keep={typed("company")} /></dd>
            <dt>{text.language}</dt>
            <dd><Select size="small" value={found.language} aria-label={text.language} options={["zh-CN", "en"].map((value) => ({ value, label: text.languages[value] }))} onChange={(chosen) => void save({ language: chosen }, text.languages[chosen] ?? chosen)} data-testid="customer-language" /></dd>
            <dt>{text.owner}</dt>
            <dd>
              {leads ? <Select size="small" allowClear showSearch optionFilterProp="label" value={owner} placeholder={text.nobody} options={withOne(owners, owner, "…")} aria-label={text.owner} onChange={(chosen?: string) => void save({ owner_account_id: chosen ?? null }, text.owner)} data-testid="customer-owner" />
                : <span title={text.ownerHint}>{owners.find((one) => one.value === owner)?.label ?? (owner ? "…" : text.nobody)}</span>}
              {!leads && owner === null && <Button size="small" onClick={() => void save({ owner_account_id: me.account_id }, text.owner)} data-testid="customer-take">{text.take}</Button>}
            </dd>
            <dt>{text.since}</dt>
            <dd>
              <DayPicker size="small" value={found.customer_since} placeholder={text.sinceRecord(site(found.created_at).format(DAY))} aria-label={text.since} style={{ width: 200 }}
                max={today} onChange={(day) => void save({ customer_since: day }, day ?? text.since)} data-testid="customer-since" />
            </dd>
            <dt>{text.vip}</dt>
            <dd title={leads ? "" : text.vipHint}><Switch size="small" checked={found.vip} disabled={!leads} aria-label={text.vip} onChange={(vip) => void save({ vip }, text.vip)} data-testid="customer-vip" />{!leads && <small>{text.vipHint}</small>}</dd>
            <dt>{text.noCalls}</dt>
            <dd><Switch size="small" checked={found.no_calls} aria-label={text.noCalls} onChange={(none) => void save({ no_calls: none }, text.noCalls)} data-testid="customer-no-calls" /><small>{text.noCallsHint}</small></dd>
          </dl>
        </section>
        <section>
          <h4>{text.notes}</h4>
          <Typed lines value={found.notes} label={text.notes} max={10_000} hint={text.notesHint} testid="customer-notes" keep={typed("notes")} />
        </section>
      </div>
      <Story id={id} now={now} lists={lists} language={language} text={text} />
    </div>
  );
}
