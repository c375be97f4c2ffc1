/** The wallboard: what a glance must tell. Every figure has its place and never moves. */
import { clock } from "../agent/model";
import { since } from "../agent/useNow";
import { byTrunk, counts, percent, type Floor } from "./model";
import type { Text } from "./text";

const CONNECT_TARGET = 0.9;
const DEFAULT_LEVEL_S = 20;

function Tile({ id, title, value, unit, note, tone }: { id: string; title: string; value: string; unit?: string; note?: string; tone?: "good" | "late" | undefined }) {
  return (
    <div className={`board-tile${tone ? ` board-${tone}` : ""}`} data-testid={`board-${id}`}>
      <span>{title}</span>
      <b>{value}{unit && <i>{unit}</i>}</b>
      <small>{note}</small>
    </div>
  );
}

export function Head({ floor, now, text, trunkName }: { floor: Floor; now: number; text: Text; trunkName: (trunk: string) => string }) {
  const { lines, today } = floor;
  const real = floor.queues.filter((queue) => !queue.drill);
  const waiting = real.reduce((sum, queue) => sum + queue.waiting, 0);
  const longest = Math.max(0, ...real.map((queue) => since(now, queue.since)));
  const late = real.some((queue) => queue.since && since(now, queue.since) > queue.service_level_s);
  const all = today?.all ?? null;
  const level = today?.target ?? 0.8;
  const staff = floor.agents.filter((agent) => !agent.drill);
  const by = counts(staff);
  const full = lines !== null && lines.in_use >= lines.max;
  const byName = lines ? byTrunk(lines, trunkName).filter(([, used]) => used > 0).map(([trunk, used]) => `${trunk} ${used}`).join(" · ") : "";
  const reached = (share: number | null | undefined, target: number) =>
    share === null || share === undefined ? undefined : share >= target ? "good" : "late";
  return (
    <header className="board" aria-label={text.lines}>
      <div className={`board-tile board-lines${full ? " board-late" : ""}`} data-testid="board-lines">
        <span>{text.lines}</span>
        <b>{lines?.in_use ?? "—"}<i>/ {lines?.max ?? "—"}</i></b>
        <div className="board-bar"><div style={{ width: `${lines ? Math.min(100, (100 * lines.in_use) / lines.max) : 0}%` }} /></div>
        <small title={byName}>{full ? text.full : lines && text.peak(lines.peak)}{byName && ` · ${byName}`}</small>
      </div>
      <Tile id="waiting" title={text.waiting} value={String(waiting)} unit={text.people} tone={late ? "late" : undefined} />
      <Tile id="longest" title={text.longest} value={waiting ? clock(longest) : "—"} tone={late ? "late" : undefined} />
      <Tile id="level" title={text.serviceLevel} value={percent(all?.service_level)} note={text.within(level * 100, DEFAULT_LEVEL_S)} tone={reached(all?.service_level, level)} />
      <Tile id="connect" title={text.connect} value={percent(all?.connect_rate)} note={text.target(CONNECT_TARGET * 100)} tone={reached(all?.connect_rate, CONNECT_TARGET)} />
      <Tile id="answered" title={text.answered} value={String(all?.answered ?? "—")} note={all ? text.of(all.offered) : ""} />
      <Tile id="abandoned" title={text.abandoned} value={String(all?.abandoned ?? "—")} note={all ? text.short(all.short_abandoned) : ""} />
      <Tile id="asa" title={text.asa} value={all?.asa_s == null ? "—" : all.asa_s.toFixed(1)} unit={text.seconds} />
      <Tile id="duty" title={text.onDuty} value={String(by.ready + by.offered + by.talking + by.wrap_up)} unit={text.people} note={text.freeNow(by.ready)} />
    </header>
  );
}
