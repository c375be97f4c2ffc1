/** Reports: any stretch of time, told by what one likes. The address holds all that is chosen. */
import { Alert, Button, Drawer, Dropdown, Popover, Segmented, Select, Skeleton } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useTitles } from "../contacts/useTitles";
import { DaysPicker } from "../shared/Days";
import type { Language, Role } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { useKnown } from "../shared/useKnown";
import { Figures } from "./Figures";
import { ForecastView } from "./ForecastView";
import { MonthlyReports } from "./Monthly";
import { address, asked, BYS, daysOf, fitting, lengthOf, natural, RANGES, shifted, VIEWS, type Definitions, type Range, type Wanted } from "./model";
import { named } from "./named";
import { TEXT } from "./text";
import { query, useReport } from "./useReport";
import "./reports.css";

interface Person { id: string; name: string; extension: string | null }
interface Named { number?: string; name: string; title: string; title_en: string }

const NONE: readonly never[] = [];
const LEADS = new Set<Role>(["lead", "supervisor", "admin"]);

export function ReportsPage({ language, role }: { language: Language; role: Role }) {
  const text = TEXT[language];
  const titles = useTitles(language);
  const [definitions, redefine, away] = useKnown<Definitions>("/reports/definitions");
  const [hotlines = NONE] = useKnown<readonly Named[]>("/hotlines");
  const leads = LEADS.has(role);
  const [wanted, setWanted] = useState<Wanted>(() => asked(location.search, site(Date.now())));
  const [defined, setDefined] = useState(location.hash === "#definitions");
  const { told, trouble, busy, again } = useReport(wanted, wanted.view === "figures" || (!leads && wanted.view === "monthly"));
  const [accounts = NONE] = useKnown<readonly Person[]>(leads ? "/accounts" : null);
  const people = accounts.filter((one) => one.extension !== null);
  const want = useCallback((part: Partial<Wanted>) => {
    setWanted((last) => {
      const next = { ...last, ...part };
      const days = lengthOf(next.from, next.to);
      if (!fitting(days).includes(next.interval)) next.interval = natural(days);
      return next;
    });
  }, []);
  useEffect(() => history.replaceState(null, "", address(wanted) + (defined ? "#definitions" : "")), [wanted, defined]);
  const choose = useCallback((range: Range) => {
    const [from, to] = daysOf(range, site(Date.now()));
    want({ range, from, to, interval: natural(lengthOf(from, to)) });
  }, [want]);
  const turn = useCallback((turns: number) => {
    setWanted((last) => {
      const [from, to] = shifted(last.from, last.to, turns);
      return { ...last, range: "", from, to };
    });
  }, []);
  const figures = wanted.view === "figures";
  useEffect(() => {
    if (!figures) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || (event.target as HTMLElement).closest("input, textarea, [role=combobox]")) return;
      const range = RANGES[Number(event.key) - 1];
      if (range) choose(range);
      else if (event.key === "[") turn(-1);
      else if (event.key === "]") turn(1);
      else if (event.key === "r") again();
      else if (event.key === "?") setDefined(true);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [choose, turn, again, figures]);
  const titled = (one: Named) => (language === "en" && one.title_en ? one.title_en : one.title);
  const hotline = hotlines.find((one) => one.number === wanted.hotline);
  const narrowed = [wanted.queue && titles.queue(wanted.queue), hotline && titled(hotline), wanted.by === "agent" && people.find((one) => one.id === wanted.agent)?.name].filter(Boolean);
  const sheet = (kind: string) => `/api/v1/reports/figures.${kind}?${query(wanted, { language })}`;
  // A single month's report names agents; the house's figures and its forecast are for operations as well.
  const open = VIEWS.filter((view) => leads || view !== "monthly");
  const views = (
    <div className="reports-bar reports-views">
      <Segmented value={wanted.view} options={open.map((value) => ({ value, label: text.views[value] }))} onChange={(view) => want({ view, report: "" })} data-testid="views" />
      <span className="grow" />
      {wanted.view === "figures" && (
        <>
          <Popover trigger="click" content={text.keys}><Button type="text" size="small" aria-label={text.keysHow}>?</Button></Popover>
          <Button onClick={again} aria-busy={busy}>{text.refresh}</Button>
          <Dropdown.Button style={{ width: "auto" }} buttonsRender={named(text.more)} href={sheet("xlsx")} menu={{ items: [{ key: "csv", label: <a href={sheet("csv")}>{text.csv}</a> }] }}>{text.xlsx}</Dropdown.Button>
        </>
      )}
      <Button onClick={() => setDefined(true)} data-testid="definitions">{text.definitions}</Button>
    </div>
  );
  const words = <Drawer open={defined} onClose={() => setDefined(false)} title={text.definitions} width={620}>{definitions && <Words definitions={definitions} language={language} />}</Drawer>;
  if (!definitions) {
    return (
      <div className="reports">
        {views}
        {away === undefined ? <Skeleton active paragraph={{ rows: 10 }} /> : <Alert type="error" showIcon message={troubleWords(away, language)} action={<Button onClick={redefine}>{text.retry}</Button>} />}
      </div>
    );
  }
  if (leads && wanted.view === "monthly") {
    return <div className="reports">{views}<MonthlyReports language={language} open={wanted.report} setOpen={(report) => want({ report })} definitions={definitions} />{words}</div>;
  }
  if (wanted.view === "forecast") {
    return <div className="reports">{views}<ForecastView language={language} queue={wanted.queue} want={(queue) => want({ queue })} />{words}</div>;
  }
  return (
    <div className="reports">
      {views}
      <h2 className="reports-paper">{[text.views.figures, wanted.from === wanted.to ? wanted.from : `${wanted.from} – ${wanted.to}`, `${text.by} ${text.bys[wanted.by]}`, text.intervals[wanted.interval], ...narrowed].join(" · ")}</h2>
      <div className="reports-bar">
        <Segmented value={wanted.range || "other"} options={RANGES.map((range) => ({ value: range, label: text.ranges[range] }))} onChange={(range) => choose(range as Range)} data-testid="ranges" />
        <Button aria-label={text.before} title={`${text.before} [`} onClick={() => turn(-1)}>‹</Button>
        <DaysPicker
          allowClear={false} from={wanted.from} to={wanted.to} style={{ width: 236 }} aria-label={text.range}
          onChange={(from, to) => from && to && want({ range: "", from, to })}
        />
        <Button aria-label={text.after} title={`${text.after} ]`} onClick={() => turn(1)}>›</Button>
        <span className="grow" />
        <Segmented value={wanted.chart} onChange={(chart) => want({ chart: chart as Wanted["chart"] })} data-testid="chart-kind"
          options={[{ value: "course", label: text.course }, { value: "hours", label: text.hours }]} />
      </div>
      <div className="reports-bar">
        <label>{text.by}
          <Select value={wanted.by} style={{ width: 112 }} onChange={(by) => want({ by })} data-testid="by"
            options={BYS.filter((by) => leads || (by !== "agent" && by !== "outcome")).map((value) => ({ value, label: text.bys[value] }))} />
        </label>
        <label>{text.interval}
          <Select value={wanted.interval} style={{ width: 104 }} onChange={(interval) => want({ interval })} data-testid="interval"
            options={fitting(lengthOf(wanted.from, wanted.to)).map((value) => ({ value, label: text.intervals[value] }))} />
        </label>
        <Select allowClear placeholder={text.queue} aria-label={text.queue} value={wanted.queue || null} style={{ width: 140 }} onChange={(queue) => want({ queue: queue ?? "" })}
          options={titles.queues.map((one) => ({ value: one.name ?? "", label: titles.queue(one.name ?? null) }))} />
        <Select allowClear placeholder={text.hotline} aria-label={text.hotline} value={wanted.hotline || null} style={{ width: 170 }} onChange={(hotline) => want({ hotline: hotline ?? "" })}
          options={hotlines.map((one) => ({ value: one.number ?? "", label: titled(one) }))} />
        {wanted.by === "agent" && (
          <Select allowClear showSearch optionFilterProp="label" placeholder={text.agent} aria-label={text.agent} value={wanted.agent || null} style={{ width: 150 }}
            onChange={(agent) => want({ agent: agent ?? "" })} options={people.map((one) => ({ value: one.id, label: `${one.name} ${one.extension}` }))} />
        )}
        <span className="grow" />
        {wanted.by === "queue" && <span className="reports-quiet">{text.stays}</span>}
      </div>
      <Figures told={told} trouble={trouble} busy={busy} again={again} definitions={definitions} language={language} text={text} mayLook={leads} />
      {words}
    </div>
  );
}

function Words({ definitions, language }: { definitions: Definitions; language: Language }) {
  const text = TEXT[language];
  const english = language === "en";
  return (
    <div className="reports-words">
      {definitions.rules.map((one) => <p key={one.title}><b>{english ? one.title_en : one.title}</b>　{english ? one.means_en : one.means}</p>)}
      {([[text.bys.queue, definitions.service], [text.bys.agent, definitions.agents], [text.bys.outcome, definitions.outcomes], [text.department, definitions.departments]] as const).map(([head, group]) => (
        <section key={head}>
          <h4>{head}</h4>
          <dl>{group.map((one) => <div key={one.code}><dt>{english ? one.title_en : one.title}</dt><dd>{english ? one.means_en : one.means}</dd></div>)}</dl>
        </section>
      ))}
    </div>
  );
}
