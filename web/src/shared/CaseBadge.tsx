/** How many cases of mine and of my departments are late, beside the way to their page. */
import { Badge } from "antd";
import { useEffect, useState } from "react";
import { ask } from "./http";

const EVERY_MS = 30_000;

export function CaseBadge() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const look = () => {
      if (document.hidden) return;
      ask<{ overdue: number }>("GET", "/cases/counts").then((found) => setCount(found.overdue), () => undefined);
    };
    look();
    const timer = window.setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("cases-changed", look);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("cases-changed", look);
    };
  }, []);
  return <Badge count={count} size="small" overflowCount={99} offset={[4, -2]} data-testid="cases-late" />;
}
