/** The dial field: a number and the hotline they will see, by itself the one by which they last spoke with us; below it the
 *  last calls and what became of them. */
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { endWords } from "../shared/dial";
import { national } from "../shared/number";
import type { Language } from "../shared/session";
import { useKnown } from "../shared/useKnown";
import type { Dialled } from "./model";
import type { Text } from "./text";

interface Hotline { number: string; title: string; title_en: string }

const NONE: readonly Hotline[] = [];

interface Props {
  recent: Dialled[];
  disabled: boolean;
  language: Language;
  text: Text;
  call: (number: string, hotline: string) => Promise<boolean>;
}

export function Dial({ recent, disabled, language, text, call }: Props) {
  const [number, setNumber] = useState("");
  const [hotlines = NONE] = useKnown<readonly Hotline[]>("/hotlines");
  const [hotline, setHotline] = useState("");
  const [asking, setAsking] = useState(false);
  const first = hotlines[0]?.number ?? "";
  const go = async () => {
    if (!number.trim() || asking || disabled) return;
    setAsking(true);
    if (await call(number.trim(), hotline)) setNumber("");
    setAsking(false);
  };
  return (
    <>
      <h4>{text.dial}</h4>
      <div className="agent-dial">
        <Input value={number} inputMode="tel" maxLength={40} placeholder={text.dialNumber} aria-label={text.dialNumber} allowClear data-testid="dial-number"
          onChange={(event) => setNumber(event.target.value)} onPressEnter={() => void go()} />
        <Button type="primary" loading={asking} disabled={disabled || !number.trim()} onClick={() => void go()} data-testid="dial">{text.dialGo}</Button>
        <Select size="small" className="agent-wide" variant="borderless" value={hotline} aria-label={text.dialSeen} title={text.dialSeen} onChange={setHotline} data-testid="dial-hotline" popupMatchSelectWidth={false}
          options={[
            { value: "", label: text.dialAuto(first) },
            ...hotlines.map((one) => ({ value: one.number, label: `${text.dialAs} ${one.number} ${language === "en" ? one.title_en || one.title : one.title}` })),
          ]} />
      </div>
      <ul className="agent-dialled" data-testid="dialled">
        {recent.map((one) => (
          <li key={one.call_id}>
            <Button type="link" size="small" disabled={disabled} title={text.dialAgain} onClick={() => void call(one.number, hotline)}>{national(one.number)}</Button>
            <span>{one.reason === null ? text.dialUnder : one.reason === "completed" ? text.dialTalked : endWords(one.reason, language)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
