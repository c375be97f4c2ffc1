/** A customer's numbers: each called, corrected or taken away where it stands, and a new one below them. */
import { Button, Input, Popconfirm } from "antd";
import { useState, type KeyboardEvent, type ReactNode } from "react";
import type { Phone } from "../agent/model";
import { national } from "../shared/number";
import { renumbered, type Fate } from "./model";
import type { Text } from "./text";
import { Typed } from "./Typed";

interface Props {
  phones: Phone[];
  keep: (phones: Phone[]) => Promise<Fate>;
  call: (number: string) => ReactNode;
  text: Text;
}

export function Numbers({ phones, keep, call, text }: Props) {
  const [fresh, setFresh] = useState<Phone>();
  const add = async () => {
    if (!fresh?.number.trim()) setFresh(undefined);
    else if ((await keep(renumbered(phones, phones.length, fresh))) === "kept") setFresh(undefined);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Enter") void add();
    else if (event.key === "Escape") setFresh(undefined);
  };
  return (
    <div className="customer-numbers" data-testid="customer-numbers">
      {phones.length === 0 && !fresh && <p className="contact-quiet">{text.noNumbers}</p>}
      {phones.map((one, at) => (
        <div key={one.number} data-testid="customer-number">
          <Typed value={national(one.number)} label={text.number} max={40} needed className="agent-number" testid="number" keep={(number) => keep(renumbered(phones, at, { ...one, number }))} />
          <Typed value={one.label} label={text.label} max={40} testid="number-label" keep={(label) => keep(renumbered(phones, at, { ...one, label }))} />
          {call(one.number)}
          <Popconfirm title={text.removeSure(national(one.number))} okText={text.remove} cancelText={text.cancel} onConfirm={() => keep(renumbered(phones, at, { number: "", label: "" })).then(() => undefined)} overlayStyle={{ maxWidth: 320 }}>
            <Button size="small" type="text" data-testid="number-remove">{text.remove}</Button>
          </Popconfirm>
        </div>
      ))}
      {fresh ? (
        <div>
          <Input size="small" autoFocus inputMode="tel" maxLength={40} placeholder={text.number} aria-label={text.number} value={fresh.number} onKeyDown={keys} onChange={(event) => setFresh({ ...fresh, number: event.target.value })} data-testid="new-number" />
          <Input size="small" maxLength={40} placeholder={text.label} aria-label={text.label} value={fresh.label} onKeyDown={keys} onChange={(event) => setFresh({ ...fresh, label: event.target.value })} />
          <Button size="small" type="primary" onClick={() => void add()} data-testid="number-keep">{text.save}</Button>
          <Button size="small" type="text" onClick={() => setFresh(undefined)}>{text.cancel}</Button>
        </div>
      ) : <Button size="small" onClick={() => setFresh({ number: "", label: "" })} data-testid="number-add">{text.add}</Button>}
    </div>
  );
}
