/** The roster: who works when, whether that is enough, planning, requests, sheets. */
import { Alert, App, Badge, Button, Dropdown, Empty, Popover, Segmented, Skeleton, Space } from "antd";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { Language } from "../shared/session";
import { api, toldBy, upload } from "./api";
import { Adherence } from "./Adherence";
import { Calendar, type Cell } from "./Calendar";
import { CellMenu } from "./CellMenu";
import { Hours } from "./Hours";
import { LeaveModal } from "./LeaveModal";
import { Legend } from "./Legend";
import { daysOf, plusDays, rangeOf, step, type Advice, type Assignment, type Board, type Coverage, type Live, type Scale, type Shortfall, type Thin } from "./model";
import { PlanModal } from "./PlanModal";
import { openAbsences, Requests } from "./Requests";
import { Rules } from "./Rules";
import { LanguageContext, useText } from "./text";
import { useLive } from "./useLive";
import { useQueues } from "./useQueues";
import "./roster.css";

const KEPT_SCALE = "callcenter.roster.scale";

export function RosterPage({ language }: { language: Language }) {
  return (
    <LanguageContext.Provider value={language}>
      <App style={{ height: "100%" }}><Roster /></App>
    </LanguageContext.Provider>
  );
}

function Roster() {
  const text = useText();
  const chinese = useContext(LanguageContext) === "zh-CN";
  const { message } = App.useApp();
  const [scale, setScale] = useState<Scale>(() => (localStorage.getItem(KEPT_SCALE) === "month" ? "month" : "week"));
  const [day, setDay] = useState(() => new URLSearchParams(location.search).get("day") ?? "");
  const [turn, setTurn] = useState(0);
  const [shown, setShown] = useState<{ board: Board; coverage: Coverage; first: string; last: string; scale: Scale }>();
  const [advice, setAdvice] = useState<Advice>();
  const [hours, setHours] = useState("");
  const live = useLive(turn);
  const { titled } = useQueues();
  const [error, setError] = useState("");
  const [cell, setCell] = useState<Cell>();
  const [open, setOpen] = useState<"" | "plan" | "requests" | "adherence" | "rules">("");
  const [leave, setLeave] = useState<{ agent: string; day: string }>();
  const picked = useRef<HTMLInputElement>(null);
  // Before the service has said what day it is at the site, the browser's own will do.
  const at = day || new Intl.DateTimeFormat("en-CA").format();
  const [first, last] = useMemo(() => rangeOf(at, scale), [at, scale]);

  const asked = useRef({ first, last, scale });
  asked.current = { first, last, scale };
  const newest = useRef(0);
  const kept = useRef<Board>(undefined);
  const load = useCallback(async () => {
    const { first, last, scale } = asked.current;
    const number = ++newest.current;
    try {
      const [board, coverage] = await Promise.all([api.board(first, last), api.coverage(first, last)]);
      if (number !== newest.current) return;
      kept.current = board;
      setError("");
      setShown({ board, coverage, first, last, scale });
      setDay((had) => had || board.today);
      // Advice may take longer than the law, and the page does without it.
      api.advice(first, last).then((told) => number === newest.current && setAdvice(told), () => number === newest.current && setAdvice(undefined));
    } catch (failed) {
      if (number === newest.current) setError(toldBy(failed, chinese));
    }
  }, [chinese]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other days are another question
  useEffect(() => void load(), [first, last, load]);
  const again = () => {
    setTurn((n) => n + 1);
    return load();
  };
  /** One after the other, each from what the last one left: keys come faster than answers. */
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const act = (work: (board: Board) => Promise<unknown>, said?: string): Promise<boolean> => {
    const mine = line.current.then(async () => {
      try {
        if (kept.current) await work(kept.current);
        if (said) void message.success(said);
        return true;
      } catch (failed) {
        void message.error(<span style={{ whiteSpace: "pre-line" }}>{text.refused}{toldBy(failed, chinese)}</span>, 6);
        return false;
      } finally {
        await again();
      }
    });
    line.current = mine;
    return mine;
  };
  const choose = (wanted: Scale) => {
    localStorage.setItem(KEPT_SCALE, wanted);
    setScale(wanted);
  };

  if (error && !shown) {
    return <Alert type="error" showIcon message={text.loadFailed} description={error} action={<Button onClick={() => void again()}>{text.retry}</Button>} style={{ margin: 24 }} />;
  }
  if (!shown) return <div style={{ padding: 24 }}><Skeleton active paragraph={{ rows: 10 }} /></div>;
  const { board, coverage } = shown;
  const set = (agent: string, on: string, shift: string) => {
    void act((now) => {
      const there = inCell(now, agent, on);
      const [only] = there;
      return only && there.length === 1 ? api.change(only.id, { shift }) : api.set(agent, on, shift);
    });
  };
  const clear = (agent: string, on: string) => void act((now) => Promise.all(inCell(now, agent, on).map((one) => api.clear(one.id))));
  const waiting = openAbsences(board).length + board.swaps.length;
  return (
    <div className="roster">
      <div className="roster-bar">
        <Segmented value={scale} onChange={choose} options={[{ value: "week" as Scale, label: text.week }, { value: "month" as Scale, label: text.month }]} />
        <Space.Compact>
          <Button aria-label={text.before} onClick={() => setDay(step(at, scale, -1))}>‹</Button>
          <Button onClick={() => setDay(board.today)}>{text.today}</Button>
          <Button aria-label={text.after} onClick={() => setDay(step(at, scale, 1))} data-testid="after">›</Button>
        </Space.Compact>
        <span className="roster-when" data-testid="when">{scale === "month" ? first.slice(0, 7) : `${first} – ${last.slice(5)}`}</span>
        <Popover trigger="click" content={text.keys}><Button type="text" size="small" aria-label={text.keysHow}>?</Button></Popover>
        <span className="grow" />
        <Badge count={waiting} size="small"><Button onClick={() => setOpen("requests")} data-testid="requests">{text.requests}</Button></Badge>
        <Button onClick={() => setLeave({ agent: "", day: at })}>{text.leave}</Button>
        <Button onClick={() => setOpen("adherence")} data-testid="open-adherence">{text.adherence}</Button>
        <Button onClick={() => setOpen("rules")} data-testid="open-rules">{text.rules}</Button>
        <Button onClick={() => picked.current?.click()}>{text.importSheet}</Button>
        <Dropdown.Button
          style={{ width: "auto" }} icon={<span role="img" aria-label={text.exportCsv}>⋯</span>}
          href={api.sheet("xlsx", first, last)}
          menu={{ items: [{ key: "csv", label: <a href={api.sheet("csv", first, last)}>{text.exportCsv}</a> }] }}
        >
          {text.exportXlsx}
        </Dropdown.Button>
        <Button type="primary" onClick={() => setOpen("plan")} data-testid="plan">{text.plan}</Button>
        <input
          ref={picked}
          type="file"
          accept=".csv,.xlsx"
          hidden
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) void act(async () => {
              const done = await upload(file);
              void message.success(text.imported(done.assignments, done.agents));
            });
          }}
        />
      </div>
      <Said shortfalls={coverage.shortfalls} thin={advice?.begins === coverage.begins ? advice.thin : []} live={live} zone={board.zone} titled={titled} />
      {board.people.length ? (
        <Calendar
          board={board}
          coverage={coverage}
          advice={advice}
          live={live}
          days={daysOf(shown.first, shown.last)}
          scale={shown.scale}
          queueTitle={titled}
          onCell={setCell}
          onDay={setHours}
          onMove={(moved, agent, on) => void act(() => api.change(moved.id, { account_id: agent, day: on }))}
          onSet={set}
          onClear={clear}
        />
      ) : (
        <Empty style={{ marginTop: 80 }} description={text.noPeople} />
      )}
      {board.people.length > 0 && <Legend shifts={board.shifts} scale={shown.scale} forecast={Boolean(advice?.tracks.length)} />}
      {hours && <Hours day={hours} coverage={coverage} advice={advice} zone={board.zone} queueTitle={titled} close={() => setHours("")} />}
      {cell && (
        <CellMenu
          cell={cell}
          board={board}
          close={() => setCell(undefined)}
          onSet={(shift) => set(cell.agent, cell.day, shift)}
          onClear={() => clear(cell.agent, cell.day)}
          onLeave={() => setLeave({ agent: cell.agent, day: cell.day })}
          onPresent={(id) => void act(() => api.present(id))}
        />
      )}
      {open === "requests" && <Requests board={board} close={() => setOpen("")} decide={(what, id, approve) => void act(() => api.decide(what, id, approve), text.decided)} />}
      {open === "adherence" && <Adherence today={board.today} close={() => setOpen("")} />}
      {open === "rules" && <Rules board={board} close={() => setOpen("")} changed={() => void again()} />}
      {open === "plan" && (
        <PlanModal
          first={first}
          last={last}
          today={board.today}
          next={board.assignments.some((one) => one.day === board.today) ? plusDays(board.today, 1) : board.today}
          close={() => setOpen("")}
          applied={(n) => {
            void message.success(text.planApplied(n));
            void again();
          }}
        />
      )}
      {leave && (
        <LeaveModal
          people={board.people}
          shifts={board.shifts}
          agent={leave.agent}
          day={leave.day}
          close={() => setLeave(undefined)}
          save={(agent, absent) => act(() => api.absent(agent, absent))}
        />
      )}
    </div>
  );
}

