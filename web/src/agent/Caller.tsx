/** Who calls, how they got here, what was last spoken about: the screen-pop. */
import { Button, Descriptions, Tag } from "antd";
import { site } from "../shared/time";
import { clock, type PathStep, type Pop } from "./model";
import type { Text } from "./text";

const SAYS = new Set(["entered", "key", "timeout", "invalid", "found", "not_found", "open", "closed", "case", "rated", "error"]);

/** One line a step: the keys pressed there and what they led to stand behind its name. */
export function walked(path: PathStep[]): { at: string; label: string; keys: string[] }[] {
  const steps: { at: string; step: string; label: string; keys: string[] }[] = [];
  for (const entry of path) {
    if (!SAYS.has(entry.event)) continue;
    const last = steps.at(-1);
    if (entry.event === "entered") steps.push({ at: entry.at, step: entry.step, label: entry.label || entry.step, keys: [] });
    else if (last && last.step === entry.step) last.keys.push(entry.event === "key" ? entry.detail : entry.detail || entry.event);
  }
  return steps;
}

interface Props {
  pop: Pop;
  text: Text;
  titleOf: (disposition: string) => string;
  /** Null: nothing can be dialled now. */
  dial: ((number: string) => void) | null;
}

export function Caller({ pop, text, titleOf, dial }: Props) {
  const steps = walked(pop.path);
  const customer = pop.customer;
  return (
    <div className="agent-caller">
      <header>
        <b className="agent-name" data-testid="pop-customer">{customer ? customer.name : pop.source === "call" ? text.customerAway : text.unknownCustomer}</b>
        {customer?.vip && <Tag color="gold">{text.vip}</Tag>}
        <span className="agent-number">{pop.caller_number || text.withheld}</span>
        {pop.callback && <Tag color="blue" data-testid="pop-callback">{text.callback(pop.callback.attempt, pop.callback.attempts)}</Tag>}
        {!pop.callback && pop.purpose && <Tag color="blue">{pop.purpose === "return_visit" ? text.returnVisit : text.ownCall}</Tag>}
        {(pop.callback || !pop.purpose) && <span className="agent-quiet">{text.waited(clock(pop.waited_s))}</span>}
        {dial && pop.caller_number && <Button size="small" onClick={() => dial(pop.caller_number)} data-testid="pop-dial">{text.callTo}</Button>}
      </header>
      {pop.source !== undefined && pop.source !== "database" && (
        <p className="agent-stale" role="status" data-testid="pop-stale">{pop.source === "memory" ? text.fromMemory : text.fromCall}</p>
      )}
      <Descriptions size="small" column={2} labelStyle={{ width: 72 }} items={[
        { key: "via", label: pop.purpose ? text.dialShows : text.via, children: pop.purpose && !pop.callback ? pop.hotline : [pop.hotline, pop.queue_title].filter(Boolean).join(" → ") },
        ...(pop.transferred_by ? [{ key: "from", label: pop.consult ? text.asks : text.from, children: pop.transferred_by }] : []),
        ...(pop.callback?.note ? [{ key: "promise", label: text.promised, span: 2, children: <b data-testid="pop-promise">{pop.callback.note}</b> }] : []),
        ...(customer?.company ? [{ key: "company", label: text.company, children: customer.company }] : []),
        ...(customer && customer.phones.length > 1
          ? [{ key: "numbers", label: text.numbers, children: customer.phones.map((phone) => (
            dial ? <Button key={phone.number} type="link" size="small" title={phone.label} onClick={() => dial(phone.number)}>{phone.number}</Button>
              : <span key={phone.number} className="agent-number" title={phone.label}>{phone.number} </span>
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
            <span>{contact.agent_name ?? "—"}</span>
            <span>{contact.disposition ? titleOf(contact.disposition) : "—"}</span>
            <span className="grow" title={contact.note}>{contact.note}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
