/** The three answers of the health page, asked again every few seconds; the last ones stay while the service is away. */
import { useCallback, useEffect, useState } from "react";
import { ask } from "../shared/http";
import type { Health, Incident, Trunk } from "./model";

const EVERY_MS = 2000;

export interface Told {
  health: Health;
  trunks: { figures: boolean; trunks: Trunk[] };
  /** null: the database is away. */
  incidents: { open: number; incidents: Incident[] } | null;
}

export function useHealth(openOnly: boolean): { told: Told | undefined; away: boolean; again: () => void } {
  const [told, setTold] = useState<Told>();
  const [away, setAway] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    let timer = 0;
    const look = async () => {
      try {
        const [health, trunks, incidents] = await Promise.all([
          ask<Health>("GET", "/health"),
          ask<Told["trunks"]>("GET", "/trunks"),
          ask<NonNullable<Told["incidents"]>>("GET", `/incidents?open_only=${openOnly}`).catch(() => null),
        ]);
        if (current) setTold((last) => ({ health, trunks, incidents: incidents ?? last?.incidents ?? null }));
        if (current) setAway(false);
      } catch {
        if (current) setAway(true);
      }
      if (current) timer = window.setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [openOnly, turn]);
  return { told, away, again: useCallback(() => setTurn((n) => n + 1), []) };
}
