/** A list that comes page by page, and what it is filtered by. */
import { useCallback, useEffect, useRef, useState } from "react";

export interface Page<Row> { rows: Row[]; next: string | null }

export interface Pages<Row, Wanted> {
  /** Undefined until the first page is there. */
  rows: Row[] | undefined;
  setRows: (change: (last: Row[] | undefined) => Row[] | undefined) => void;
  wanted: Wanted;
  /** Change the filter; a number that is being typed waits for `search`. */
  change: (part: Partial<Wanted>) => void;
  search: () => void;
  /** Undefined at the end of the list. */
  more: (() => void) | undefined;
  /** The first page again, without a sign of it; nothing when more pages are on the screen, which would vanish. */
  refresh: () => void;
  busy: boolean;
  /** Why the last question failed; undefined: it did not. */
  trouble: unknown;
}

export function usePages<Row, Wanted extends object>(
  fetchPage: (wanted: Wanted, cursor: string | null) => Promise<Page<Row>>,
  first: () => Wanted,
): Pages<Row, Wanted> {
  const [wanted, setWanted] = useState(first);
  const [rows, setRows] = useState<Row[]>();
  const [next, setNext] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>();
  const newest = useRef(0);
  const deep = useRef(false);
  const load = useCallback(
    async (asked: Wanted, cursor: string | null, quiet = false) => {
      const turn = ++newest.current;
      if (!quiet) setBusy(true);
      try {
        const page = await fetchPage(asked, cursor);
        if (turn !== newest.current) return; // somebody asked for something else meanwhile
        deep.current = cursor !== null;
        setRows((last) => (cursor ? [...(last ?? []), ...page.rows] : page.rows));
        setNext(page.next);
        setTrouble(undefined);
      } catch (error) {
        if (turn === newest.current) setTrouble(error);
      } finally {
        if (turn === newest.current) setBusy(false);
      }
    },
    [fetchPage],
  );
  // eslint-disable-next-line react-hooks/exhaustive-deps -- only once: later loads are asked for by name
  useEffect(() => void load(wanted, null), [load]);
  return {
    rows, setRows, wanted, busy, trouble,
    change: (part) => {
      const asked = { ...wanted, ...part };
      setWanted(asked);
      if (!("number" in part)) void load(asked, null);
    },
    search: () => void load(wanted, null),
    more: next === null ? undefined : () => void load(wanted, next),
    refresh: () => {
      if (!deep.current && !busy) void load(wanted, null, true);
    },
  };
}
