/** One's own roster: a few lines on the desk, and all of it in a drawer. */
import { Badge, Button, Progress, Tooltip } from "antd";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { asked, current, dayWord, usedNow, type Mine as Told } from "./ownRoster";
import { MINE } from "./mineText";

const ASK_EVERY_MS = 60_000;
/** Loaded when it is opened first: the desk itself must be there at once. */
const MineDrawer = lazy(() => import("./MineDrawer"));

interface Props {
  language: Language;
  /** Of the service's clock, in ms; moves every second. */
  now: number;
  state: string;
  /** Why the agent is on a break; null: is not. */
  onBreak: string | null;
  open: boolean;
  setOpen: (open: boolean) => void;
}

export function Mine({ language, now, state, onBreak, open, setOpen }: Props) {
  const text = MINE[language];
  const [told, setTold] = useState<Told>();
  const [failed, setFailed] = useState(false);
  const again = useCallback(() => {
    ask<Told>("GET", "/roster/mine").then(
      (found) => {
        setTold(found);
        setFailed(false);
      },
      () => setFailed(true),
    );
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of state changes what was used of a break
  useEffect(() => {
    again();
    const timer = setInterval(again, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [again, state]);
  // Opened, it is as fresh as can be.
  useEffect(() => {
    if (open) again();
  }, [open, again]);

  const title = (code: string) => {
    const shift = told?.shifts.find((one) => one.code === code);
    return (language === "en" && shift?.title_en) || shift?.title || code;
  };
  const here = told ? current(told.mine, now) : null;
  const from = here ? site(here.shift.begins) : null;
  const when = from && told ? dayWord(from.format("YYYY-MM-DD"), told.today, text) : "";
  const minutes = (seconds: number) => Math.floor(seconds / 60);
  return (
    <>
      <div className="agent-head">
        <h4>{text.title}</h4>
        <Tooltip placement="bottom" mouseEnterDelay={0.6} title={text.openHint}>
          <Badge dot={told !== undefined && asked(told.swaps).length > 0} offset={[-2, 4]}>
            <Button type="link" size="small" onClick={() => setOpen(true)} data-testid="my-roster">{text.open}</Button>
          </Badge>
        </Tooltip>
      </div>
      <div className="agent-mine" data-testid="my-shift">
        {failed && !told && <span>{text.failed}</span>}
        {told && !here && <span>{text.none}</span>}
        {told && here && from && (
          <>
            <span>
              {here.runs ? "" : `${text.next} `}<b>{title(here.shift.shift)}</b>{here.shift.on_call ? ` · ${text.onCall}` : ""}
            </span>
            <span className="agent-number">
              {here.runs
                ? text.until(site(here.shift.ends).format("HH:mm"), hours(Date.parse(here.shift.ends) - now))
                : `${when} ${from.format("HH:mm")}–${site(here.shift.ends).format("HH:mm")}`}
            </span>
          </>
        )}
        {told?.adherence && told.adherence.adherence !== null && (
          <>
            <span title={text.adherenceHint}>{text.adherence}</span>
            <span className="agent-number" data-testid="my-adherence">
              {`${Math.round(told.adherence.adherence * 100)} %`}
              {told.adherence.late_s >= 60 ? ` · ${text.late(minutes(told.adherence.late_s))}` : ""}
            </span>
          </>
        )}
        {told?.breaks.filter((one) => one.used_s > 0 || one.code === onBreak).map((one) => {
          const used = usedNow(one, told.now, now, onBreak);
          const over = one.allowance_s !== null && used > one.allowance_s;
          return (
            <div key={one.code} className={over ? "agent-over agent-use" : "agent-use"} data-testid={`used-${one.code}`}>
              <span>{language === "en" ? one.title_en || one.title : one.title}</span>
              <span className="agent-number">{text.minutes(minutes(used), one.allowance_s === null ? null : minutes(one.allowance_s))}</span>
              {one.allowance_s !== null && (
                <Progress percent={Math.min(100, (used / one.allowance_s) * 100)} size="small" showInfo={false} strokeColor={over ? "#dc2626" : "#9ca3af"} />
              )}
            </div>
          );
        })}
      </div>
      {open && (
        <Suspense fallback={null}>
          <MineDrawer told={told} failed={failed} language={language} now={now} title={title} close={() => setOpen(false)} again={again} />
        </Suspense>
      )}
    </>
  );
}

/** Hours and minutes, as 3:07. */
function hours(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
