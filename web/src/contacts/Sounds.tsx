/** How each telephone of a call sounded, in words first. */
import type { Language } from "../shared/session";
import { percent, SOUND, soundWords, verdictOf, type LegSound } from "./sound";

const figures = (mos: number | null, lost: number | null, jitter: number | null, text: (typeof SOUND)["en"]): string =>
  mos === null || lost === null ? text.untold : `${text.mos} ${mos.toFixed(1)} · ${text.lost} ${percent(lost)} · ${text.jitter} ${Math.round(jitter ?? 0)} ms`;

export function Sounds({ sounds, language }: { sounds: LegSound[]; language: Language }) {
  const text = SOUND[language];
  if (!sounds.length) return null;
  return (
    <>
      <h4 title={text.hint}>{text.title}</h4>
      <table className="contact-sounds" data-testid="sounds">
        <tbody>
          {sounds.map((one) => (
            <tr key={`${one.party} ${one.answered_at}`} data-party={one.party} data-sound={verdictOf(one) ?? ""}>
              <td>{one.agent_name ?? text.parties[one.party]}</td>
              <td><b>{soundWords(one, text)}</b></td>
              <td className="contact-quiet">{text.from}<span className="agent-number">{one.received ? figures(one.mos_from, one.lost_from, one.jitter_from_ms, text) : "—"}</span></td>
              <td className="contact-quiet">{text.to}<span className="agent-number">{figures(one.mos_to, one.lost_to, one.jitter_to_ms, text)}</span></td>
              <td className="contact-quiet">{one.rtt_ms !== null && <>{text.rtt}<span className="agent-number">{Math.round(one.rtt_ms)} ms</span></>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
