/** Calls, newest first, found by number, queue, outcome and time. */
import { Alert, Button, Input, Select, Space, Table, Tag } from "antd";
import dayjs from "dayjs";
import { clock } from "../agent/model";
import { DaysPicker } from "../shared/Days";
import { ask } from "../shared/http";
import { national } from "../shared/number";
import { dayEnd, dayStart, moment, site } from "../shared/time";
import type { Language, Role } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { useKnown } from "../shared/useKnown";
import { usePages, type Page } from "../shared/usePages";
import { LEADS, LIST, seconds, type ContactLine } from "./model";
import { TEXT } from "./text";
import { useTitles } from "./useTitles";

const KINDS = ["answered", "missed", "outbound"] as const;

interface Wanted {
  number: string; queue: string | null; hotline: string | null; trunk: string | null; agent: string | null; disposition: string | null; kind: (typeof KINDS)[number] | null; from: string | null; to: string | null;
}
interface Person { id: string; name: string; extension: string | null }
interface Named { number?: string; name: string; title: string; title_en: string }

/** What the address asks for: other pages lead here with a caller's number, and who comes back finds what they looked for. */
function asked(): Wanted {
  const given = new URLSearchParams(location.search);
  const day = (name: string) => (dayjs(given.get(name) ?? "").isValid() ? given.get(name) : null);
  return {
    number: given.get("number") ?? "", queue: given.get("queue"), hotline: given.get("hotline"), trunk: given.get("trunk"), agent: given.get("agent"), disposition: given.get("disposition"),
    kind: KINDS.find((one) => one === given.get("kind")) ?? null, from: day("from"), to: day("to"),
  };
}

