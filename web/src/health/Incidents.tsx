/** What should not have been: open ones first, each with what was done about it. */
import { Button } from "antd";
import { site } from "../shared/time";
import type { Language } from "../shared/session";
import { said } from "./incidentText";
import { ago, type Incident } from "./model";
import { TEXT } from "./text";
import type { Told } from "./useHealth";

interface Props {
  told: Told["incidents"];
  language: Language;
  mayAct: boolean;
  openOnly: boolean;
  onOpenOnly: (only: boolean) => void;
  onTake: (incident: Incident) => void;
  onClose: (incident: Incident) => void;
}

export function Incidents({ told, language, mayAct, openOnly, onOpenOnly, onTake, onClose }: Props) {
  const text = TEXT[language];
  const fate = (one: Incident) => {
    if (one.resolved_at) return one.by_itself ? text.byItself : text.closedBy(one.resolved_by ?? "");
    return one.acknowledged_by ? text.by(one.acknowledged_by) : "";
  };
  return (
    <section>
      <header>
        <h2>{text.incidents} {told && <small>{text.open(told.open)}</small>}</h2>
        <Button size="small" type="text" onClick={() => onOpenOnly(!openOnly)}>{openOnly ? text.showClosed : text.hideClosed}</Button>
      </header>
      {!told && <p className="health-quiet">{text.figuresAway}</p>}
      {told && !told.incidents.length && <p className="health-quiet">{text.none}</p>}
      <ul className="health-incidents">
        {told?.incidents.map((one) => (
          <li key={one.id} data-open={!one.resolved_at} data-severity={one.severity} data-kind={one.kind}>
            <i />
            <time dateTime={one.at} title={site(one.at).format("YYYY-MM-DD HH:mm:ss")}>{site(one.at).format("MM-DD HH:mm:ss")}</time>
            <b>{language === "en" ? one.title_en : one.title}</b>
            <span className="told">
              {said(one, language)}
              {one.call_id && <> <a href={`/contacts/${one.call_id}`}>{text.call}</a></>}
              {one.note && <em> {one.note}</em>}
            </span>
            <small>
              {fate(one)} {one.resolved_at ? site(one.resolved_at).format("HH:mm:ss") : `${ago(one.at, Date.now(), language)}${language === "en" ? " " : ""}${text.ago}`}
            </small>
            {mayAct && !one.resolved_at && (
              <span className="acts">
                {!one.acknowledged_at && <Button size="small" onClick={() => onTake(one)}>{text.acknowledge}</Button>}
                <Button size="small" onClick={() => onClose(one)}>{text.resolve}</Button>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
