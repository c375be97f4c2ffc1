/** Why this caller waited, and why each agent got the call: for team leads, of any call ever kept. */
import { Alert } from "antd";
import { useEffect, useState } from "react";
import { ask } from "../shared/http";
import { Reasons, type Sentence } from "../shared/Reasons";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import type { Text } from "./text";

interface Decided { offer_id: string; at: string; reasons: Sentence[] }
interface Told { waited: Sentence[]; decided: Sentence[][] }

async function told(id: string): Promise<Told> {
  const [waited, { decisions }] = await Promise.all([
    ask<{ reasons: Sentence[] }>("GET", `/desk/calls/${id}/why`),
    ask<{ decisions: Decided[] }>("GET", `/desk/decisions?call_id=${id}&limit=20`),
  ]);
  const inTurn = [...decisions].reverse();
  return {
    waited: waited.reasons,
    decided: inTurn.map((one) => one.reasons.map((reason, place) => (place === 0 ? { ...reason, at: one.at } : reason))),
  };
}

/** ``over``: the call has ended, nothing more will be told. */
export function Routing({ id, over, language, text }: { id: string; over: boolean; language: Language; text: Text }) {
  const [found, setFound] = useState<Told>();
  const [failed, setFailed] = useState("");
  useEffect(() => {
    let gone = false;
    const look = () => void told(id).then(
      (now) => { if (!gone) { setFound(now); setFailed(""); } },
      (error: unknown) => { if (!gone) setFailed(troubleWords(error, language)); },
    );
    look();
    const timer = over ? undefined : window.setInterval(look, 3000);
    return () => { gone = true; window.clearInterval(timer); };
  }, [id, over, language]);
  if (failed) return <><h4>{text.routing}</h4><Alert type="warning" showIcon message={failed} /></>;
  if (!found || (found.waited.length === 0 && found.decided.length === 0)) return null;
  return (
    <div className="contact-two" data-testid="routing">
      <section>
        <h4>{text.whyWaited}</h4>
        <Reasons told={found.waited} language={language} />
      </section>
      <section>
        <h4>{text.whyAgent}</h4>
        {found.decided.map((one, place) => <Reasons key={one[0]?.at ?? place} told={one} language={language} />)}
      </section>
    </div>
  );
}
