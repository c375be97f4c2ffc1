/** How many cases of mine and of my departments are late, beside the way to their page. */
import { Badge } from "antd";
import { useCallback, useState } from "react";
import { ask } from "./http";
import { useRefetch } from "./useRefetch";

const EVERY_MS = 30_000;

export function CaseBadge() {
  const [count, setCount] = useState(0);
  const look = useCallback(() => ask<{ overdue: number }>("GET", "/cases/counts").then((found) => setCount(found.overdue), () => undefined), []);
  useRefetch(look, EVERY_MS, "cases-changed");
  return <Badge count={count} size="small" overflowCount={99} offset={[4, -2]} data-testid="cases-late" />;
}
