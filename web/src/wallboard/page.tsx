/** The room's wall: what everybody must see from their seat. Every figure has its place and never moves. */
import { useEffect, useReducer, useState, type CSSProperties } from "react";
import { clock } from "../agent/model";
import { since, useNow } from "../agent/useNow";
import { useSession, type Language } from "../shared/session";
import { LiveSocket } from "../shared/socket";
import { setZone, site } from "../shared/time";
import { tokenOfAddress } from "../shared/token";
import { NONE, percent, reduce, STATES, tone, type Frame } from "./model";
import "./wallboard.css";

const SIGNED_OUT = 4003;
const CONNECT_TARGET = 0.9;

const TEXT = {
  "zh-CN": {
    waiting: "等候", longest: "最长等候", level: "服务水平", connect: "接通率", lines: "线路", peak: "今日峰值", queue: "队列", free: "空闲 / 在岗", within: (s: number) => `${s} 秒`,
    states: { ready: "空闲", ringing: "振铃", talking: "通话", wrap_up: "话后", break: "小休", away: "未应答" } as Record<string, string>,
    lost: "连接已断开，正在重连；显示的是断开前的状态", out: "此大屏的令牌已失效，请联系运维", noFigures: "今日指标暂停更新", abandoned: "放弃", other: "English", today: "今日",
  },
  en: {
    waiting: "Waiting", longest: "Longest wait", level: "Service level", connect: "Connect rate", lines: "Lines", peak: "today's peak", queue: "Queue", free: "Ready / in", within: (s: number) => `${s} s`,
    states: { ready: "Ready", ringing: "Ringing", talking: "Talking", wrap_up: "Wrap-up", break: "Break", away: "No answer" } as Record<string, string>,
    lost: "The connection is lost and comes back by itself; this is the state before", out: "This screen's token is no longer valid: ask operations", noFigures: "Today's figures wait", abandoned: "Abandoned", other: "中文", today: "Today",
  },
} satisfies Record<Language, unknown>;

export default function Page() {
  const { language, setLanguage } = useSession();
  const text = TEXT[language];
  const [wall, happen] = useReducer(reduce, NONE);
  const [token] = useState(tokenOfAddress);
  useEffect(() => {
    const socket = new LiveSocket<Frame>("/ws/wall", {
      opened: () => undefined,
      frame: (frame) => {
        if (frame.zone) setZone(frame.zone);
        happen({ frame, now: Date.now() });
      },
      line: (line) => happen({ line }),
      closed: (code) => {
        if (code === SIGNED_OUT && !token) location.reload();
        if (code === SIGNED_OUT) happen({ line: "out" });
        return code === SIGNED_OUT;
      },
    }, token);
    return () => socket.end();
  }, [token]);
  const now = useNow(wall.ahead_ms);
  const told = wall.frame;
  const all = told?.today.all;
  const waiting = told?.queues.reduce((sum, queue) => sum + queue.waiting, 0) ?? 0;
  const longest = Math.max(0, ...(told?.queues ?? []).map((queue) => since(now, queue.since)));
  const late = told?.queues.some((queue) => queue.since && since(now, queue.since) > queue.service_level_s) ?? false;
  const target = told?.today.target ?? 0.8;
  const full = told !== null && told.lines.in_use >= told.lines.max;
  const said = wall.line === "out" ? text.out : wall.line === "lost" ? text.lost : told && !told.today.available ? text.noFigures : "";
  return (
    <main className={`wall${wall.line === "live" ? "" : " wall-stale"}`} data-testid="wall" data-line={wall.line}>
      <section className="wall-tiles">
        <Tile id="waiting" title={text.waiting} value={told ? String(waiting) : "—"} note={`${text.longest} ${waiting ? clock(longest) : "—"}`} tone={late ? "late" : ""} />
        <Tile id="level" title={`${text.level} · ${text.today}`} {...share(all?.service_level)} note={`${Math.round(target * 100)}% / ${text.within(20)}`} tone={tone(all?.service_level, target)} />
        <Tile id="connect" title={`${text.connect} · ${text.today}`} {...share(all?.connect_rate)} note={`${text.abandoned} ${all?.abandoned ?? "—"} / ${all?.offered ?? "—"}`} tone={tone(all?.connect_rate, CONNECT_TARGET)} />
        <Tile id="lines" title={text.lines} value={String(told?.lines.in_use ?? "—")} unit={`/ ${told?.lines.max ?? "—"}`} note={`${text.peak} ${told?.lines.peak ?? "—"}`} tone={full ? "late" : ""} />
      </section>
      <section className="wall-queues" style={{ "--queues": told?.queues.length || 1 } as CSSProperties}>
        <table>
          <thead><tr><th>{text.queue}</th><th>{text.waiting}</th><th>{text.longest}</th><th>{text.free}</th><th>{text.level}</th></tr></thead>
          <tbody>
            {told?.queues.map((queue) => {
              const wait = since(now, queue.since);
              return (
                <tr key={queue.name} data-testid={`wall-${queue.name}`}>
                  <td>{language === "en" && queue.title_en ? queue.title_en : queue.title}</td>
                  <td className={queue.waiting ? "" : "wall-nil"}>{queue.waiting}</td>
                  <td className={queue.waiting && wait > queue.service_level_s ? "wall-late" : queue.waiting ? "" : "wall-nil"}>{queue.waiting ? clock(wait) : "—"}</td>
                  <td className={queue.on_duty ? "" : "wall-late"}>{queue.ready} / {queue.on_duty}</td>
                  <td className={`wall-${tone(told.today.queues[queue.name]?.service_level, target) || "nil"}`}>{percent(told.today.queues[queue.name]?.service_level)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <section className="wall-agents">
        {STATES.map((state) => (
          <div key={state} className={`wall-${state}`} data-testid={`wall-agents-${state}`}><b>{told?.agents[state] ?? "—"}</b><span>{text.states[state]}</span></div>
        ))}
      </section>
      <footer>
        <b role="status">{said}</b>
        <button type="button" onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>{text.other}</button>
        <time>{told ? site(now).format("HH:mm") : ""}</time>
      </footer>
    </main>
  );
}

/** "100 %" would be wider than its tile. */
const share = (value: number | null | undefined) => {
  const [, number = "—", unit = ""] = /^(\d+)(%)$/.exec(percent(value)) ?? [];
  return { value: number, unit };
};

function Tile({ id, title, value, unit, note, tone }: { id: string; title: string; value: string; unit?: string; note: string; tone: string }) {
  return (
    <div className={tone && `wall-${tone}`} data-testid={`wall-tile-${id}`}>
      <span>{title}</span>
      <b>{value}{unit && <i>{unit}</i>}</b>
      <small>{note}</small>
    </div>
  );
}
