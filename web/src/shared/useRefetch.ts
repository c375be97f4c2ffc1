/**
 * Asks at once, then again and again while the page is looked at, and whenever one comes back to it. `also`: an
 * event of the window by which other parts of the page say that what was asked has changed.
 */
import { useEffect } from "react";

export function useRefetch(load: () => Promise<unknown>, everyMs: number, also?: string): void {
  useEffect(() => {
    const again = () => {
      if (!document.hidden) void load();
    };
    const events = also ? ["focus", also] : ["focus"];
    again();
    const timer = window.setInterval(again, everyMs);
    for (const name of events) window.addEventListener(name, again);
    return () => {
      window.clearInterval(timer);
      for (const name of events) window.removeEventListener(name, again);
    };
  }, [load, everyMs, also]);
}
