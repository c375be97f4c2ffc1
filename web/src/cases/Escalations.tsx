/** Who is told when cases stand still: for each kind, after how long, whom. */
import { Button, InputNumber, Select, Skeleton } from "antd";
import { useState } from "react";
import { useKnown } from "../shared/useKnown";
import type { Kind } from "./model";
import type { Text } from "./text";

export interface Step { trigger: "reply" | "resolve"; after_minutes: number; people: string[] }
interface Props { kinds: Kind[]; titleOf: (kind: string) => string; people: { value: string; label: string }[]; keeper: boolean; text: Text; save: (path: string, body: object) => Promise<void> }

export function Escalations({ kinds, titleOf, people, keeper, text, save }: Props) {
  const [found, load] = useKnown<{ kind: string; steps: Step[] }[]>("/escalations");
  // What could not be read is not “no steps”: it would be written over.
  if (!found) return <Skeleton active paragraph={{ rows: 2 }} />;
  const kept = Object.fromEntries(found.map((one) => [one.kind, one.steps]));
  return (
    <table data-testid="escalations">
      <thead><tr><th>{text.kind}</th><th>{text.steps}</th><th /></tr></thead>
      <tbody>
        {kinds.filter((one) => one.active || kept[one.code]).map((one) => (
          <KindSteps key={`${one.code} ${JSON.stringify(kept[one.code] ?? [])}`} title={titleOf(one.code)} first={kept[one.code] ?? []} people={people} keeper={keeper} text={text}
            save={(steps) => save(`/escalations/${one.code}`, { steps }).then(load)} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps { title: string; first: Step[]; people: Props["people"]; keeper: boolean; text: Text; save: (steps: Step[]) => Promise<void> }

function KindSteps({ title, first, people, keeper, text, save }: RowProps) {
  const [steps, setSteps] = useState(first);
  const change = (nth: number, part: Partial<Step>) => setSteps((had) => had.map((one, place) => (place === nth ? { ...one, ...part } : one)));
  const dirty = JSON.stringify(steps) !== JSON.stringify(first);
  return (
    <tr>
      <td className="case-kind">{title}</td>
      <td>
        {steps.length === 0 && <span className="contact-quiet">{text.noSteps}</span>}
        {steps.map((one, nth) => (
          <div key={nth} className="case-step">
            <Select size="small" disabled={!keeper} style={{ width: 142 }} aria-label={text.steps} value={one.trigger} onChange={(trigger) => change(nth, { trigger })}
              options={(["reply", "resolve"] as const).map((value) => ({ value, label: text.without[value] }))} />
            <InputNumber size="small" disabled={!keeper} style={{ width: 130 }} min={1} max={129_600} precision={0} addonAfter={text.minutes} aria-label={text.minutes} value={one.after_minutes} onChange={(after) => after && change(nth, { after_minutes: after })} />
            <Select size="small" mode="multiple" style={{ width: 400 }} disabled={!keeper} optionFilterProp="label" placeholder={text.tell} aria-label={text.tell} value={one.people} options={people} onChange={(chosen: string[]) => change(nth, { people: chosen })} />
            {keeper && <Button size="small" type="text" aria-label={text.removeStep} title={text.removeStep} onClick={() => setSteps((had) => had.filter((_, place) => place !== nth))}>×</Button>}
          </div>
        ))}
      </td>
      <td>
        {keeper && (
          <>
            <Button size="small" onClick={() => setSteps((had) => [...had, { trigger: "reply", after_minutes: (had.at(-1)?.after_minutes ?? 15) * 2, people: [] }])}>{text.addStep}</Button>{" "}
            <Button size="small" type="primary" ghost disabled={!dirty || steps.some((one) => one.people.length === 0)} onClick={() => void save(steps)}>{text.save}</Button>
          </>
        )}
      </td>
    </tr>
  );
}
