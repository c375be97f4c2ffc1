/** Who calls, how they got here, what was last spoken about: the screen-pop. */
import { Button, Descriptions, Tag } from "antd";
import type { State } from "../cases/model";
import { TEXT as CASES } from "../cases/text";
import type { Language } from "../shared/session";
import { national } from "../shared/number";
import { tabOf } from "../shared/Ways";
import { site } from "../shared/time";
import { clock, type AskedCase, type PathStep, type Pop } from "./model";
import type { Text } from "./text";

const SAYS = new Set(["entered", "key", "timeout", "invalid", "found", "not_found", "open", "closed", "case", "rated", "error"]);
const EVENTS: Record<Language, Record<string, string>> = {
  "zh-CN": { timeout: "未按键", invalid: "按键无效", found: "已找到", not_found: "未找到", open: "营业时间", closed: "非营业时间", case: "分支", rated: "评分", error: "出错" },
  en: { timeout: "no key", invalid: "wrong key", found: "found", not_found: "not found", open: "open", closed: "closed", case: "branch", rated: "rated", error: "error" },
};

/** One line a step, named in the reader's language: the keys pressed there and what they led to stand behind its name. */
export function walked(path: PathStep[], language: Language): { at: string; label: string; keys: string[] }[] {
  const steps: { at: string; step: string; label: string; keys: string[] }[] = [];
  for (const entry of path) {
    if (!SAYS.has(entry.event)) continue;
    const last = steps.at(-1);
    if (entry.event === "entered") steps.push({ at: entry.at, step: entry.step, label: (language === "en" && entry.label_en) || entry.label || entry.step, keys: [] });
    else if (last && last.step === entry.step) last.keys.push(entry.event === "key" ? entry.detail : entry.detail || EVENTS[language][entry.event]!);
  }
  return steps;
}

interface Props {
  pop: Pop;
  text: Text;
  language: Language;
  titleOf: (disposition: string) => string;
  /** It is over, and its outcome written: nobody is there now. */
  past: boolean;
  /** Null: nothing can be dialled now. */
  dial: ((number: string) => void) | null;
}

export function Caller({ pop, text, language, titleOf, past, dial }: Props) {
  const steps = walked(pop.path, language);
  const queue = (language === "en" && pop.queue_title_en) || pop.queue_title;
  const customer = pop.customer;
  return (
    <div className="agent-caller">
      <header>
        <b className="agent-name" data-testid="pop-customer">{customer ? <a className="agent-link" href={`/customers/${customer.id}`} target={tabOf("/customers")}>{customer.name}</a> : pop.source === "call" ? text.customerAway : text.unknownCustomer}</b>
        {customer?.vip && <Tag color="gold">{text.vip}</Tag>}
        <span className="agent-number">{national(pop.caller_number) || text.withheld}</span>
        {pop.callback && <Tag color="blue" data-testid="pop-callback">{text.callback(pop.callback.attempt, pop.callback.attempts)}</Tag>}
        {!pop.callback && pop.purpose && <Tag color="blue">{pop.purpose === "return_visit" ? text.returnVisit : text.ownCall}</Tag>}
        {past ? <Tag data-testid="pop-past">{text.lastCall}</Tag> : (pop.callback || !pop.purpose) && <span className="agent-quiet">{text.waited(clock(pop.waited_s))}</span>}
        {dial && pop.caller_number && <Button size="small" onClick={() => dial(pop.caller_number)} data-testid="pop-dial">{text.callTo}</Button>}
      </header>
      {pop.source !== undefined && pop.source !== "database" && (
        <p className="agent-stale" role="status" data-testid="pop-stale">{pop.source === "memory" ? text.fromMemory : text.fromCall}</p>
      )}
      <Descriptions size="small" column={2} labelStyle={{ width: 84 }} items={[
        { key: "via", label: pop.purpose ? text.dialShows : text.via, children: pop.purpose && !pop.callback ? pop.hotline : [pop.hotline, queue].filter(Boolean).join(" → ") },
        ...(pop.given_by ? [{ key: "given", label: text.given, children: pop.given_by }] : []),
        ...(pop.transferred_by ? [{ key: "from", label: pop.consult ? text.asks : text.from, children: pop.transferred_by }] : []),
        ...(pop.callback?.note ? [{ key: "promise", label: text.promised, span: 2, children: <b data-testid="pop-promise">{pop.callback.note}</b> }] : []),
        ...(pop.case ? [{ key: "case", label: text.askedCase, span: 2, children: <Case one={pop.case} language={language} titleOf={titleOf} /> }] : []),
        ...(customer?.company ? [{ key: "company", label: text.company, children: customer.company }] : []),
        ...(customer && customer.phones.length > 1
          ? [{ key: "numbers", label: text.numbers, children: customer.phones.map((phone) => (
            dial ? <Button key={phone.number} type="link" size="small" title={phone.label} onClick={() => dial(phone.number)}>{national(phone.number)}</Button>
              : <span key={phone.number} className="agent-number" title={phone.label}>{national(phone.number)} </span>
          )) }]
          : []),
        ...(customer?.notes ? [{ key: "notes", label: text.notes, span: 2, children: customer.notes }] : []),
      ]} />
      {!pop.purpose && (
        <>
          <h4>{text.path}</h4>
          <ol className="agent-path" data-testid="pop-path">
            {steps.length === 0 && <li>{text.noPath}</li>}
            {steps.map((step, place) => (
              <li key={place}>{step.label}{step.keys.map((key, nth) => <kbd key={nth}>{key}</kbd>)}</li>
            ))}
          </ol>
        </>
      )}
      <h4>{text.last}</h4>
      {pop.last_contacts.length === 0 && <p className="agent-quiet">{text.noLast}</p>}
      <ul className="agent-last" data-testid="pop-last">
        {pop.last_contacts.map((contact) => (
          <li key={contact.id}>
            <a href={`/contacts/${contact.id}`} target="_blank" rel="noreferrer">{site(contact.started_at).format("MM-DD HH:mm")}</a>
            <span>{contact.agent_name ?? text.unanswered}</span>
            <span>{contact.disposition ? titleOf(contact.disposition) : contact.agent_name ? "—" : ""}</span>
            <span className="grow" title={contact.note}>{contact.note}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The case that the caller asked for in the menu: the agent need not ask for its number again. */
function Case({ one, language, titleOf }: { one: AskedCase; language: Language; titleOf: (disposition: string) => string }) {
  const number = <b className="agent-number">{one.number}</b>;
  return (
    <span data-testid="pop-case">
      <a href={`/cases/${one.number}`} target="_blank" rel="noreferrer">{number}</a>
      {one.state && <Tag style={{ marginInlineStart: 8 }}>{CASES[language].states[one.state as State] ?? one.state}</Tag>}
      {one.disposition && <>{titleOf(one.disposition)} </>}
      {one.updated_at && <span className="agent-quiet">{site(one.updated_at).format("MM-DD HH:mm")} </span>}
      {one.note}
    </span>
  );
}
