/** Who did what, when and to whom: found by person, kind and day, read before → after, taken away as a sheet. */
import { Alert, Button, Select, Space, Table } from "antd";
import { useCallback } from "react";
import { DaysPicker } from "../shared/Days";
import { ask } from "../shared/http";
import { moment, site } from "../shared/time";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { useKnown } from "../shared/useKnown";
import { usePages, type Page } from "../shared/usePages";
import { address, asked, query, type Entry, type Group, type Line, type Wanted } from "./model";
import { TEXT } from "./text";

interface Person { id: string; name: string; login: string; active: boolean }

const NONE: readonly never[] = [];

export function AuditPage({ language }: { language: Language }) {
  const text = TEXT[language];
  const page = useCallback(
    async (wanted: Wanted, cursor: string | null): Promise<Page<Entry>> => {
      const question = query(wanted, language);
      if (cursor) question.set("cursor", cursor);
      else history.replaceState(null, "", address(wanted));
      const found = await ask<{ entries: Entry[]; next: string | null }>("GET", `/audit?${question}`);
      return { rows: found.entries, next: found.next };
    },
    [language],
  );
  const { rows, wanted, change, search, more, busy, trouble } = usePages(page, () => asked(location.search));
  const [people = NONE] = useKnown<readonly Person[]>("/accounts");
  const [groups = NONE] = useKnown<readonly Group[]>("/audit/kinds");
  const today = site(Date.now());
  const filtered = Boolean(wanted.person ?? wanted.kind ?? wanted.from ?? wanted.to);
  return (
    <div className="audit">
      <Space wrap className="audit-filter">
        <DaysPicker allowEmpty={[true, true]} aria-label={text.time} from={wanted.from} to={wanted.to} style={{ width: 240 }}
          presets={[
            { label: text.today, value: [today, today] }, { label: text.yesterday, value: [today.subtract(1, "day"), today.subtract(1, "day")] },
            { label: text.week, value: [today.subtract(6, "day"), today] },
          ]}
          onChange={(from, to) => change({ from, to })} />
        <Select allowClear showSearch optionFilterProp="label" style={{ width: 200 }} placeholder={text.person} aria-label={text.person} value={wanted.person}
          onChange={(person) => change({ person: person ?? null })} data-testid="filter-person"
          options={[
            ...people.map((one) => ({ value: one.id as string | null, label: `${one.name} ${one.login}${one.active ? "" : text.retired}` })),
            { value: "none" as string | null, label: text.nobody },
          ]} />
        <Select allowClear showSearch optionFilterProp="label" style={{ width: 160 }} placeholder={text.kind} aria-label={text.kind} value={wanted.kind}
          onChange={(kind) => change({ kind: kind ?? null })} data-testid="filter-kind"
          options={groups.map((one) => ({ value: one.name as string | null, label: language === "en" ? one.title_en : one.title }))} />
        <Button href={`/api/v1/audit/export.csv?${query(wanted, language)}`} data-testid="export">{text.exported}</Button>
      </Space>
      {trouble !== undefined && <Alert type="error" showIcon message={troubleWords(trouble, language)} action={<Button onClick={search}>{text.retry}</Button>} />}
      <Table<Entry>
        size="small" rowKey="id" pagination={false} loading={busy && rows === undefined} dataSource={rows ?? []} className="audit-table"
        locale={{ emptyText: rows === undefined ? " " : filtered ? text.noneFound : text.none }} onRow={(one) => ({ "data-action": one.action }) as object}
        columns={[
          { title: text.time, key: "time", width: 150, className: "audit-time", render: (_, one) => moment(one.at) },
          { title: text.who, key: "who", width: 140, ellipsis: true, render: (_, one) => one.who ?? <span className="audit-quiet">{text.nobody}</span> },
          { title: text.what, key: "what", width: 190, render: (_, one) => one.what },
          { title: text.whom, key: "whom", width: 180, render: (_, one) => (
            <>{one.whom}{one.contact_id && <> <a href={`/contacts/${one.contact_id}`}>{text.call}</a></>}</>
          ) },
          { title: text.details, key: "details", render: (_, one) => <Details lines={one.lines} colon={text.colon} /> },
        ]}
      />
      {more && <Button block loading={busy} onClick={more} style={{ marginTop: 8 }} data-testid="more">{text.more}</Button>}
    </div>
  );
}

function Details({ lines, colon }: { lines: readonly Line[]; colon: string }) {
  return (
    <ul className="audit-lines">
      {lines.map((one) => (
        <li key={`${one.field}${one.before ?? ""}`}>
          <span className="audit-quiet">{one.field}{colon}</span>
          {one.before !== null && <><del>{one.before}</del> → </>}
          {one.after}
        </li>
      ))}
    </ul>
  );
}
