/** Customers whose return visit is due: call them, or say what came of it. */
import { Alert, Button, Checkbox, Empty, Input, message, Modal, Radio, Segmented, Space, Spin, Tag } from "antd";
import { useCallback, useEffect, useState } from "react";
import { LEADS } from "../contacts/model";
import { refusalWords } from "../shared/dial";
import { ApiError, ask } from "../shared/http";
import { national } from "../shared/number";
import type { Language, Role } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { useNewest } from "../shared/useNewest";
import { TEXT, type Text } from "./text";

interface Visit {
  id: string; customer_id: string; customer_name: string; vip: boolean; number: string | null; owner_name: string | null; due_on: string; state: string;
  tries: number; max_tries: number; next_try_at: string | null; contact_id: string | null; calling: boolean; unwritten: boolean; called_by_name: string | null; note: string; closed_at: string | null; closed_by_name: string | null;
}
interface Month { month: string; done: number; declined: number; missed: number; late: number; rate: number | null }
const VIEWS = ["due", "mine", "ahead", "closed"] as const;
type View = (typeof VIEWS)[number];
type Result = "done" | "declined" | "missed";
const EVERY_MS = 5000;
const COLOURS: Record<string, string> = { done: "green", declined: "cyan", missed: "red" };

const wanted = (): View => VIEWS.find((one) => one === new URLSearchParams(location.search).get("view")) ?? "due";