function remember(wanted: Wanted): void {
  const query = new URLSearchParams(Object.entries(wanted).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  history.replaceState(null, "", query.size ? `/contacts?${query}` : "/contacts");
  sessionStorage.setItem(LIST, location.pathname + location.search);
}

async function page(wanted: Wanted, cursor: string | null): Promise<Page<ContactLine>> {
  if (!cursor) remember(wanted);
  const query = new URLSearchParams({ limit: "50" });
  if (wanted.number) query.set("number", wanted.number);
  for (const name of ["queue", "hotline", "trunk", "agent", "disposition", "kind"] as const) if (wanted[name]) query.set(name, wanted[name]);
  if (wanted.from) query.set("from", dayStart(wanted.from));
  if (wanted.to) query.set("to", dayEnd(wanted.to));
  if (cursor) query.set("cursor", cursor);
  const found = await ask<{ contacts: ContactLine[]; next: string | null }>("GET", `/contacts?${query}`);
  return { rows: found.contacts, next: found.next };
}

const NONE: readonly never[] = [];

export function ListPage({ language, role }: { language: Language; role: Role }) {
  const text = TEXT[language];
  const titles = useTitles(language);
  const { rows, wanted, change, search, more, busy, trouble } = usePages(page, asked);
  const all = LEADS.has(role);
  const byTrunk = wanted.trunk !== null;
  const titled = (one: Named) => (language === "en" && one.title_en ? one.title_en : one.title);
  const [hotlines = NONE] = useKnown<readonly Named[]>("/hotlines");
  const [lines] = useKnown<{ trunks: Named[] }>(all && byTrunk ? "/trunks" : null);
  const [accounts = NONE] = useKnown<readonly Person[]>(all ? "/accounts" : null);
  const people = accounts.filter((one) => one.extension !== null);
  const trunkName = (endpoint: string) => {
    const known = lines?.trunks.find((one) => `trunk-${one.name}` === endpoint);
    return endpoint === "phone" ? text.testPhone : known ? titled(known) : endpoint;
  };
  const now = Date.now();
  const today = site(now);
  return (
    <div className="contact">
      <Space wrap className="contact-filter">
        <Input.Search allowClear style={{ width: 200 }} placeholder={text.number} aria-label={text.number} value={wanted.number} enterButton={text.search}
          onChange={(event) => change({ number: event.target.value.trim() })} onSearch={search} data-testid="filter-number" />
        <DaysPicker allowEmpty={[true, true]} aria-label={text.time} from={wanted.from} to={wanted.to} style={{ width: 240 }}
          presets={[
            { label: text.today, value: [today, today] }, { label: text.yesterday, value: [today.subtract(1, "day"), today.subtract(1, "day")] },
            { label: text.week, value: [today.subtract(6, "day"), today] },
          ]}
          onChange={(from, to) => change({ from, to })} />
        <Select allowClear style={{ width: 130 }} placeholder={text.kind} aria-label={text.kind} value={wanted.kind} onChange={(kind) => change({ kind: kind ?? null })}
          options={KINDS.map((value) => ({ value, label: text.callKinds[value] }))} data-testid="filter-kind" />
        {all && (
          <Select allowClear showSearch optionFilterProp="label" style={{ width: 140 }} placeholder={text.agent} aria-label={text.agent} value={wanted.agent} onChange={(agent) => change({ agent: agent ?? null })}
            options={people.map((one) => ({ value: one.id, label: `${one.name} ${one.extension}` }))} />
        )}
        <Select allowClear style={{ width: 140 }} placeholder={text.queue} aria-label={text.queue} value={wanted.queue} onChange={(queue) => change({ queue: queue ?? null })}
          options={titles.queues.map((one) => ({ value: one.name ?? null, label: titles.queue(one.name ?? null) }))} />
        <Select allowClear style={{ width: 160 }} placeholder={text.hotline} aria-label={text.hotline} value={wanted.hotline} onChange={(hotline) => change({ hotline: hotline ?? null })}
          options={hotlines.map((one) => ({ value: one.number ?? "", label: titled(one) }))} data-testid="filter-hotline" />
        <Select allowClear style={{ width: 160 }} placeholder={text.outcome} aria-label={text.outcome} value={wanted.disposition} onChange={(code) => change({ disposition: code ?? null })}
          options={titles.dispositions.map((one) => ({ value: one.code ?? null, label: titles.disposition(one.code ?? "") }))} />
        {wanted.trunk !== null && <Tag closable onClose={() => change({ trunk: null })} data-testid="filter-trunk">{text.trunk} {trunkName(wanted.trunk)}</Tag>}
      </Space>
      {trouble !== undefined && <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={search}>{text.retry}</Button>} />}
      <Table<ContactLine>
        size="small" rowKey="id" pagination={false} loading={busy && rows === undefined} dataSource={rows ?? []} locale={{ emptyText: rows === undefined ? " " : text.none }}
        onRow={(line) => ({ onClick: () => location.assign(`/contacts/${line.id}`), style: { cursor: "pointer" } })}
        columns={[
          { title: text.time, key: "time", width: 160, render: (_, one) => <a href={`/contacts/${one.id}`} className="agent-number">{moment(one.started_at)}</a> },
          { title: text.number, key: "number", width: 205, className: "agent-number", render: (_, one) => <>{national(one.caller_number) || text.withheld}{one.direction === "outbound" && <Tag className="contact-out">{text.outbound}</Tag>}</> },
          { title: text.customer, key: "customer", ellipsis: true, render: (_, one) => one.customer_name ?? "—" },
          { title: text.queue, key: "queue", width: 140, ellipsis: true, render: (_, one) => titles.queue(one.queue) || "—" },
          { title: text.agent, key: "agent", width: 120, ellipsis: true, render: (_, one) => one.agent_name ?? "—" },
          { title: text.length, key: "length", width: 80, align: "right", className: "agent-number", render: (_, one) => clock(seconds(one.started_at, one.ended_at, now)) },
          { title: text.end, key: "end", width: 160, ellipsis: true, render: (_, one) => one.ended_at === null ? <Tag color="processing">{text.under}</Tag> : one.answered_at ? (text.ends[one.end_reason ?? ""] ?? one.end_reason) : <Tag color="orange" title={text.ends[one.end_reason ?? ""] ?? ""}>{text.missed}</Tag> },
          { title: text.outcome, key: "outcome", width: 180, ellipsis: true, render: (_, one) => one.dispositions.map(titles.disposition).join(text.comma) },
        ]}
      />
      {more && <Button block loading={busy} onClick={more} style={{ marginTop: 8 }}>{text.more}</Button>}
    </div>
  );
}
