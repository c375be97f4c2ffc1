/** What callers said to nobody: listen, call back, write what came of it. */
import { Alert, Button, Input, Segmented, Select, Space, Table, Tag } from "antd";
import { useCallback, useEffect, useState } from "react";
import { clock } from "../agent/model";
import { useTitles } from "../contacts/useTitles";
import { ask } from "../shared/http";
import { site } from "../shared/time";
import type { Language } from "../shared/session";
import { inOrder, OPEN, query, type Message, type Wanted } from "./model";
import { Opened } from "./Opened";
import { TEXT } from "./text";

const COLOURS = { new: "orange", heard: "blue", done: "default" } as const;
const REFRESH_MS = 10_000;

export function MessagesPage({ language }: { language: Language }) {
  const text = TEXT[language];
  const titles = useTitles(language);
  const [wanted, setWanted] = useState(OPEN);
  const [messages, setMessages] = useState<Message[]>();
  const [next, setNext] = useState<string | null>(null);
  const [open, setOpen] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const load = useCallback(async (asked: Wanted, cursor: string | null, quiet = false) => {
    if (!quiet) setBusy(true);
    try {
      const page = await ask<{ messages: Message[]; next: string | null }>("GET", `/messages?${query(asked, cursor)}`);
      setMessages((last) => (cursor ? [...(last ?? []), ...page.messages] : inOrder(page.messages)));
      setNext(page.next);
      setTrouble("");
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }, []);
  useEffect(() => void load(OPEN, null), [load]);
  useEffect(() => {
    // Nothing moves under a hand that is writing: while a message is open, the list stays as it is.
    const timer = window.setInterval(() => !open && void load(wanted, null, true), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, [load, wanted, open]);
  const change = (part: Partial<Wanted>) => {
    const asked = { ...wanted, ...part };
    setWanted(asked);
    setOpen(undefined);
    if (!("number" in part)) void load(asked, null);
  };
  const changed = (message: Message) => setMessages((last) => last?.map((one) => (one.id === message.id ? message : one)));
  return (
    <div className="contact">
      <Space wrap className="contact-filter">
        <Segmented value={wanted.state} onChange={(state) => change({ state })} data-testid="filter-state"
          options={(["open", "new", "done", "all"] as const).map((one) => ({ value: one, label: text.states[one] }))} />
        <Select style={{ width: 150 }} allowClear placeholder={text.purpose} value={wanted.purpose} onChange={(purpose) => change({ purpose: purpose ?? null })}
          options={(["voicemail", "comment"] as const).map((one) => ({ value: one, label: text.purposes[one] }))} />
        <Select style={{ width: 150 }} allowClear placeholder={text.anyQueue} value={wanted.queue} onChange={(queue) => change({ queue: queue ?? null })}
          options={titles.queues.map((one) => ({ value: one.name ?? null, label: titles.queue(one.name ?? null) }))} />
        <Input.Search allowClear style={{ width: 200 }} placeholder={text.number} value={wanted.number} enterButton={text.search}
          onChange={(event) => change({ number: event.target.value.trim() })} onSearch={() => void load(wanted, null)} />
      </Space>
      {trouble && <Alert type="error" showIcon message={trouble} action={<Button onClick={() => void load(wanted, null)}>{text.retry}</Button>} />}
      <Table<Message>
        size="small" rowKey="id" pagination={false} loading={busy && messages === undefined} dataSource={messages ?? []}
        locale={{ emptyText: wanted.state === "open" ? text.none : text.noneFound }}
        onRow={() => ({ style: { cursor: "pointer" } })}
        rowClassName={(one) => (one.state === "new" ? "message-new" : "")}
        expandable={{
          expandRowByClick: true, expandedRowKeys: open ? [open] : [], onExpand: (wide, one) => setOpen(wide ? one.id : undefined),
          expandedRowRender: (one) => <Opened message={one} text={text} language={language} onChanged={changed} />,
        }}
        columns={[
          { title: text.time, key: "time", width: 160, className: "agent-number", render: (_, one) => site(one.recorded_at).format("MM-DD HH:mm:ss") },
          { title: text.state, key: "state", width: 110, render: (_, one) => <Tag color={COLOURS[one.state]} data-testid="message-state">{text.states[one.state]}</Tag> },
          { title: text.number, key: "number", width: 170, className: "agent-number", render: (_, one) => one.caller_number || text.withheld },
          { title: text.who, key: "who", ellipsis: true, render: (_, one) => one.customer_name ?? "—" },
          { title: text.purpose, key: "purpose", width: 170, render: (_, one) => text.purposes[one.purpose] },
          { title: text.queue, key: "queue", width: 120, render: (_, one) => titles.queue(one.queue) || "—" },
          { title: text.length, key: "length", width: 80, align: "right", className: "agent-number", render: (_, one) => clock(one.seconds) },
          { title: text.note, key: "note", ellipsis: true, render: (_, one) => one.note },
        ]}
      />
      {next && <Button block loading={busy} onClick={() => void load(wanted, next)} style={{ marginTop: 8 }}>{text.more}</Button>}
    </div>
  );
}