export function VisitsPage({ language, role }: { language: Language; role: Role }) {
  const text = TEXT[language];
  const [view, setView] = useState<View>(wanted);
  const [rows, setRows] = useState<Visit[]>();
  const [months, setMonths] = useState<Month[]>([]);
  const [trouble, setTrouble] = useState<unknown>();
  const [closing, setClosing] = useState<Visit>();
  const [toast, toasts] = message.useMessage();
  const leads = LEADS.has(role);
  const newest = useNewest();
  const load = useCallback(async () => {
    const current = newest();
    try {
      const found = await ask<Visit[]>("GET", `/visits?view=${view}`);
      if (!current()) return;
      setRows(found);
      setTrouble(undefined);
    } catch (error) {
      if (current()) setTrouble(error);
    }
  }, [view, newest]);
  const count = useCallback(() => {
    if (leads) void ask<Month[]>("GET", "/visits/figures?months=6").then(setMonths, () => undefined);
  }, [leads]);
  useEffect(count, [count]);
  useEffect(() => {
    void load();
    const timer = window.setInterval(() => !document.hidden && void load(), EVERY_MS);
    return () => window.clearInterval(timer);
  }, [load]);
  const show = (next: View) => {
    history.replaceState(null, "", next === "due" ? "/visits" : `/visits?view=${next}`);
    setRows(undefined);
    setView(next);
  };
  const why = (error: unknown) => (error instanceof ApiError ? text.refused[String(error.details["reason"] ?? "")] : undefined) ?? refusalWords(error, language);
  const call = async (one: Visit) => {
    try {
      await ask("POST", `/visits/${one.id}/call`, {});
      void toast.success(text.calling, 6);
    } catch (error) {
      void toast.warning(why(error));
    }
    void load();
  };
  const today = site(Date.now()).format("YYYY-MM-DD");
  const late = (day: string) => Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000);
  return (
    <div className="callbacks visits">
      {toasts}
      <header>
        <h2>{text.title} <small>{text.hint}</small></h2>
        <Segmented size="small" value={view} onChange={show} options={VIEWS.map((one) => ({ value: one, label: text.views[one] }))} data-testid="visit-views" />
      </header>
      {leads && months.length > 0 && (
        <table className="visits-months" data-testid="visit-figures" title={text.rateHint}>
          <thead><tr><th>{text.month}</th>{months.map((one) => <th key={one.month}>{one.month}</th>)}</tr></thead>
          <tbody>
            <tr><td>{text.rate}</td>{months.map((one) => <td key={one.month}><b>{one.rate === null ? "—" : `${Math.round(one.rate * 100)} %`}</b></td>)}</tr>
            {(["done", "declined", "missed"] as const).map((what) => <tr key={what}><td>{text[what]}</td>{months.map((one) => <td key={one.month}>{one[what]}</td>)}</tr>)}
            <tr><td>{text.overdue}</td>{months.map((one) => <td key={one.month} className={one.late ? "visits-late" : ""}>{one.late}</td>)}</tr>
          </tbody>
        </table>
      )}
      {trouble !== undefined && <Alert type="warning" showIcon message={troubleWords(trouble, language)} action={<Button size="small" onClick={() => void load()}>{text.retry}</Button>} />}
      {!rows ? trouble === undefined && <Spin tip={text.loading}><div style={{ height: 80 }} /></Spin> : rows.length === 0 ? (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text.none[view]} style={{ marginTop: 72 }} />
      ) : (
        <div className="callbacks-scroll">
          <table>
            <thead><tr><th>{text.due}</th><th>{text.customer}</th><th>{text.number}</th><th>{text.owner}</th><th>{text.tries}</th><th>{view === "closed" ? text.state : text.next}</th><th>{view === "closed" ? text.by : text.state}</th><th>{view === "closed" ? text.note : ""}</th></tr></thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.id} data-testid="visit" className={one.closed_at ? "callbacks-over" : ""}>
                  <td>{one.due_on}{view !== "closed" && view !== "ahead" && <span className={late(one.due_on) > 0 ? "visits-late" : "visits-now"}>{late(one.due_on) > 0 ? text.late(late(one.due_on)) : text.today}</span>}</td>
                  <td className="visits-name" title={one.customer_name}><a href={`/customers/${one.customer_id}`}>{one.customer_name}</a>{one.vip && <Tag color="gold" style={{ marginInlineStart: 6 }}>VIP</Tag>}</td>
                  <td className="callbacks-number">{one.number ? national(one.number) : text.noNumber}</td>
                  <td>{one.owner_name ?? "—"}</td>
                  <td>{one.contact_id ? <a href={`/contacts/${one.contact_id}`}>{one.tries} / {one.max_tries}</a> : `${one.tries} / ${one.max_tries}`}</td>
                  <td>{view === "closed" ? <Tag color={COLOURS[one.state] ?? "default"}>{text.states[one.state] ?? one.state}</Tag> : one.next_try_at ? site(one.next_try_at).format("MM-DD HH:mm") : "—"}</td>
                  <td>{view === "closed" ? `${one.closed_by_name ?? "—"} ${one.closed_at ? site(one.closed_at).format("MM-DD HH:mm") : ""}` : one.calling ? <Tag color="processing">{text.busy}</Tag> : one.unwritten ? <Tag color="orange">{text.unwritten(one.called_by_name ?? "")}</Tag> : text.states["due"]}</td>
                  <td className={view === "closed" ? "visits-note" : ""} title={view === "closed" ? one.note : ""}>
                    {view === "closed" ? one.note : (
                      <>
                        <Button size="small" type={one.unwritten ? "default" : "primary"} disabled={!one.number} onClick={() => void call(one)} data-testid="visit-call">{text.call}</Button>
                        <Button size="small" type={one.unwritten ? "primary" : "link"} onClick={() => setClosing(one)} data-testid="visit-close">{text.close}</Button>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {closing && (
        <Closing visit={closing} text={text} language={language} done={() => {
          setClosing(undefined);
          void toast.success(text.saved);
          void load();
          count();
        }} close={() => setClosing(undefined)} />
      )}
    </div>
  );
}

function Closing({ visit, text, language, done, close }: { visit: Visit; text: Text; language: Language; done: () => void; close: () => void }) {
  const [result, setResult] = useState<Result>("done");
  const [note, setNote] = useState("");
  const [noCalls, setNoCalls] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const save = async () => {
    setBusy(true);
    try {
      await ask("POST", `/visits/${visit.id}/close`, { result, note: note.trim(), no_calls: result === "declined" && noCalls });
      done();
    } catch (error) {
      setTrouble((error instanceof ApiError ? text.refused[String(error.details["reason"] ?? "")] : undefined) ?? troubleWords(error, language));
      setBusy(false);
    }
  };
  return (
    <Modal open title={text.closeTitle(visit.customer_name)} okText={<span title="Ctrl+Enter">{text.save}</span>} cancelText={text.cancel} confirmLoading={busy} onOk={() => void save()} onCancel={close}>
      <Space direction="vertical" style={{ width: "100%" }}>
        {trouble && <Alert type="error" showIcon message={trouble} />}
        <Radio.Group value={result} onChange={(event) => setResult(event.target.value as Result)} options={(["done", "declined", "missed"] as const).map((value) => ({ value, label: text.results[value] }))} />
        <Input.TextArea autoFocus maxLength={1000} autoSize={{ minRows: 2, maxRows: 6 }} placeholder={text.note} aria-label={text.note} value={note} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && !busy && void save()} data-testid="visit-note" />
        <Checkbox disabled={result !== "declined"} checked={result === "declined" && noCalls} onChange={(event) => setNoCalls(event.target.checked)}>{text.noCalls}</Checkbox>
      </Space>
    </Modal>
  );
}
