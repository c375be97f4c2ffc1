/** The monthly service reports: the list, and one to read or to print. */
import { Alert, Button, Dropdown, Empty, message, Modal, Skeleton, Table } from "antd";
import { useCallback, useEffect, useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { moment, site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { shown, type Definitions, type Kept, type Monthly, type MonthlyLine } from "./model";
import { named } from "./named";
import { TEXT } from "./text";

const called = (one: MonthlyLine, language: Language) => (language === "en" ? one.department_en : one.department);
const sheet = (one: Pick<MonthlyLine, "month" | "department">, language: Language) =>
  `/api/v1/reports/monthly/${one.month}.xlsx?${new URLSearchParams({ department: one.department, language })}`;

export function MonthlyReports({ language, open, setOpen, definitions }: { language: Language; open: string; setOpen: (report: string) => void; definitions: Definitions }) {
  const text = TEXT[language];
  const [lines, setLines] = useState<MonthlyLine[]>();
  const [trouble, setTrouble] = useState<unknown>();
  const [busy, setBusy] = useState("");
  const [toast, toasts] = message.useMessage();
  const [modal, modals] = Modal.useModal();
  const load = useCallback(() => {
    ask<MonthlyLine[]>("GET", "/reports/monthly").then((found) => {
      setLines(found);
      setTrouble(undefined);
    }, setTrouble);
  }, []);
  useEffect(load, [load]);
  const anew = (month: string) =>
    void modal.confirm({
      title: text.makeAsk(month), content: text.makeHint, okText: text.makeNow, cancelText: text.cancel,
      onOk: async () => {
        setBusy(month);
        try {
          const made = await ask<string[]>("POST", "/reports/monthly", { month });
          void toast.success(text.made(made.length));
          load();
        } catch (error) {
          void toast.error(troubleWords(error, language));
        }
        setBusy("");
      },
    });
  if (open) return <One key={open} report={open} language={language} definitions={definitions} back={() => setOpen("")} />;
  if (trouble !== undefined) return <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={load}>{text.retry}</Button>} />;
  if (!lines) return <Skeleton active paragraph={{ rows: 6 }} />;
  return (
    <>
      {toasts}
      {modals}
      <p className="reports-quiet">{text.monthlyHint}</p>
      {lines.length === 0 ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text.noMonthly} /> : (
        <Table<MonthlyLine>
          size="small" pagination={false} dataSource={lines} rowKey={(one) => `${one.month}/${one.department}`} style={{ maxWidth: 860 }} data-testid="monthly"
          columns={[
            { title: text.month, dataIndex: "month", width: 110 },
            { title: text.department, key: "department", render: (_, one) => <a href={`/reports?view=monthly&report=${encodeURIComponent(`${one.month}/${one.department}`)}`} onClick={(event) => { event.preventDefault(); setOpen(`${one.month}/${one.department}`); }}>{called(one, language) || text.house}</a> },
            { title: text.handled, dataIndex: "calls", width: 170, align: "right" },
            { title: text.madeAt, key: "at", width: 180, render: (_, one) => moment(one.made_at) },
            { key: "do", width: 200, align: "right", render: (_, one) => (
              <>
                <Button size="small" type="link" href={sheet(one, language)}>XLSX</Button>
                {one.department === "" && <Button size="small" type="text" loading={busy === one.month} onClick={() => anew(one.month)}>{text.makeNow}</Button>}
              </>
            ) },
          ]}
        />
      )}
    </>
  );
}

function One({ report, language, definitions, back }: { report: string; language: Language; definitions: Definitions; back: () => void }) {
  const text = TEXT[language];
  const [month = "", ...rest] = report.split("/");
  const department = rest.join("/");
  const [found, setFound] = useState<Monthly>();
  const [trouble, setTrouble] = useState<unknown>();
  useEffect(() => {
    let current = true;
    ask<Monthly>("GET", `/reports/monthly/${month}?${new URLSearchParams({ department, language })}`).then(
      (told) => current && setFound(told),
      (error: unknown) => current && setTrouble(error),
    );
    return () => {
      current = false;
    };
  }, [month, department, language]);
  if (trouble !== undefined) return <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={back}>{text.back}</Button>} />;
  if (!found) return <Skeleton active paragraph={{ rows: 10 }} />;
  return (
    <article className="reports-monthly" data-testid="monthly-report">
      <header>
        <h2>{text.service} {month}{department && ` · ${called(found, language)}`}</h2>
        <span className="reports-quiet">{text.madeAt} {site(found.made_at).format("YYYY-MM-DD HH:mm")}</span>
        <span className="grow" />
        <Button onClick={back}>{text.back}</Button>
        <Dropdown.Button style={{ width: "auto" }} buttonsRender={named(text.more)} onClick={() => window.print()} menu={{ items: [{ key: "xlsx", label: <a href={sheet(found, language)}>{text.xlsx}</a> }] }}>{text.print}</Dropdown.Button>
      </header>
      {found.tables.map((table) => <Sheet key={table.title} table={table} definitions={definitions} language={language} />)}
    </article>
  );
}

/** On paper a table is as wide as a page: what says nothing (all dashes and noughts) is left out. */
function Sheet({ table, definitions, language }: { table: Kept; definitions: Definitions; language: Language }) {
  const words = new Map(definitions[table.group].map((one) => [one.code, one]));
  const columns = table.columns.map((code, n) => ({ n, one: words.get(code) })).filter(({ n, one }) => one && table.rows.some((row) => row.values[n]));
  const total = table.rows.at(-1);
  const rows = table.rows.length === 2 ? table.rows.slice(0, 1) : table.rows; // one row is its own total
  return (
    <section>
      <h3>{table.title}</h3>
      {columns.length === 0 ? <p className="reports-quiet">{TEXT[language].none}</p> : <table>
        <thead><tr>{table.heads.map((head) => <th key={head} className="left">{head}</th>)}{columns.map(({ one }) => <th key={one!.code}>{language === "en" ? one!.title_en : one!.title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.heads.join(" ")}${row === total ? " total" : ""}`} className={row === total ? "total" : ""}>
              {row.heads.map((head, n) => <td key={table.heads[n]} className="left">{head}</td>)}
              {columns.map(({ n, one }) => <td key={one!.code}>{shown(row.values[n], one!.unit)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>}
    </section>
  );
}
