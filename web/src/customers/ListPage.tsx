/** Customers, found by part of a name, a company or a number. */
import { Alert, Button, Input, Space, Table, Tag } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useLists } from "../cases/useLists";
import { ask } from "../shared/http";
import { national } from "../shared/number";
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { usePages } from "../shared/usePages";
import { useSlash } from "../shared/useSlash";
import { useKeys } from "../shared/useKeys";
import { LIST, queryOf, searchOf, type CustomerRecord } from "./model";
import { TEXT } from "./text";

const NewCustomer = lazy(() => import("./NewCustomer"));
const DAY = "YYYY-MM-DD";

async function page({ number }: { number: string }, before: string | null) {
  const query = queryOf(number);
  if (!before) {
    history.replaceState(null, "", query.size ? `/customers?${query}` : "/customers");
    sessionStorage.setItem(LIST, location.pathname + location.search);
  }
  if (before) query.set("before", before);
  const found = await ask<{ customers: CustomerRecord[]; next: string | null }>("GET", `/customers?${query}`);
  return { rows: found.customers, next: found.next };
}

export function ListPage({ language }: { language: Language }) {
  const text = TEXT[language];
  const { people } = useLists(language);
  const { rows, wanted, change, search, more, busy, trouble } = usePages(page, () => ({ number: searchOf(location.search) }));
  const [at, setAt] = useState(-1);
  const [adding, setAdding] = useState(false);
  const field = useSlash();
  const look = () => {
    setAt(-1);
    search();
  };
  useKeys((event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !rows?.length || (event.target as HTMLElement).closest("input, textarea, button, .ant-modal")) return false;
    const here = rows[at];
    if (event.key === "j") setAt(Math.min(at + 1, rows.length - 1));
    else if (event.key === "k") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter" && here) location.assign(`/customers/${here.id}`);
    else return false;
    return true;
  });
  useEffect(() => document.querySelector(".case-at")?.scrollIntoView({ block: "nearest" }), [at]);

  const owner = (id: string | null) => people.find((one) => one.id === id)?.name ?? "—";
  return (
    <div className="contact cases">
      <Space wrap className="contact-filter">
        <Input.Search ref={field} allowClear style={{ width: 350 }} placeholder={text.search} aria-label={text.search} value={wanted.number} enterButton={text.go} maxLength={120}
          onChange={(event) => change({ number: event.target.value })}
          onSearch={() => {
            look();
            field.current?.blur(); // so that the keys go through what was found
          }} data-testid="customer-search" />
      </Space>
      <div className="case-bar">
        <span className="contact-quiet">{text.keys}</span>
        <Button size="small" onClick={() => setAdding(true)} data-testid="customer-new">{text.newTitle}</Button>
      </div>
      {trouble !== undefined && <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={look}>{text.retry}</Button>} />}
      <Table<CustomerRecord>
        size="small" rowKey="id" pagination={false} loading={busy && rows === undefined} dataSource={rows ?? []} locale={{ emptyText: rows === undefined ? " " : searchOf(location.search) ? text.noMatch : text.none }}
        rowClassName={(_, nth) => (nth === at ? "case-at" : "")}
        onRow={(one) => ({ onClick: () => location.assign(`/customers/${one.id}`), style: { cursor: "pointer" } })}
        columns={[
          { title: text.name, key: "name", width: 230, ellipsis: true, render: (_, one) => <><a href={`/customers/${one.id}`} data-testid="customer-line">{one.name}</a>{one.vip && <Tag color="gold" className="customer-tag">{text.vip}</Tag>}{one.no_calls && <Tag color="red" className="customer-tag">{text.noCalls}</Tag>}</> },
          { title: text.numbers, key: "numbers", width: 250, ellipsis: true, className: "agent-number", render: (_, one) => one.phones.map((phone) => national(phone.number)).join(text.comma) || "—" },
          { title: text.company, key: "company", ellipsis: true, render: (_, one) => one.company || "—" },
          { title: text.language, key: "language", width: 104, render: (_, one) => text.languages[one.language] ?? one.language },
          { title: text.owner, key: "owner", width: 130, ellipsis: true, render: (_, one) => owner(one.owner_account_id) },
          { title: text.since, key: "since", width: 146, className: "agent-number", render: (_, one) => one.customer_since ?? site(one.created_at).format(DAY) },
          { title: text.updated, key: "updated", width: 150, className: "agent-number", render: (_, one) => site(one.updated_at).format("YYYY-MM-DD HH:mm") },
        ]}
      />
      {more && <Button block loading={busy} onClick={more} style={{ marginTop: 8 }}>{text.more}</Button>}
      {adding && <Suspense fallback={null}><NewCustomer language={language} text={text} close={() => setAdding(false)} /></Suspense>}
    </div>
  );
}
