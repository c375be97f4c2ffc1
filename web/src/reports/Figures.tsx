/** The report itself: the house at a glance, its course, and the rows. */
import { Alert, Button, Skeleton, Table, Tooltip } from "antd";
import type { ColumnsType } from "antd/es/table";
import { useMemo } from "react";
import { ApiError } from "../shared/http";
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { Chart } from "./Chart";
import { course, hours } from "./drawing";
import { behind, change, shifted, shown, when, type Definition, type Definitions, type Line } from "./model";
import type { Text } from "./text";
import { usePrinting } from "./usePrinting";
import type { Told } from "./useReport";

const TILES = ["calls", "offered", "answered", "connect_rate", "service_level", "abandoned", "asa_s", "aht_s", "rating"] as const;
/** Of these less is better. */
const LESS = new Set(["abandoned", "asa_s", "aht_s"]);
const NEITHER = new Set(["calls", "offered", "answered", "aht_s"]);
/** They are in the sheets; on the page they would only push others away. */
const LEFT_OUT = new Set(["in_time", "abandon_rate"]);
const KINDS: Record<string, string> = { answered: "answered", abandoned: "missed", outbound: "outbound" };
const TARGETS: Record<string, number> = { connect_rate: 0.9, service_level: 0.8 };

interface Props {
  told: Told | undefined;
  trouble: unknown;
  busy: boolean;
  again: () => void;
  definitions: Definitions;
  language: Language;
  text: Text;
  mayLook: boolean;
}

const titled = (one: { title: string; title_en: string }, language: Language) => (language === "en" ? one.title_en || one.title : one.title);

export function Figures({ told, trouble, busy, again, definitions, language, text, mayLook }: Props) {
  const words = useMemo(() => {
    const group = told?.report.by === "agent" ? definitions.agents : told?.report.by === "outcome" ? definitions.outcomes : definitions.service;
    return new Map(group.map((one) => [one.code, one]));
  }, [told, definitions]);
  const drawing = useMemo(
    () => (told ? (told.grid ? hours(told.grid, text) : course(told.report, words, site, language)) : undefined),
    [told, words, language, text],
  );
  if (trouble !== undefined) {
    const reason = trouble instanceof ApiError ? text.reasons[String(trouble.details["reason"])] : undefined;
    return <Alert type="error" showIcon message={reason ?? troubleWords(trouble, language)} action={<Button onClick={again}>{text.retry}</Button>} data-testid="trouble" />;
  }
  if (!told || !drawing) return <Skeleton active paragraph={{ rows: 10 }} />;
  const empty = told.report.lines.length === 0;
  return (
    <div className={busy ? "reports-busy" : ""} aria-busy={busy}>
      <Tiles told={told} definitions={definitions.service} language={language} text={text} />
      {!empty && <Chart option={drawing} label={text.chart} height={230} />}
      <Rows told={told} words={words} language={language} text={text} mayLook={mayLook} />
    </div>
  );
}

function Tiles({ told, definitions, language, text }: { told: Told; definitions: readonly Definition[]; language: Language; text: Text }) {
  const [from, to] = shifted(told.wanted.from, told.wanted.to, -1);
  return (
    <div className="reports-tiles" title={text.comparedWith(from, to)}>
      {TILES.map((code) => {
        const one = definitions.find((each) => each.code === code);
        const now = told.now.total[code];
        if (!one || now === undefined) return null;
        const said = change(now, told.before?.total[code], one.unit);
        const better = said.startsWith("±") || NEITHER.has(code) ? "" : said.startsWith("+") !== LESS.has(code) ? "reports-better" : "reports-worse";
        const target = TARGETS[code];
        const tone = target === undefined || now === null ? "" : now >= target ? "reports-good" : "reports-late";
        return (
          <div key={code} className={tone} data-testid={`tile-${code}`}>
            <Tooltip title={language === "en" ? one.means_en : one.means}><span>{titled(one, language)}</span></Tooltip>
            <b>{shown(now, one.unit)}</b>
            <small className={better}>{said && `${said}${one.unit === "share" ? ` ${text.sharePoints}` : ""}`}</small>
          </div>
        );
      })}
    </div>
  );
}

