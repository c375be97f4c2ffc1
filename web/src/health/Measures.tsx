/** Parts, versions, and the measured values with their last two minutes. */
import type { Language } from "../shared/session";
import { ago, path, written, type Health } from "./model";
import { TEXT } from "./text";

const SHOWN = ["calls", "waiting", "loop_lag_s", "journal_lag_s", "ari_ms", "disk_free_share", "sockets"] as const;
/** The smallest full height of a curve: so that 2 ms do not look like a mountain. */
const FLOOR: Record<string, number> = { calls: 10, waiting: 10, loop_lag_s: 0.1, journal_lag_s: 1, ari_ms: 10 };
/** Without what a distribution adds: 22.10.1+dfsg… is 22.10.1; the whole stands in its hint. */
const brief = (version: string): string => version.split("+")[0] ?? version;
const WIDTH = 150;
const HEIGHT = 28;

export function Measures({ health, language }: { health: Health; language: Language }) {
  const text = TEXT[language];
  return (
    <section>
      <div className="health-parts">
        {Object.entries(health.parts).map(([name, told]) => (
          <span key={name} className="health-part" data-part={name} data-ready={told === "ready"}>
            <i /> {text.parts[name] ?? name} <span>{told === "ready" ? text.ready : told}</span>
          </span>
        ))}
        <span className="health-versions">
          {Object.entries(health.versions).filter(([, version]) => version).map(([name, version]) => (
            <span key={name} title={version}>{text.versions[name] ?? name} <b>{brief(version)}</b></span>
          ))}
          <span>{text.running} <b>{ago(health.started_at, Date.now(), language)}</b></span>
        </span>
      </div>
      <div className="health-measures">
        {SHOWN.map((name) => (
          <figure key={name} title={health.curves[name] ? text.lastMinutes : undefined}>
            <figcaption>{text.values[name]}</figcaption>
            <b>{written(name, health.values[name])}</b>
            {health.curves[name] && (
              <svg width={WIDTH} height={HEIGHT} viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} aria-hidden="true">
                <path d={path(health.curves[name] ?? [], WIDTH, HEIGHT, FLOOR[name] ?? 1)} />
              </svg>
            )}
          </figure>
        ))}
      </div>
    </section>
  );
}
