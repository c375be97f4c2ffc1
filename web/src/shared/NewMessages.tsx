/** How many messages nobody has heard, beside the way to their page. */
import { Badge } from "antd";
import { useEffect, useState } from "react";
import { ask } from "./http";

const EVERY_MS = 30_000;

export function NewMessages() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const look = () => {
      if (document.hidden) return;
      ask<{ new: number }>("GET", "/messages/new").then((found) => setCount(found.new), () => undefined);
    };
    look();
    const timer = window.setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
    // Told a moment after the page asked for the sound, which is what marks a message as heard.
    const soon = () => window.setTimeout(look, 1000);
    window.addEventListener("messages-changed", soon);
    return () => {
      window.removeEventListener("messages-changed", soon);
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return <Badge count={count} size="small" overflowCount={99} offset={[4, -2]} data-testid="new-messages" />;
}