function Rows({ told, words, language, text, mayLook }: { told: Told; words: ReadonlyMap<string, Definition>; language: Language; text: Text; mayLook: boolean }) {
  const { report, wanted } = told;
  const columns = report.columns.filter((code) => !LEFT_OUT.has(code) && (code !== "waiting" || report.total.waiting)).flatMap((code) => words.get(code) ?? []);
  const printing = usePrinting();
  const timed = report.interval !== "whole";
  const keyed = report.by !== "time";
  const name = (line: Line) => (report.by === "trunk" && line.key === "phone" ? text.testPhone : titled(line, language));
  const linked = (line: Line, shownAs: string, kind = "") => {
    const href = mayLook ? behind(line, wanted, site, kind) : null;
    return href ? <a href={href} title={text.calls}>{shownAs}</a> : shownAs;
  };
  const breaks = Object.entries(report.breaks);
  const spent = (line: Line) => breaks.filter(([code]) => line.breaks[code]).map(([code, one]) => `${titled(one, language)} ${shown(line.breaks[code], "span")}`).join(" · ");
  const shape: ColumnsType<Line> = [
    ...(timed ? [{
      title: text.bys.time, key: "at", width: 126, fixed: "left" as const, className: "reports-key",
      render: (_: unknown, line: Line) => linked(line, line.at ? when(site(line.at), report.interval, language) : ""),
    }] : []),
    ...(keyed || !timed ? [{
      title: text.bys[report.by], key: "key", width: 150, ellipsis: true, fixed: "left" as const, className: "reports-key",
      sorter: (one: Line, other: Line) => name(one).localeCompare(name(other), language),
      render: (_: unknown, line: Line) => linked(line, keyed ? name(line) : text.total),
    }] : []),
    ...columns.map((one) => ({
      title: <Tooltip title={language === "en" ? one.means_en : one.means}><span>{titled(one, language)}</span></Tooltip>,
      key: one.code, width: one.unit === "span" || one.unit === "share" ? 78 : 74, align: "right" as const, className: "reports-figure", showSorterTooltip: false as const,
      sorter: (a: Line, b: Line) => (a.figures[one.code] ?? -1) - (b.figures[one.code] ?? -1),
      render: (_: unknown, line: Line) => {
        const value = line.figures[one.code];
        const said = shown(value, one.unit);
        const kind = KINDS[one.code];
        if (one.code === "break_s" && value) return <Tooltip title={spent(line)}><span className="reports-hint">{said}</span></Tooltip>;
        return value && kind && report.by !== "outcome" ? linked(line, said, kind) : value === 0 ? <span className="reports-nil">{said}</span> : said;
      },
    })),
  ];
  const heads = shape.length - columns.length;
  return (
    <Table<Line>
      size="small" rowKey={(line) => `${line.at} ${line.key}`} dataSource={report.lines} columns={shape} className="reports-table" data-testid="rows"
      {...(!printing && { scroll: { x: "max-content" }, sticky: true })} pagination={!printing && report.lines.length > 100 ? { pageSize: 100, showSizeChanger: false, showTotal: text.lines } : false}
      locale={{ emptyText: text.none }}
      summary={() => report.lines.length > 0 && (
        <Table.Summary fixed="top">
          <Table.Summary.Row className="reports-total" data-testid="total">
            <Table.Summary.Cell index={0} colSpan={heads}>{text.total}</Table.Summary.Cell>
            {columns.map((one, n) => <Table.Summary.Cell key={one.code} index={n + heads} align="right">{shown(report.total[one.code], one.unit)}</Table.Summary.Cell>)}
          </Table.Summary.Row>
        </Table.Summary>
      )}
    />
  );
}
