/** Cases by when they are due: mine, my department's, what is late, all. */
import { Alert, Button, Input, message, Segmented, Select, Space, Table, Tag } from "antd";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { ask } from "../shared/http";
import { national } from "../shared/number";
import type { Language, Role } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { usePages } from "../shared/usePages";
import { useSlash } from "../shared/useSlash";
import { useKeys } from "../shared/useKeys";
import { LEADS } from "../contacts/model";
import { Due } from "./Due";
import { askedOf, COLOURS, LIST, queryOf, STATES, VIEWS, type CaseLine, type Wanted } from "./model";
import { TEXT } from "./text";
import { useLists } from "./useLists";

const REFRESH_MS = 10_000;
const NewCase = lazy(() => import("./NewCase"));

async function page(wanted: Wanted, cursor: string | null) {
  const query = queryOf(wanted);
  if (!cursor) {
    history.replaceState(null, "", `/cases?${query}`);
    sessionStorage.setItem(LIST, location.pathname + location.search);
  }
  if (cursor) query.set("cursor", cursor);
  const found = await ask<{ cases: CaseLine[]; next: string | null }>("GET", `/cases?${query}`);
  return { rows: found.cases, next: found.next };
}

export function ListPage({ language, role }: { language: Language; role: Role }) {
  const text = TEXT[language];
  const leads = LEADS.has(role);
  const lists = useLists(language);
  const { rows, wanted, change, search, more, refresh, busy, trouble } = usePages(page, () => askedOf(location.search, role));
  const [chosen, setChosen] = useState<number[]>([]);
  const [at, setAt] = useState(-1);
  const [owner, setOwner] = useState<string | null>(null);
  const [department, setDepartment] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const [toast, toasts] = message.useMessage();
  const [now, setNow] = useState(() => Date.now());
  const field = useSlash();

  useEffect(() => {
    // Nothing moves under a hand that is choosing.
    const again = () => {
      setNow(Date.now());
      if (!document.hidden && chosen.length === 0) refresh();
    };
    const timer = window.setInterval(again, REFRESH_MS);
    window.addEventListener("focus", again);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("focus", again);
    };
  }, [refresh, chosen]);

  const filter = useCallback((part: Partial<Wanted>) => {
    setChosen([]);
    setAt(-1);
    change(part);
  }, [change]);
  const assign = async () => {
    try {
      const done = await ask<CaseLine[]>("POST", "/cases/assign", { numbers: chosen, owner_id: owner, department });
      void toast.success(text.assigned(done.length));
      setChosen([]);
      setOwner(null);
      setDepartment(null);
      search();
    } catch (error) {
      void toast.error(troubleWords(error, language));
    }
  };
  useKeys((event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !rows?.length || (event.target as HTMLElement).closest("input, textarea, .ant-select, .ant-modal")) return false;
    const here = rows[at];
    if (event.key === "j") setAt(Math.min(at + 1, rows.length - 1));
    else if (event.key === "k") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter" && here) location.assign(`/cases/${here.number}`);
    else if (event.key === "x" && here && leads) setChosen((had) => (had.includes(here.number) ? had.filter((one) => one !== here.number) : [...had, here.number]));
    else return false;
    return true;
  });
  useEffect(() => document.querySelector(".case-at")?.scrollIntoView({ block: "nearest" }), [at]);

  const narrowed = Boolean(wanted.number || wanted.state || wanted.kind || wanted.department || wanted.owner);
  return (
    <div className="contact cases">
      {toasts}
      <Space wrap className="contact-filter">
        <Segmented value={wanted.view} onChange={(view) => filter({ view })} options={VIEWS.map((one) => ({ value: one, label: text.views[one] }))} data-testid="case-views" />
        <Input.Search ref={field} allowClear style={{ width: 250 }} placeholder={text.search} aria-label={text.search} value={wanted.number} enterButton={text.go}
          onChange={(event) => filter({ number: event.target.value })} onSearch={search} data-testid="case-search" />
        <Select allowClear style={{ width: 116 }} placeholder={text.state} aria-label={text.state} value={wanted.state} onChange={(state) => filter({ state: state ?? null })}
          options={STATES.map((one) => ({ value: one, label: text.states[one] }))} />
        <Select allowClear style={{ width: 116 }} placeholder={text.kind} aria-label={text.kind} value={wanted.kind} onChange={(kind) => filter({ kind: kind ?? null })} options={lists.kindOptions} />
        <Select allowClear style={{ width: 128 }} placeholder={text.department} aria-label={text.department} value={wanted.department} onChange={(code) => filter({ department: code ?? null })} options={lists.departmentOptions} />
        <Select allowClear showSearch optionFilterProp="label" style={{ width: 112 }} placeholder={text.owner} aria-label={text.owner} value={wanted.owner} onChange={(who) => filter({ owner: who ?? null })} options={lists.peopleOptions} />
      </Space>
      <div className="case-bar">
        {leads && chosen.length > 0 ? (
          <Space data-testid="case-bulk">
            <b>{text.chosen(chosen.length)}</b>
            <Select allowClear showSearch optionFilterProp="label" size="small" style={{ width: 150 }} placeholder={text.assignTo} aria-label={text.assignTo} value={owner} onChange={(who) => setOwner(who ?? null)} options={lists.peopleOptions} data-testid="bulk-owner" />
            <Select allowClear size="small" style={{ width: 150 }} placeholder={text.handTo} aria-label={text.handTo} value={department} onChange={(code) => setDepartment(code ?? null)} options={lists.departmentOptions} />
            <Button size="small" type="primary" disabled={!owner && !department} onClick={() => void assign()} data-testid="bulk-assign">{text.assign}</Button>
            <Button size="small" type="text" onClick={() => setChosen([])}>{text.cancel}</Button>
          </Space>
        ) : <span className="contact-quiet">{text.keys}{leads ? text.chooseKey : ""}</span>}
        <Space>
          {["supervisor", "admin", "lead"].includes(role) && <a href="/cases/settings">{text.settings}</a>}
          <Button size="small" onClick={() => setAdding(true)} data-testid="case-new">{text.add}</Button>
        </Space>
      </div>
      {trouble !== undefined && <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={search}>{text.retry}</Button>} />}
      <Table<CaseLine>
        size="small" rowKey="number" pagination={false} loading={busy && rows === undefined} dataSource={rows ?? []} locale={{ emptyText: rows === undefined ? " " : narrowed ? text.noMatch : text.none[wanted.view] }}
        rowClassName={(_, nth) => (nth === at ? "case-at" : "")}
        {...(leads ? { rowSelection: { selectedRowKeys: chosen, onChange: (all: React.Key[]) => setChosen(all.map(Number)), columnWidth: 36 } } : {})}
        onRow={(one) => ({ onClick: () => location.assign(`/cases/${one.number}`), style: { cursor: "pointer" } })}
        columns={[
          { title: text.number, key: "number", width: 84, render: (_, one) => <a href={`/cases/${one.number}`} className="agent-number" data-testid="case-line">{one.number}</a> },
          { title: text.kind, key: "kind", width: language === "en" ? 130 : 110, ellipsis: true, render: (_, one) => <span className={one.kind === "major_fault" ? "case-late" : ""}>{lists.kind(one.kind)}</span> },
          { title: text.subject, key: "subject", ellipsis: true, render: (_, one) => <>{one.subject || "—"}{one.reopened > 0 && <Tag style={{ marginInlineStart: 8 }}>{text.reopened(one.reopened)}</Tag>}</> },
          { title: text.customer, key: "customer", width: language === "en" ? 126 : 150, ellipsis: true, render: (_, one) => one.customer_name ?? (national(one.caller_number) || "—") },
          { title: text.department, key: "department", width: language === "en" ? 148 : 130, ellipsis: true, render: (_, one) => lists.department(one.department) || "—" },
          { title: text.owner, key: "owner", width: language === "en" ? 90 : 100, ellipsis: true, render: (_, one) => one.owner_name ?? <span className="case-soon">{text.nobody}</span> },
          { title: text.state, key: "state", width: language === "en" ? 168 : 100, render: (_, one) => <Tag color={COLOURS[one.state]}>{text.states[one.state]}</Tag> },
          { title: text.due, key: "due", width: 164, className: "agent-number", render: (_, one) => <Due of={one} now={now} language={language} text={text} /> },
          { title: text.updated, key: "updated", width: 104, className: "agent-number", render: (_, one) => site(one.updated_at).format("MM-DD HH:mm") },
        ]}
      />
      {more && <Button block loading={busy} onClick={more} style={{ marginTop: 8 }}>{text.more}</Button>}
      {adding && <Suspense fallback={null}><NewCase lists={lists} language={language} text={text} close={() => setAdding(false)} /></Suspense>}
    </div>
  );
}
