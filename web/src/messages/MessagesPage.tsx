/** What callers said to nobody: listen, call back, write what came of it. */
import { Alert, Button, Input, Segmented, Select, Space, Table, Tag } from "antd";
import { useEffect, useState } from "react";
import { clock } from "../agent/model";
import { useTitles } from "../contacts/useTitles";
import { ask } from "../shared/http";
import { national } from "../shared/number";
import { moment } from "../shared/time";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { usePages, type Page } from "../shared/usePages";
import { inOrder, OPEN, query, type Message, type Wanted } from "./model";
import { Opened } from "./Opened";
import { TEXT } from "./text";

const COLOURS = { new: "orange", heard: "blue", done: "default" } as const;
const REFRESH_MS = 10_000;

async function page(wanted: Wanted, cursor: string | null): Promise<Page<Message>> {
  const found = await ask<{ messages: Message[]; next: string | null }>("GET", `/messages?${query(wanted, cursor)}`);
  return { rows: cursor ? found.messages : inOrder(found.messages), next: found.next };
}

export function MessagesPage({ language }: { language: Language }) {
  const text = TEXT[language];
  const titles = useTitles(language);
  const [open, setOpen] = useState<string>();
  const { rows: messages, setRows, wanted, change, search, more, refresh, busy, trouble } = usePages(page, () => OPEN);
  useEffect(() => {
    // Nothing moves under a hand that is writing: while a message is open, the list stays as it is.
    const timer = window.setInterval(() => !open && refresh(), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [refresh, open]);
  const filter = (part: Partial<Wanted>) => {
    setOpen(undefined);
    change(part);
  };
  const changed = (message: Message) => setRows((last) => last?.map((one) => (one.id === message.id ? message : one)));
  return (
    <div className="contact">
      <Space wrap className="contact-filter">
        <Segmented value={wanted.state} onChange={(state) => filter({ state })} data-testid="filter-state"
          options={(["open", "new", "done", "all"] as const).map((one) => ({ value: one, label: text.states[one] }))} />
        <Select style={{ width: 150 }} allowClear placeholder={text.purpose} aria-label={text.purpose} value={wanted.purpose} onChange={(purpose) => filter({ purpose: purpose ?? null })}
          options={(["voicemail", "comment"] as const).map((one) => ({ value: one, label: text.purposes[one] }))} />
        <Select style={{ width: 150 }} allowClear placeholder={text.anyQueue} aria-label={text.anyQueue} value={wanted.queue} onChange={(queue) => filter({ queue: queue ?? null })}
          options={titles.queues.map((one) => ({ value: one.name ?? null, label: titles.queue(one.name ?? null) }))} />
        <Input.Search allowClear style={{ width: 200 }} placeholder={text.number} aria-label={text.number} value={wanted.number} enterButton={text.search}
          onChange={(event) => filter({ number: event.target.value.trim() })} onSearch={search} />
      </Space>
      {trouble !== undefined && <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={search}>{text.retry}</Button>} />}
      <Table<Message>
        size="small" rowKey="id" pagination={false} loading={busy && messages === undefined} dataSource={messages ?? []}
        locale={{ emptyText: messages === undefined ? " " : wanted.state === "open" ? text.none : text.noneFound }}
        onRow={() => ({ style: { cursor: "pointer" } })}
        rowClassName={(one) => (one.state === "new" ? "message-new" : "")}
        expandable={{
          expandRowByClick: true, expandedRowKeys: open ? [open] : [], onExpand: (wide, one) => setOpen(wide ? one.id : undefined),
          expandedRowRender: (one) => <Opened message={one} text={text} language={language} onChanged={changed} />,
        }}
        columns={[
          { title: text.time, key: "time", width: 160, className: "agent-number", render: (_, one) => moment(one.recorded_at) },
          { title: text.state, key: "state", width: 110, render: (_, one) => <Tag color={COLOURS[one.state]} data-testid="message-state">{text.states[one.state]}</Tag> },
          { title: text.number, key: "number", width: 170, className: "agent-number", render: (_, one) => national(one.caller_number) || text.withheld },
          { title: text.who, key: "who", ellipsis: true, render: (_, one) => one.customer_name ?? "—" },
          { title: text.purpose, key: "purpose", width: 150, render: (_, one) => text.purposes[one.purpose] },
          { title: text.queue, key: "queue", width: 140, ellipsis: true, render: (_, one) => titles.queue(one.queue) || "—" },
          { title: text.length, key: "length", width: 80, align: "right", className: "agent-number", render: (_, one) => clock(one.seconds) },
          { title: text.note, key: "note", ellipsis: true, render: (_, one) => one.note },
        ]}
      />
      {more && <Button block loading={busy} onClick={more} style={{ marginTop: 8 }}>{text.more}</Button>}
    </div>
  );
}
