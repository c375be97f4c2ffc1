/** How much time is left, or how late it is. */
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { nextDue, span, type CaseLine } from "./model";
import type { Text } from "./text";

export function Due({ of, now, language, text }: { of: CaseLine; now: number; language: Language; text: Text }) {
  const due = nextDue(of);
  if (!due) return <span className="contact-quiet">{of.waiting_since ? text.paused : "—"}</span>;
  const left = Date.parse(due.at) - now;
  return (
    <span className={left <= 0 ? "case-late" : left < 3_600_000 ? "case-soon" : ""} title={site(due.at).format("YYYY-MM-DD HH:mm")}>
      {(left > 0 ? text.left : text.late)[due.what](span(left, language))}
    </span>
  );
}
