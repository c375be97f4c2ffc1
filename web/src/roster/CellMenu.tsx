/** What can be done with one agent's day. */
import { useEffect, useRef } from "react";
import type { Cell } from "./Calendar";
import { absenceOn, type Board } from "./model";
import { useText, useTitle } from "./text";

interface Props {
  cell: Cell;
  board: Board;
  close: () => void;
  onSet: (shift: string) => void;
  onClear: () => void;
  onLeave: () => void;
  onPresent: (absence: string) => void;
}

export function CellMenu({ cell, board, close, onSet, onClear, onLeave, onPresent }: Props) {
  const text = useText();
  const title = useTitle();
  const menu = useRef<HTMLDivElement>(null);
  const shown = board.assignments.filter((one) => one.account_id === cell.agent && one.day === cell.day);
  const absence = absenceOn(board.absences, cell.agent, cell.day);
  const person = board.people.find((one) => one.agent_id === cell.agent);
  const done = (work: () => void) => () => {
    close();
    work();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each opening
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    menu.current?.querySelector("button")?.focus();
    const outside = (event: PointerEvent) => {
      if (!menu.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      before?.focus();
    };
  }, []);
  const height = 90 + 34 * (board.shifts.length + 1);
  return (
    <div
      ref={menu}
      className="roster-menu"
      role="menu"
      aria-label={`${person?.name ?? ""} ${cell.day}`}
      style={{ left: Math.min(cell.x, innerWidth - 230), top: Math.min(cell.y, innerHeight - height) }}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <div className="head" aria-hidden="true">{person?.name} · {cell.day}</div>
      {board.shifts.filter((one) => one.active).map((shift, n) => (
        <button type="button" key={shift.code} role="menuitem" data-set={shift.code} onClick={done(() => onSet(shift.code))}>
          <span className={`roster-shift kind${n % 4} ${shift.on_call ? "call" : ""}`}>{title(shift, shift.code)}</span>
          <span className="roster-quiet">{shift.begins.slice(0, 5)}–{shift.ends.slice(0, 5)}{shift.on_call ? ` · ${text.onCall}` : ""}</span>
          <kbd>{n + 1}</kbd>
        </button>
      ))}
      <hr />
      {shown.length > 0 && <button type="button" role="menuitem" data-set="" onClick={done(onClear)}>{text.clear}<kbd>Del</kbd></button>}
      {absence ? (
        <button type="button" role="menuitem" onClick={done(() => onPresent(absence.id))}>{text.clearLeave}</button>
      ) : (
        <button type="button" role="menuitem" onClick={done(onLeave)}>{text.leave}…</button>
      )}
    </div>
  );
}