const inCell = (board: Board, agent: string, day: string): readonly Assignment[] =>
  board.assignments.filter((one) => one.account_id === agent && one.day === day);

/** Whether it is enough, in words: soon, and on this page. */
function Said({ shortfalls, thin, live, zone, titled }: { shortfalls: readonly Shortfall[]; thin: readonly Thin[]; live: Live | undefined; zone: string; titled: (queue: string) => string }) {
  const text = useText();
  const date = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "2-digit", day: "2-digit" });
  const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const from = (one: { begins: string }) => `${date.format(Date.parse(one.begins)).replace("/", "-")} ${clock.format(Date.parse(one.begins))}`;
  // The clock alone says when a night ends; of what lasts longer than a day the day is told too.
  const until = (one: { begins: string; ends: string }) => (Date.parse(one.ends) - Date.parse(one.begins) > 86_400_000 ? from({ begins: one.ends }) : clock.format(Date.parse(one.ends)));
  const tell = (one: Shortfall) =>
    text.stretch(
      from(one),
      until(one),
      one.need,
      one.have,
      [one.queue && titled(one.queue), one.skill].filter(Boolean).join(" "),
    );
  const all = (
    <ul className="roster-list" style={{ maxHeight: 360, overflow: "auto", paddingInlineEnd: 12 }}>
      {shortfalls.map((one) => <li key={`${one.begins}${one.queue}${one.skill}${one.need}`}>{tell(one)}</li>)}
    </ul>
  );
  const advised = (
    <ul className="roster-list" style={{ maxHeight: 360, overflow: "auto", paddingInlineEnd: 12 }}>
      {thin.map((one) => <li key={`${one.begins}${one.queue}`}>{text.thinStretch(from(one), until(one), text.sum(one.asked, one.on_calls), one.have, one.queue && titled(one.queue))}</li>)}
    </ul>
  );
  const soon = live?.coming ?? [];
  return (
    <div className={`roster-said ${soon.length ? "bad" : ""}`} data-testid="said" role="status">
      {soon.length > 0 && <span data-testid="soon"><b>{text.soon}</b>{text.colon}{soon.slice(0, 2).map(tell).join(text.between)}</span>}
      {shortfalls.length ? (
        <span>
          {text.shortDays(shortfalls.length)}{" "}
          <Popover trigger="click" placement="bottomLeft" content={all}><Button type="link" size="small" style={{ padding: 0 }}>{text.all}</Button></Popover>
        </span>
      ) : (
        <span>{text.full}</span>
      )}
      {thin.length > 0 && (
        <span className="roster-thin" data-testid="thin">
          {text.thinDays(thin.length)}{" "}
          <Popover trigger="click" placement="bottomLeft" content={advised}><Button type="link" size="small" style={{ padding: 0 }}>{text.all}</Button></Popover>
        </span>
      )}
      <span style={{ flex: 1 }} />
      {live && <span className="roster-quiet">{text.now(live.present, live.needed)}</span>}
    </div>
  );
}
