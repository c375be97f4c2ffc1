/** What is typed about calls, kept in the browser until the service has it. */
import { useCallback, useState } from "react";
import type { Draft, Drafts } from "./model";

const MOST = 50;

function read(key: string): Drafts {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Drafts;
  } catch {
    return {};
  }
}

export function useDrafts(agent: string): {
  drafts: Drafts;
  keep: (contact: string, draft: Draft) => void;
  drop: (contact: string) => void;
} {
  const key = `callcenter.drafts.${agent}`;
  const [drafts, setDrafts] = useState<Drafts>(() => read(key));
  const write = useCallback(
    (change: (kept: Drafts) => Drafts) => {
      const next = Object.fromEntries(
        Object.entries(change(read(key))).sort(([, a], [, b]) => b.at.localeCompare(a.at)).slice(0, MOST),
      );
      localStorage.setItem(key, JSON.stringify(next));
      setDrafts(next);
    },
    [key],
  );
  const keep = useCallback((contact: string, draft: Draft) => write((kept) => ({ ...kept, [contact]: draft })), [write]);
  const drop = useCallback(
    (contact: string) => write((kept) => Object.fromEntries(Object.entries(kept).filter(([id]) => id !== contact))),
    [write],
  );
  return { drafts, keep, drop };
}
