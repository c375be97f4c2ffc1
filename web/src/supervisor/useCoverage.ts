/** Whether enough people are here now and come in the next hours, in one sentence; empty when all is well. */
import { useEffect, useState } from "react";
import { api } from "../roster/api";
import type { Live } from "../roster/model";
import { site } from "../shared/time";
import type { Text } from "./text";

const EVERY_MS = 30_000;

export function useCoverage(text: Text, queueTitle: (name: string) => string): string {
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const look = () => api.live().then(setLive, () => undefined);
    void look();
    const timer = window.setInterval(() => void look(), EVERY_MS);
    return () => window.clearInterval(timer);
  }, []);
  if (!live) return "";
  const said: string[] = [];
  if (live.present < live.needed) said.push(text.shortNow(live.needed, live.present));
  const soon = live.coming[0];
  if (soon) {
    const what = [soon.queue && queueTitle(soon.queue), soon.skill].filter(Boolean).join(" ");
    const more = live.coming.length > 1 ? text.shortMore(live.coming.length - 1) : "";
    said.push(text.shortOf(site(soon.begins).format("HH:mm"), site(soon.ends).format("HH:mm"), soon.need, soon.have, what) + more);
  }
  return said.join(text.between);
}
