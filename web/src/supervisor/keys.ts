/** Arrow keys walk the rows of a table. */
import type { KeyboardEvent } from "react";

export function onRowKeys(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const row = (event.target as HTMLElement).closest<HTMLElement>("tr[tabindex]");
  if (!step || !row) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("tr[tabindex]")];
  const next = rows[rows.indexOf(row) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}
