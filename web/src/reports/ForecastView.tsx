/** The next two weeks: callers expected, agents needed, and whether the roster has them. */
import { Alert, Button, Select, Skeleton, Table } from "antd";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTitles } from "../contacts/useTitles";
import { ApiError, ask } from "../shared/http";
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import { useNewest } from "../shared/useNewest";
import { BASE, Chart, QUIET, type Option } from "./Chart";
import { forecastDays, shown, when, type Forecast, type ForecastDay } from "./model";
import { ShrinkageLine } from "./ShrinkageLine";
import { TEXT } from "./text";

const dayOf = (at: string) => site(at).format("YYYY-MM-DD");

export function ForecastView({ language, queue, want }: { language: Language; queue: string; want: (queue: string) => void }) {
  const text = TEXT[language];
  const titles = useTitles(language);
  const [found, setFound] = useState<Forecast>();
  const [trouble, setTrouble] = useState<unknown>();
  const [chosen, choose] = useState("");
  const newest = useNewest();
  const load = useCallback(() => {
    const current = newest();
    ask<Forecast>("GET", `/reports/forecast${queue ? `?queue=${encodeURIComponent(queue)}` : ""}`).then((told) => {
      if (!current()) return;
      setFound(told);
      setTrouble(undefined);
    }, (error: unknown) => current() && setTrouble(error));
  }, [queue, newest]);
  useEffect(load, [load]);
  const days = useMemo(() => (found ? forecastDays(found.slots, dayOf) : []), [found]);
  const day = days.find((one) => one.day === chosen) ?? days[0];
  const drawing = useMemo<Option | undefined>(() => {
    if (!day) return undefined;
    const step = { type: "line", yAxisIndex: 1, step: "middle", symbol: "none" };
    return {
      ...BASE,
      legend: { top: 0, left: 96, itemWidth: 12, itemHeight: 10, textStyle: { color: "#4b5563" } },
      tooltip: { trigger: "axis", confine: true },
      xAxis: { type: "category", data: day.slots.map((slot) => site(slot.at).format("HH:mm")), ...QUIET, splitLine: { show: false } },
      yAxis: [
        { type: "value", name: text.callsUnit, nameTextStyle: { color: "#6b7280" }, ...QUIET },
        { type: "value", name: text.agentsUnit, nameTextStyle: { color: "#6b7280" }, minInterval: 1, ...QUIET, splitLine: { show: false } },
      ],
      series: [
        { name: text.expected, type: "bar", data: day.slots.map((slot) => Math.round(slot.calls * 10) / 10), itemStyle: { color: "#bfdbfe" }, barMaxWidth: 18 },
        { ...step, name: text.needed, data: day.slots.map((slot) => slot.agents), lineStyle: { color: "#f59e0b", width: 1.5 }, itemStyle: { color: "#f59e0b" } },
        { ...step, name: text.scheduled, data: day.slots.map((slot) => slot.scheduled), lineStyle: { color: "#dc2626", width: 2 }, itemStyle: { color: "#dc2626" } },
        { ...step, name: text.rostered, data: day.slots.map((slot) => slot.rostered), lineStyle: { color: "#15803d", width: 2 }, itemStyle: { color: "#15803d" } },
      ],
    };
  }, [day, text]);
  const filter = (
    <Select allowClear placeholder={text.queue} aria-label={text.queue} value={queue || null} style={{ width: 160 }} onChange={(picked) => want(picked ?? "")}
      options={titles.queues.map((one) => ({ value: one.name ?? "", label: titles.queue(one.name ?? null) }))} />
  );
  if (trouble !== undefined) {
    const little = trouble instanceof ApiError && trouble.details["reason"] === "too_little";
    return <><div className="reports-bar">{filter}</div><Alert type={little ? "info" : "error"} showIcon message={little ? text.tooLittle : troubleWords(trouble, language)} action={<Button onClick={load}>{text.retry}</Button>} /></>;
  }
  if (!found || !day || !drawing) return <Skeleton active paragraph={{ rows: 10 }} />;
  const hour = (one: ForecastDay) => `${site(one.busiest.at).format("HH:mm")} · ${Math.round(one.busiest.calls)}`;
  return (
    <div data-testid="forecast">
      <div className="reports-bar">
        {filter}
        <span className="reports-quiet">{text.forecastHint(found.weeks, shown(found.aht_s, "seconds"), Math.round(found.share * 100), found.within_s)}</span>
      </div>
      <ShrinkageLine found={found.shrinkage} language={language} changed={load} />
      <div className="reports-bar">
        <b>{when(site(day.slots[0]!.at), "day", language)}</b>
        <span className="grow" />
        {Math.round((found.trend - 1) * 100) !== 0 && <span className="reports-quiet">{text.trend(`${found.trend > 1 ? "+" : "−"}${Math.abs(Math.round((found.trend - 1) * 100))}%`)}</span>}
        {found.error !== null && <span className="reports-quiet">{text.error(shown(found.error, "share"))}</span>}
        <a href={`/roster?day=${day.day}`}>{text.roster}</a>
      </div>
      <Chart option={drawing} label={text.expected} height={260} />
      <Table<ForecastDay>
        size="small" pagination={false} rowKey="day" dataSource={days} className="reports-table" style={{ maxWidth: 1120 }}
        rowClassName={(one) => (one.day === day.day ? "reports-chosen" : "")}
        onRow={(one) => ({ onClick: () => choose(one.day), style: { cursor: "pointer" } })}
        columns={[
          { title: text.day, key: "day", width: 130, render: (_, one) => <button type="button" className="reports-pick" onClick={() => choose(one.day)}>{when(site(one.slots[0]!.at), "day", language)}</button> },
          { title: text.expected, dataIndex: "calls", align: "right", width: 110 },
          { title: text.busiest, key: "busiest", align: "right", width: 150, render: (_, one) => hour(one) },
          { title: text.needMost, key: "most", align: "right", width: 250, render: (_, one) => <>{one.most.scheduled > one.most.agents && <span className="reports-quiet">{text.sum(one.most.agents, one.most.scheduled - one.most.agents)} = </span>}{one.most.scheduled}</> },
          { title: text.neededHours, key: "hours", align: "right", width: 120, render: (_, one) => one.hours.toFixed(1) },
          { title: text.rosteredHours, key: "rostered", align: "right", width: 130, render: (_, one) => one.rostered.toFixed(1) },
          { title: text.gaps, key: "gaps", align: "right", render: (_, one) => <span className={one.gaps ? "reports-short" : "reports-quiet"}>{one.gaps ? text.gap(one.gaps) : text.noGaps}</span> },
        ]}
      />
    </div>
  );
}
