/** Calls, newest first, found by number, queue, outcome and time. */
import { Alert, Button, DatePicker, Input, Select, Space, Table, Tag } from "antd";
import type { Dayjs } from "dayjs";
import { clock } from "../agent/model";
import { ask } from "../shared/http";
import { dayEnd, dayStart, site } from "../shared/time";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { usePages, type Page } from "../shared/usePages";
import { seconds, type ContactLine } from "./model";
import { TEXT } from "./text";
import { useTitles } from "./useTitles";

interface Wanted { number: string; queue: string | null; disposition: string | null; from: Dayjs | null; to: Dayjs | null }

const ALL: Wanted = { number: "", queue: null, disposition: null, from: null, to: null };

/** What the address asks for: other pages lead here with a caller's number. */
const asked = (): Wanted => ({ ...ALL, number: new URLSearchParams(location.search).get("number") ?? "" });

async function page(wanted: Wanted, cursor: string | null): Promise<Page<ContactLine>> {
  const query = new URLSearchParams({ limit: "50" });
  if (wanted.number) query.set("number", wanted.number);
  if (wanted.queue) query.set("queue", wanted.queue);
  if (wanted.disposition) query.set("disposition", wanted.disposition);
  if (wanted.from) query.set("from", dayStart(wanted.from));
  if (wanted.to) query.set("to", dayEnd(wanted.to));
  if (cursor) query.set("cursor", cursor);
  const found = await ask<{ contacts: ContactLine[]; next: string | null }>("GET", `/contacts?${query}`);
  return { rows: found.contacts, next: found.next };
}

export function ListPage({ language }: { language: Language }) {
  const text = TEXT[language];
  const titles = useTitles(language);
  const { rows: lines, wanted, change, search, more, busy, trouble } = usePages(page, asked);
  const now = Date.now();
  return (
    <div className="contact">
      <Space wrap className="contact-filter">
        <Input.Search allowClear style={{ width: 200 }} placeholder={text.number} value={wanted.number} enterButton={text.search}
          onChange={(event) => change({ number: event.target.value.trim() })} onSearch={search} data-testid="filter-number" />
        <DatePicker.RangePicker allowEmpty={[true, true]} value={[wanted.from, wanted.to]} onChange={(range) => change({ from: range?.[0] ?? null, to: range?.[1] ?? null })} />
        <Select allowClear style={{ width: 140 }} placeholder={text.queue} value={wanted.queue} onChange={(queue) => change({ queue: queue ?? null })}
          options={titles.queues.map((one) => ({ value: one.name ?? null, label: titles.queue(one.name ?? null) }))} />
        <Select allowClear style={{ width: 160 }} placeholder={text.outcome} value={wanted.disposition} onChange={(code) => change({ disposition: code ?? null })}
          options={titles.dispositions.map((one) => ({ value: one.code ?? null, label: titles.disposition(one.code ?? "") }))} />
      </Space>
      {trouble !== undefined && <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={search}>{text.retry}</Button>} />}
      <Table<ContactLine>
        size="small" rowKey="id" pagination={false} loading={busy && lines === undefined} dataSource={lines ?? []} locale={{ emptyText: text.none }}
        onRow={(line) => ({ onClick: () => location.assign(`/contacts/${line.id}`), style: { cursor: "pointer" } })}
        columns={[
          { title: text.time, key: "time", width: 150, render: (_, one) => <a href={`/contacts/${one.id}`} className="agent-number">{site(one.started_at).format("MM-DD HH:mm:ss")}</a> },
          { title: text.number, dataIndex: "caller_number", width: 140, className: "agent-number" },
          { title: text.customer, key: "customer", ellipsis: true, render: (_, one) => one.customer_name ?? "—" },
          { title: text.queue, key: "queue", width: 120, render: (_, one) => titles.queue(one.queue) },
          { title: text.agent, key: "agent", width: 110, render: (_, one) => one.agent_name ?? "—" },
          { title: text.length, key: "length", width: 80, align: "right", className: "agent-number", render: (_, one) => clock(seconds(one.started_at, one.ended_at, now)) },
          { title: text.end, key: "end", width: 130, render: (_, one) => one.ended_at === null ? <Tag color="processing">{text.under}</Tag> : one.answered_at ? (text.ends[one.end_reason ?? ""] ?? one.end_reason) : <Tag color="orange">{text.missed}</Tag> },
          { title: text.outcome, key: "outcome", width: 160, render: (_, one) => one.dispositions.map(titles.disposition).join("，") },
        ]}
      />
      {more && <Button block loading={busy} onClick={more} style={{ marginTop: 8 }}>{text.more}</Button>}
    </div>
  );
}
