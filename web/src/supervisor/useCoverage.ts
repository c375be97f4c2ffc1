/** Whether enough people are here now and come in the next hours, in one sentence (empty when all is well); and who goes home soon. */
import { useLive } from "../roster/useLive";
import { site } from "../shared/time";
import type { Text } from "./text";

/** From so long before its end on a shift's end is shown. */
const SOON_MS = 3_600_000;

interface Cover {
  said: string;
  /** Agent → when their shift ends, within the hour. */
  leaving: Record<string, string>;
}

export function useCoverage(text: Text, queueTitle: (name: string) => string): Cover {
  const live = useLive();
  if (!live) return { said: "", leaving: {} };
  const what = (one: { queue: string; skill: string }) => [one.queue && queueTitle(one.queue), one.skill].filter(Boolean).join(" ");
  const said = live.short.map((one) => text.shortNow(one.need, one.here, what(one)));
  const absent = live.agents.filter((one) => one.standing === "late").map((one) => one.name);
  if (absent.length) said.push(text.absent(absent));
  const soon = live.coming[0];
  if (soon) {
    const more = live.coming.length > 1 ? text.shortMore(live.coming.length - 1) : "";
    said.push(text.shortOf(site(soon.begins).format("HH:mm"), site(soon.ends).format("HH:mm"), soon.need, soon.have, what(soon)) + more);
  }
  const now = Date.parse(live.now);
  const leaving = live.agents.flatMap((one) => (one.ends && Date.parse(one.ends) - now < SOON_MS ? [[one.agent_id, site(one.ends).format("HH:mm")]] : []));
  return { said: said.join(text.between), leaving: Object.fromEntries(leaving) as Record<string, string> };
}
