/** A promise to call the customer again: when, what for. It waits in line from that hour on and is dialled when permitted. */
import { Button, DatePicker, Input, Segmented } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { refusalWords } from "../shared/dial";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { site, wallClock } from "../shared/time";
import type { Pop } from "./model";
import type { Text } from "./text";

type Purpose = "callback" | "return_visit";

interface Props { contact: string; pop: Pop; note: string; language: Language; text: Text; close: () => void }

/** The next full quarter of an hour, at the site. */
const quarter = (at: Dayjs) => at.add(15 - (at.minute() % 15), "minute").startOf("minute");
/** At nine in so many days, at the site. */
const nine = (days: number) => site(Date.now()).add(days, "day").hour(9).minute(0).startOf("minute");

export default function Later({ contact, pop, note, language, text, close }: Props) {
  const [purpose, setPurpose] = useState<Purpose>("callback");
  const [at, setAt] = useState<Dayjs>(() => quarter(site(Date.now())));
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [kept, setKept] = useState("");
  const [trouble, setTrouble] = useState("");
  const keep = async () => {
    setBusy(true);
    setTrouble("");
    try {
      const made = await ask<{ due_at: string | null }>("POST", "/callbacks", {
        number: pop.callback?.number ?? pop.caller_number, queue: pop.queue, hotline: pop.hotline, earliest: at.toISOString(),
        purpose, note: (words.trim() || note.trim()).slice(0, 500), contact_id: contact,
      });
      setKept(text.laterKept(text.laterKinds[purpose], site(made.due_at ?? at.toISOString()).format("MM-DD HH:mm")));
    } catch (error) {
      setTrouble(refusalWords(error, language));
    } finally {
      setBusy(false);
    }
  };
  if (kept) return <p className="agent-later-kept" data-testid="later-kept">{kept}</p>;
  return (
    <div className="agent-later">
      <div className="agent-later-row">
        <Segmented size="small" value={purpose} onChange={(value) => {
          setPurpose(value);
          setAt(value === "return_visit" ? nine(30) : quarter(site(Date.now())));
        }} options={[{ value: "callback" as Purpose, label: text.laterKinds.callback }, { value: "return_visit" as Purpose, label: text.laterKinds.return_visit }]} />
        <DatePicker size="small" value={at} onChange={(picked) => picked && setAt(wallClock(picked))} allowClear={false} showNow={false}
          showTime={{ format: "HH:mm", minuteStep: 15 }} format="MM-DD HH:mm" minDate={dayjs().tz()} aria-label={text.laterAt} data-testid="later-at"
          presets={[
            { label: text.laterHours(2), value: quarter(site(Date.now()).add(2, "hour")) },
            { label: text.laterTomorrow, value: nine(1) },
            { label: text.laterDays(30), value: nine(30) },
          ]} />
      </div>
      <Input size="small" value={words} maxLength={500} placeholder={text.laterNote} aria-label={text.laterNote} onChange={(event) => setWords(event.target.value)} data-testid="later-note" />
      <div className="agent-later-row">
        <Button size="small" type="primary" loading={busy} onClick={() => void keep()} data-testid="later-keep">{text.laterKeep}</Button>
        <Button size="small" type="text" onClick={close}>{text.laterCancel}</Button>
        <span className="agent-quiet">{text.laterHint}</span>
      </div>
      {trouble && <p className="agent-later-trouble" data-testid="later-trouble">{trouble}</p>}
    </div>
  );
}
