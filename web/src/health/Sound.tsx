/** How the telephones of carriers and agents sounded today, the worst first. */
import { Button } from "antd";
import { useEffect, useState } from "react";
import { percent } from "../contacts/sound";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import type { Sounded, Trunk } from "./model";
import { TEXT } from "./text";

const EVERY_MS = 30_000;
const SHOWN = 8;
const score = (mos: number | null) => (mos === null ? "–" : mos.toFixed(1));

export function Sound({ trunks, language }: { trunks: Trunk[]; language: Language }) {
  const text = TEXT[language];
  const at = text.sound;
  const [sources, setSources] = useState<Sounded[]>();
  const [all, setAll] = useState(false);
  useEffect(() => {
    let timer = 0;
    let current = true;
    const look = async () => {
      const found = await ask<{ sources: Sounded[] }>("GET", "/sound").catch(() => undefined);
      if (!current) return;
      if (found) setSources(found.sources);
      timer = window.setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, []);
  const name = (one: Sounded): string => {
    if (one.trunk === "phone") return at.testPhone;
    const trunk = trunks.find((each) => each.name === one.trunk);
    if (one.trunk) return trunk ? (language === "en" ? trunk.title_en : trunk.title) : one.trunk;
    return one.agent_name ?? at.unknown;
  };
  const shown = all ? sources : sources?.slice(0, SHOWN);
  return (
    <section data-testid="sound">
      <header>
        <h2>{at.title} <small>{at.hint}</small></h2>
        {sources && sources.length > SHOWN && <Button size="small" type="text" onClick={() => setAll(!all)}>{all ? at.worst : at.all(sources.length)}</Button>}
      </header>
      {!sources && <p className="health-quiet">{at.unread}</p>}
      {sources?.length === 0 && <p className="health-quiet">{at.none}</p>}
      {shown !== undefined && shown.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>{at.source}</th><th className="n">{at.legs}</th><th className="n">{at.silent}</th><th className="n">{at.poor}</th>
              <th className="n">{at.from} · MOS</th><th className="n">{at.lost}</th><th className="n">{at.to} · MOS</th><th className="n">{at.lost}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.trunk || (one.agent_id ?? "")} data-source={one.trunk || one.agent_id}>
                <td>{name(one)} <small>{one.trunk ? text.columns.name : at.agent}</small></td>
                <td className="n">{one.legs}</td>
                <td className="n" data-full={one.silent > 0}>{one.silent}</td>
                <td className="n" data-full={one.poor > 0}>{one.poor}</td>
                <td className="n">{score(one.mos_from)}</td>
                <td className="n">{percent(one.lost_from)}</td>
                <td className="n">{score(one.mos_to)}</td>
                <td className="n">{one.lost_to === null ? "–" : percent(one.lost_to)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
