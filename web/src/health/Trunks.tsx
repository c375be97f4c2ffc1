/** Each trunk: whether it is there, how many lines are used, what it did today. */
import { Button } from "antd";
import { site } from "../shared/time";
import type { Language } from "../shared/session";
import { type Trunk } from "./model";
import { TEXT } from "./text";

interface Props {
  trunks: Trunk[];
  language: Language;
  mayAct: boolean;
  onOut: (trunk: Trunk) => void;
  onIn: (trunk: Trunk) => void;
  onReload: () => void;
}

export function Trunks({ trunks, language, mayAct, onOut, onIn, onReload }: Props) {
  const text = TEXT[language];
  const at = text.columns;
  return (
    <section>
      <header>
        <h2>{text.trunks}</h2>
        {mayAct && <Button size="small" onClick={onReload}>{text.reload}</Button>}
      </header>
      <table>
        <thead>
          <tr>
            <th>{at.name}</th><th>{at.state}</th><th className="n">{at.rtt}</th><th className="n">{at.lines}</th><th className="n">{at.limit}</th>
            <th className="n">{at.peak}</th><th className="n">{at.inbound}</th><th className="n">{at.outbound}</th><th className="n">{at.asr}</th>
            <th>{at.order}</th><th>{at.change}</th>{mayAct && <th />}
          </tr>
        </thead>
        <tbody>
          {trunks.map((trunk) => {
            const state = trunk.in_service ? trunk.state : "out";
            const used = trunk.in_use.inbound + trunk.in_use.outbound;
            return (
              <tr key={trunk.name} data-trunk={trunk.name}>
                <td>{language === "en" ? trunk.title_en : trunk.title} <small title={trunk.hosts.map((one) => one.host).join(", ")}>{trunk.name}</small></td>
                <td><span className="health-state" data-state={state}>{text.states[state]}</span> <small>{trunk.in_service || trunk.state === "down" ? text.reasons[trunk.reason] : ""}</small></td>
                <td className="n">{trunk.rtt_ms === null ? <small>{trunk.qualified ? "–" : text.notAsked}</small> : `${trunk.rtt_ms} ms`}</td>
                <td className="n" data-full={trunk.max_lines !== null && used >= trunk.max_lines}>{trunk.in_use.inbound} / {trunk.in_use.outbound}</td>
                <td className="n">{trunk.max_lines ?? <small>{text.noLimit}</small>}{trunk.reserve > 0 && <small> {text.reserved(trunk.reserve)}</small>}</td>
                <td className="n">{trunk.today?.peak ?? "–"}</td>
                <td className="n">{trunk.today?.inbound ?? "–"}</td>
                <td className="n">{trunk.today?.outbound ?? "–"}</td>
                <td className="n">{trunk.today?.asr == null ? "–" : `${Math.round(trunk.today.asr * 100)} %`}</td>
                <td><small>{trunk.outbound ? text.order(trunk.priority, trunk.cost, trunk.weight) : text.inboundOnly}</small></td>
                <td className="t">{site(trunk.since).format("MM-DD HH:mm:ss")}</td>
                {mayAct && (
                  <td className="a">
                    {trunk.in_service ? <Button size="small" type="text" onClick={() => onOut(trunk)}>{text.takeOut}</Button> : <Button size="small" onClick={() => onIn(trunk)}>{text.putBack}</Button>}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
