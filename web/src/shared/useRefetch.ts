/** Asks at once, then again and again while the page is looked at, and whenever one comes back to it. */
import { useEffect } from "react";

export function useRefetch(load: () => Promise<unknown>, everyMs: number): void {
  useEffect(() => {
    const again = () => {
      if (!document.hidden) void load();
    };
    again();
    const timer = window.setInterval(again, everyMs);
    window.addEventListener("focus", again);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("focus", again);
    };
  }, [load, everyMs]);
}
