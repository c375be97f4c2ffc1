/** What the marks of the calendar mean. */
import type { Scale, Shift } from "./model";
import { useBrief, useText, useTitle } from "./text";

export function Legend({ shifts, scale, forecast }: { shifts: readonly Shift[]; scale: Scale; forecast: boolean }) {
  const text = useText();
  const title = useTitle();
  const brief = useBrief();
  return (
    <footer className="roster-legend">
      {shifts.map((one, n) => one.active && (
        <span key={one.code}>
          <i className={`roster-shift kind${n % 4} ${one.on_call ? "call" : ""}`}>{scale === "week" ? title(one, one.code) : brief(one, one.code)}</i>
          {scale === "month" && `${title(one, one.code)} `}{one.begins}–{one.ends}{one.on_call && ` · ${text.onCall}`}
        </span>
      ))}
      <span><i className="line" />{text.minimumRow}</span>
      {forecast && <span><i className="line asked" />{text.forecastRow}</span>}
      <span><i className="missing" />{text.short}</span>
      {forecast && <span><i className="thin" />{text.thin}</span>}
      <span><i className="roster-leave">{text.shortKinds.leave}</i>{text.kinds.leave}</span>
      <span><i className="roster-leave asked">{text.shortKinds.leave}</i>{text.asked}</span>
      <span><i className="roster-leave wish">{text.shortKinds.wish_shift}</i>{text.wish}</span>
      <span><i className="roster-shift swap"> </i>{text.swapping}</span>
    </footer>
  );
}
