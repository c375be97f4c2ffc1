/** The present, once a second: the server's, so that a wrong clock on the desk shows no wrong times. */
import { useEffect, useState } from "react";

export function useNow(ahead_ms: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now + ahead_ms;
}

/** Whole seconds since an instant. */
export const since = (now: number, at: string | null | undefined): number => (at ? (now - Date.parse(at)) / 1000 : 0);
