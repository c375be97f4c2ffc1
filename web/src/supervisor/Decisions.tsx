/** Who got which call, newest first. While the pointer or the focus is on the list it stands still. */
import { Empty } from "antd";
import { useState } from "react";
import { clock } from "../agent/model";
import { site } from "../shared/time";
import type { Decision } from "./model";
import type { Text } from "./text";

export function Decisions({ decisions, text, queueTitle, why }: { decisions: Decision[]; text: Text; queueTitle: (name: string) => string; why: (decision: Decision) => void }) {
  const [held, setHeld] = useState<Decision[] | null>(null);
  const shown = held ?? decisions;
  return (
    <section className="desk-decisions">
      <h3>{text.decisions} {held && held !== decisions && <span className="desk-count">{text.paused}</span>}</h3>
      <div
        className="desk-scroll" onMouseEnter={() => setHeld(decisions)} onMouseLeave={() => setHeld(null)}
        onFocus={() => setHeld((last) => last ?? decisions)} onBlur={() => setHeld(null)}
      >
        {shown.length === 0 ? (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text.noDecisions} />
        ) : (
          <ul>
            {shown.map((one) => (
              <li key={one.offer_id}>
                <button type="button" data-testid="decision" onClick={() => why(one)} title={text.whyHint}>
                  <time>{site(one.at).format("HH:mm:ss")}</time>
                  <b>{one.agent_name || one.agent_id}</b>
                  <span>{text.waitedFor(clock(one.waited_s))}</span>
                  <small>{queueTitle(one.queue)} · {text.by[one.reason] ?? one.reason}</small>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
