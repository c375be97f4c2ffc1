/** The report that is asked for, what came before it, and when callers come. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ask } from "../shared/http";
import { dayStart } from "../shared/time";
import dayjs from "dayjs";
import { shifted, type Report, type Wanted } from "./model";

export interface Told {
  wanted: Wanted;
  report: Report;
  /** All callers of the range, and of the one before it. */
  now: Report;
  before: Report | null;
  grid: number[][] | null;
}

/** What the service is asked: the days as instants, and what narrows them. */
export function query(wanted: Wanted, more: Record<string, string> = {}): string {
  const given: Record<string, string> = {
    from: dayStart(wanted.from), to: dayStart(dayjs(wanted.to).add(1, "day").format("YYYY-MM-DD")), by: wanted.by, interval: wanted.interval, ...more,
  };
  for (const name of ["queue", "hotline", "trunk"] as const) if (wanted[name]) given[name] = wanted[name];
  if (wanted.agent && given.by === "agent") given.agent = wanted.agent;
  return new URLSearchParams(given).toString();
}

/** `shown` false: nothing is asked. */
export function useReport(wanted: Wanted, shown: boolean) {
  const [told, setTold] = useState<Told>();
  const [trouble, setTrouble] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const newest = useRef(0);
  const key = JSON.stringify(wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked for is in the key, and the turn asks again
  useEffect(() => {
    if (!shown) return;
    const mine = ++newest.current;
    setBusy(true);
    const whole = { by: "time", interval: "whole" };
    const [from, to] = shifted(wanted.from, wanted.to, -1);
    (async () => {
      const report = await ask<Report>("GET", `/reports/figures?${query(wanted)}`);
      const now = await ask<Report>("GET", `/reports/figures?${query(wanted, whole)}`);
      // What was before may be too far back to be told of: the report does without.
      const before = await ask<Report>("GET", `/reports/figures?${query({ ...wanted, from, to }, whole)}`).catch(() => null);
      const grid = wanted.chart === "hours" ? (await ask<{ grid: number[][] }>("GET", `/reports/arrivals?${query(wanted, whole)}`)).grid : null;
      return { wanted, report, now, before, grid };
    })().then(
      (found) => {
        if (mine !== newest.current) return;
        setTold(found);
        setTrouble(undefined);
        setBusy(false);
      },
      (error: unknown) => {
        if (mine !== newest.current) return;
        setTrouble(error);
        setBusy(false);
      },
    );
  }, [key, turn, shown]);
  return { told, trouble, busy, again: useCallback(() => setTurn((n) => n + 1), []) };
}
