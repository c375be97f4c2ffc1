/** How many messages nobody has heard, beside the way to their page. */
import { Badge } from "antd";
import { useCallback, useEffect, useState } from "react";
import { ask } from "./http";
import { useRefetch } from "./useRefetch";

const EVERY_MS = 30_000;

export function NewMessages() {
  const [count, setCount] = useState(0);
  const look = useCallback(() => ask<{ new: number }>("GET", "/messages/new").then((found) => setCount(found.new), () => undefined), []);
  useRefetch(look, EVERY_MS);
  useEffect(() => {
    // Told a moment after the page asked for the sound, which is what marks a message as heard.
    const soon = () => window.setTimeout(() => void look(), 1000);
    window.addEventListener("messages-changed", soon);
    return () => window.removeEventListener("messages-changed", soon);
  }, [look]);
  return <Badge count={count} size="small" overflowCount={99} offset={[4, -2]} data-testid="new-messages" />;
}
