/** The calls about a case, with what was written, and their recordings for those who may hear them. */
import { Button } from "antd";
import { useState } from "react";
import type { Recording } from "../contacts/model";
import { Player } from "../contacts/Player";
import { TEXT as CONTACTS } from "../contacts/text";
import { ApiError, ask } from "../shared/http";
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { troubleWords } from "../shared/trouble";
import type { CaseCall } from "./model";
import type { Text } from "./text";

interface Props { calls: CaseCall[]; service: boolean; titleOf: (code: string) => string; language: Language; text: Text }

export function Calls({ calls, service, titleOf, language, text }: Props) {
  if (calls.length === 0) return <p className="contact-quiet">{text.noCalls}</p>;
  return (
    <ul className="case-calls" data-testid="case-calls">
      {calls.map((one) => {
        const when = site(one.started_at).format("MM-DD HH:mm");
        return (
          <li key={one.id}>
            <div className="case-call">
              {service ? <a className="agent-number" href={`/contacts/${one.id}`}>{when}</a> : <span className="agent-number">{when}</span>}
              <span>{one.direction === "outbound" ? text.outbound : text.inbound}</span>
              <span>{one.agent_name ?? (one.answered ? "—" : text.missed)}</span>
              {service && <Listen id={one.id} language={language} text={text} />}
            </div>
            {one.outcomes.map((outcome, nth) => (
              <p key={nth}><b>{titleOf(outcome.disposition)}</b> {outcome.note}</p>
            ))}
          </li>
        );
      })}
    </ul>
  );
}

/** The service judges who may hear it; a recording is asked for when somebody wants it, because that is in the audit. */
function Listen({ id, language, text }: { id: string; language: Language; text: Text }) {
  const [found, setFound] = useState<Recording[]>();
  const [said, setSaid] = useState("");
  const words = CONTACTS[language];
  const open = () => ask<Recording[]>("GET", `/contacts/${id}/recordings`).then(
    (all) => {
      setFound(all.filter((one) => one.status === "sealed"));
      setSaid(all.some((one) => one.status === "sealed") ? "" : text.noRecording);
    },
    (error: unknown) => setSaid(error instanceof ApiError && error.status === 403 ? text.ownCalls : troubleWords(error, language)),
  );
  if (said) return <span className="contact-quiet">{said}</span>;
  if (!found) return <Button size="small" type="link" onClick={() => void open()} data-testid="case-listen">{words.recording}</Button>;
  return <div className="case-player">{found.map((one) => <Player key={one.id} recording={one} language={language} />)}</div>;
}
