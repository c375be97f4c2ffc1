/** Customers who are to be called back: in the order of their waits, when each may be called, what was tried. */
import { Alert, Button, Empty, message, Modal, Segmented, Spin, Tag } from "antd";
import { useCallback, useState } from "react";
import { useTitles } from "../contacts/useTitles";
import { endWords } from "../shared/dial";
import { ApiError, ask } from "../shared/http";
import type { Language } from "../shared/session";
import { national } from "../shared/number";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { useNewest } from "../shared/useNewest";
import { useRefetch } from "../shared/useRefetch";
import { TEXT } from "./text";
import "./callbacks.css";

interface Callback {
  id: string; number: string; queue: string; hotline: string; since: string; priority: number; state: string;
  attempts: number; max_attempts: number; last_result: string | null; contact_id: string | null;
  last_contact_id: string | null; created_by: string; purpose: string; note: string; agent_name: string | null; customer_name: string | null; due_at: string | null; closed_at: string | null;
}

const EVERY_MS = 3000;
const COLOURS: Record<string, string> = { dialling: "processing", reached: "success", gave_up: "error", hours_over: "error" };

export function CallbacksPage({ language }: { language: Language }) {
  const text = TEXT[language];
  const titles = useTitles(language);
  const [which, setWhich] = useState<"open" | "all">("open");
  const [rows, setRows] = useState<Callback[]>();
  const [trouble, setTrouble] = useState<unknown>();
  const [toast, toasts] = message.useMessage();
  const [modal, modals] = Modal.useModal();
  const newest = useNewest();
  const load = useCallback(async () => {
    const current = newest();
    try {
      const found = await ask<Callback[]>("GET", `/callbacks?state=${which}`);
      if (!current()) return;
      setRows(found);
      setTrouble(undefined);
    } catch (error) {
      if (current()) setTrouble(error);
    }
  }, [which, newest]);
  useRefetch(load, EVERY_MS);
  const act = async (row: Callback, what: "cancel" | "now") => {
    try {
      await ask("POST", `/callbacks/${row.id}/${what}`);
      void toast.success(what === "now" ? text.hurried : text.cancelled);
    } catch (error) {
      void toast.warning(error instanceof ApiError && error.status === 409 ? text.over : text.failed);
    }
    void load();
  };
  const cancel = (row: Callback) =>
    void modal.confirm({
      title: text.cancelAsk(national(row.number)), content: text.cancelWhy, okText: text.ok, cancelText: text.keep, okButtonProps: { danger: true },
      onOk: () => act(row, "cancel"),
    });
  const at = (instant: string | null) => (instant ? site(instant).format("MM-DD HH:mm") : "—");
  return (
    <div className="callbacks">
      {toasts}
      {modals}
      <header>
        <h2>{text.title} <small>{rows?.filter((row) => row.closed_at === null).length ?? ""}</small></h2>
        <Segmented size="small" value={which} onChange={setWhich} options={[{ value: "open", label: text.open }, { value: "all", label: text.all }]} />
      </header>
      {trouble !== undefined && <Alert type="warning" showIcon message={troubleWords(trouble, language)} action={<Button size="small" onClick={() => void load()}>{text.retry}</Button>} />}
      {!rows ? trouble === undefined && <Spin tip={text.loading}><div style={{ height: 80 }} /></Spin> : rows.length === 0 ? (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={which === "open" ? text.none : text.noneAll} style={{ marginTop: 96 }} />
      ) : (
        <div className="callbacks-scroll">
          <table>
            <thead>
              <tr>
                <th>{text.number}</th><th>{text.customer}</th><th>{text.queue}</th><th>{text.since}</th><th>{text.due}</th>
                <th>{text.attempts}</th><th>{text.state}</th><th>{text.last}</th><th>{text.by}</th><th />
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id} data-testid="callback" className={row.closed_at ? "callbacks-over" : ""}>
                  <td className="callbacks-number">{national(row.number)}{row.note && <div className="callbacks-note" title={row.note}>{row.note}</div>}</td>
                  <td>{row.customer_name ?? "—"}</td>
                  <td>{titles.queue(row.queue)}{row.purpose === "return_visit" && <Tag style={{ marginInlineStart: 6 }} data-testid="return-visit">{text.returnVisit}</Tag>}</td>
                  <td>{at(row.since)}</td>
                  <td>{row.closed_at ? "—" : row.due_at && Date.parse(row.due_at) > Date.now() ? at(row.due_at) : text.atOnce}</td>
                  <td>{row.attempts} / {row.max_attempts}</td>
                  <td><Tag color={COLOURS[row.state] ?? "default"}>{text.states[row.state] ?? row.state}</Tag></td>
                  <td>{row.last_contact_id ? (
                    <a href={`/contacts/${row.last_contact_id}`}>{row.last_result === "interrupted" ? text.interrupted : row.last_result ? endWords(row.last_result, language) : text.call}</a>
                  ) : "—"}</td>
                  <td>{row.contact_id ? <a href={`/contacts/${row.contact_id}`} title={text.contact}>{row.agent_name ?? text.sources[row.created_by]}</a> : (row.agent_name ?? text.sources[row.created_by])}</td>
                  <td>
                    {!row.closed_at && (
                      <>
                        <Button size="small" type="link" disabled={row.state === "dialling"} onClick={() => void act(row, "now")} data-testid="callback-now">{text.now}</Button>
                        <Button size="small" type="link" className="callbacks-cancel" onClick={() => cancel(row)} data-testid="callback-cancel">{text.cancel}</Button>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
