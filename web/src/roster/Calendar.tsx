/** The calendar: a line for each agent, a column for each day; coverage above. Drag to move, click or keys to set. */
import { useMemo, useState, type DragEvent, type KeyboardEvent, type MouseEvent } from "react";
import { absenceOn, byCell, byDay, cellKey, hoursOf, weekday, type Absence, type Advice, type Assignment, type Board, type Coverage, type Live, type Scale } from "./model";
import { Strip } from "./Strip";
import { useBrief, useText, useTitle } from "./text";

export interface Cell {
  agent: string;
  day: string;
  x: number;
  y: number;
}

interface Props {
  board: Board;
  coverage: Coverage | undefined;
  advice: Advice | undefined;
  live: Live | undefined;
  days: readonly string[];
  scale: Scale;
  queueTitle: (name: string) => string;
  onCell: (cell: Cell) => void;
  /** Its hours are asked for. */
  onDay: (day: string) => void;
  onMove: (moved: Assignment, agent: string, day: string) => void;
  onSet: (agent: string, day: string, shift: string) => void;
  onClear: (agent: string, day: string) => void;
}

/** `2–8`, or `2`. */
function span(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${most}` : `${least}–${most}`;
}

export function Calendar({ board, coverage, advice, live, days, scale, queueTitle, onCell, onDay, onMove, onSet, onClear }: Props) {
  const text = useText();
  const title = useTitle();
  const brief = useBrief();
  const [over, setOver] = useState("");
  const cells = useMemo(() => byCell(board.assignments), [board.assignments]);
  const shifts = useMemo(() => new Map(board.shifts.map((one, n) => [one.code, { ...one, n }])), [board.shifts]);
  const given = useMemo(() => board.shifts.filter((one) => one.active), [board.shifts]);
  const swapping = useMemo(() => new Set(board.swaps.flatMap((one) => [one.assignment_id, one.other_assignment_id])), [board.swaps]);
  const tracks = useMemo(
    () =>
      coverage?.tracks.map((track) => {
        const slices = byDay(coverage, track, advice, board.zone);
        return { track, days: slices, top: Math.max(1, ...track.need, ...track.have, ...[...slices.values()].flatMap((one) => one.asked)) };
      }) ?? [],
    [coverage, advice, board.zone],
  );
  const standing = useMemo(() => new Map(live?.agents.map((one) => [one.agent_id, one]) ?? []), [live]);
  const wide = scale === "week";

  const classes = (day: string) => [weekday(day) >= 5 ? "weekend" : "", day === board.today ? "now" : ""].join(" ");
  const dropped = (event: DragEvent, agent: string, day: string) => {
    event.preventDefault();
    setOver("");
    const moved = board.assignments.find((one) => one.id === event.dataTransfer.getData("text/plain"));
    if (moved && (moved.account_id !== agent || moved.day !== day)) onMove(moved, agent, day);
  };
  const pressed = (event: KeyboardEvent, agent: string, day: string) => {
    const chosen = given[Number(event.key) - 1];
    if (chosen) onSet(agent, day, chosen.code);
    else if (event.key === "Delete" || event.key === "Backspace") onClear(agent, day);
    else {
      const table = event.currentTarget.closest("table");
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!step || !table) return;
      const row = board.people.findIndex((one) => one.agent_id === agent) + (step[0] ?? 0);
      const column = days.indexOf(day) + (step[1] ?? 0);
      table.querySelector<HTMLElement>(`[data-place="${row}-${column}"]`)?.focus();
    }
    event.preventDefault();
  };
  const opened = (event: MouseEvent<HTMLElement>, agent: string, day: string) => {
    const box = event.currentTarget.getBoundingClientRect();
    onCell({ agent, day, x: box.left, y: box.bottom });
  };
  const chip = (one: Assignment) => {
    const kind = shifts.get(one.shift);
    const name = title(kind, one.shift);
    const hours = kind ? `${kind.begins.slice(0, 5)}–${kind.ends.slice(0, 5)}` : "";
    return (
      <span
        key={one.id}
        className={`roster-shift kind${(kind?.n ?? 0) % 4} ${kind?.on_call ? "call" : ""} ${swapping.has(one.id) ? "swap" : ""}`}
        draggable
        onDragStart={(event) => {
          event.dataTransfer.setData("text/plain", one.id);
          event.dataTransfer.effectAllowed = "move";
        }}
        title={`${name} ${hours}`}
        data-shift={one.shift}
      >
        {wide ? name : brief(kind, one.shift)}
        {wide && <small>{hours}</small>}
      </span>
    );
  };
  const away = (one: Absence) => {
    const wish = one.kind.startsWith("wish");
    const name = text.kinds[one.kind] + (one.shift ? ` · ${title(shifts.get(one.shift), one.shift)}` : "");
    const asked = !wish && one.state === "requested";
    const said = wide ? `${name}${asked ? ` · ${text.asked}` : ""}` : text.shortKinds[one.kind];
    return <span className={`roster-leave ${asked ? "asked" : ""} ${wish ? "wish" : ""}`} title={one.note ? `${name}: ${one.note}` : name}>{said}</span>;
  };

  return (
    <div className={`roster-grid ${scale}`} data-testid="calendar">
      <table>
        <colgroup>
          <col className="name" />
          {days.map((day) => <col key={day} />)}
          <col className="sum" />
        </colgroup>
        <thead>
          <tr>
            <th className="name roster-quiet">{text.agents(board.people.length)}</th>
            {days.map((day) => (
              <th key={day} className={classes(day)}>
                {wide ? `${Number(day.slice(5, 7))}/${Number(day.slice(8))} ` : Number(day.slice(8))}
                {wide ? <span className="roster-quiet">{text.weekdays[weekday(day)]}</span> : <div className="roster-quiet">{text.weekdays[weekday(day)]}</div>}
              </th>
            ))}
            <th className="sum">{text.hours}</th>
          </tr>
        </thead>
        <tbody>
          {tracks.map(({ track, days: slices, top }) => {
            const what = [track.queue && queueTitle(track.queue), track.skill && `${track.skill} ≥ ${track.level}`].filter(Boolean).join(" · ");
            return (
              <tr key={`${track.queue}/${track.skill}/${track.level}`} className="cover" data-testid="cover">
                <th className="name roster-quiet" title={text.coverHint}>{what ? text.coverOf(what) : text.cover}</th>
                {days.map((day) => {
                  const slice = slices.get(day);
                  return (
                    <td key={day} className={classes(day)}>
                      {slice && (
                        <button type="button" className="roster-day" data-day={day} onClick={() => onDay(day)}>
                          <Strip slice={slice} top={top} title={`${day} ${text.onDuty} ${span(slice.have)} · ${text.minimumRow} ${span(slice.need)}${slice.asked.some(Boolean) ? ` · ${text.forecastRow} ${span(slice.asked)} (${text.callsRow} ${span(slice.calls)})` : ""}`} />
                        </button>
                      )}
                    </td>
                  );
                })}
                <td className="sum" />
              </tr>
            );
          })}
          {board.people.map((person, row) => {
            const mine = days.flatMap((day) => cells.get(cellKey(person.agent_id, day)) ?? []);
            const hours = mine.reduce((sum, one) => {
              const kind = shifts.get(one.shift);
              return sum + (kind && !kind.on_call ? hoursOf(kind) : 0);
            }, 0);
            const now = standing.get(person.agent_id);
            const told = now ? text.standings[now.standing] + (now.duty === "draining" ? ` · ${text.draining}` : "") : "";
            return (
              <tr key={person.agent_id} data-agent={person.name}>
                <th className="name">
                  <div className="person">
                    <i className={`roster-dot ${now?.standing ?? ""}`} title={told} />
                    <span>{person.name}</span>
                    <span className="roster-quiet">{person.extension}</span>
                    {now && (now.standing === "late" || now.standing === "overdue") && <span className="roster-mark">{told}</span>}
                    {now?.standing === "outside" && <span className="roster-mark outside">{told}</span>}
                  </div>
                </th>
                {days.map((day, column) => {
                  const key = cellKey(person.agent_id, day);
                  const shown = cells.get(key) ?? [];
                  const absence = absenceOn(board.absences, person.agent_id, day);
                  const said = shown.map((one) => title(shifts.get(one.shift), one.shift)).join(" ") || (absence ? text.kinds[absence.kind] : text.noShift);
                  return (
                    <td key={day} className={classes(day)}>
                      <button
                        type="button"
                        className={`roster-cell ${over === key ? "over" : ""}`}
                        data-cell={`${person.name} ${day}`}
                        data-place={`${row}-${column}`}
                        aria-label={`${person.name} ${day} ${said}`}
                        onClick={(event) => opened(event, person.agent_id, day)}
                        onKeyDown={(event) => event.key !== "Enter" && event.key !== " " && event.key !== "Tab" && !event.ctrlKey && !event.metaKey && pressed(event, person.agent_id, day)}
                        onDragOver={(event) => {
                          event.preventDefault();
                          if (over !== key) setOver(key);
                        }}
                        onDragLeave={() => setOver("")}
                        onDrop={(event) => dropped(event, person.agent_id, day)}
                      >
                        {shown.map(chip)}
                        {absence && (!shown.length || wide) && away(absence)}
                      </button>
                    </td>
                  );
                })}
                <td className="sum">{hours || ""}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
