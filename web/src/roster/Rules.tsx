/** What the house asks for: the kinds of shifts, and how many must be there when. Supervisors change it, leads read it. */
import { Alert, Button, Checkbox, Drawer, Input, InputNumber, Select, TimePicker } from "antd";
import dayjs from "dayjs";
import { useContext, useMemo, useState } from "react";
import { useSession } from "../shared/session";
import { api, toldBy } from "./api";
import { type Board, changes, type Minimum, type Shift } from "./model";
import { LanguageContext, useText } from "./text";
import { useQueues } from "./useQueues";

interface Props {
  board: Board;
  close: () => void;
  changed: () => void;
}

const KEEPERS = ["supervisor", "admin"];
const CODE = /^[a-z0-9_-]{1,40}$/;

// Each time that can be read is taken as it is typed. onChange comes with the picker's closing, and Enter pressed in the frame in
// which it opens never closes it: the time stood in the field and was not saved. The same time is the same object: see shared/Days.
function Clock({ value, set, label, step = 5 }: { value: string; set: (value: string) => void; label: string; step?: 5 | 15 }) {
  const at = useMemo(() => (value ? dayjs(`2000-01-01T${value}`) : null), [value]);
  return (
    <TimePicker
      aria-label={label} format="HH:mm" minuteStep={step} needConfirm={false} allowClear={false} style={{ width: 92 }}
      value={at} onCalendarChange={(at) => dayjs.isDayjs(at) && set(at.format("HH:mm"))}
    />
  );
}

export function Rules({ board, close, changed }: Props) {
  const text = useText();
  const chinese = useContext(LanguageContext) === "zh-CN";
  const may = KEEPERS.includes(useSession().me?.role ?? "");
  const [shifts, setShifts] = useState<Shift[]>(() => board.shifts.filter((one) => one.active));
  const [minimums, setMinimums] = useState<Minimum[]>(board.minimums);
  const { queues, titled } = useQueues();
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const skills = [...new Set(board.people.flatMap((one) => Object.keys(one.skills)))].sort();
  const known = new Set(board.shifts.map((one) => one.code));
  const due = changes(board, shifts, minimums);
  const whole = shifts.every((one) => CODE.test(one.code) && one.title.trim() && one.begins && one.ends);
  const once = new Set(shifts.map((one) => one.code)).size === shifts.length;

  const save = async () => {
    setBusy(true);
    setFailed("");
    try {
      for (const one of due.put) await api.putShift(one);
      for (const code of due.retire) await api.retireShift(code);
      if (due.minimums) await api.putMinimums(minimums);
      changed();
      close();
    } catch (error) {
      setFailed(toldBy(error, chinese));
      changed();
    }
    setBusy(false);
  };
  // From what is there then, not from what was drawn: a time picker tells its hour a moment after the next field was filled.
  const shift = (n: number, change: Partial<Shift>) => setShifts((had) => had.map((one, i) => (i === n ? { ...one, ...change } : one)));
  const minimum = (n: number, change: Partial<Minimum>) => setMinimums((had) => had.map((one, i) => (i === n ? { ...one, ...change } : one)));
  return (
    <Drawer
      open title={text.rules} onClose={close} width={820}
      footer={may && (
        <div className="roster-foot">
          <Button onClick={close}>{text.cancel}</Button>
          <Button type="primary" loading={busy} disabled={!whole || !once || !due.any} onClick={() => void save()} data-testid="save-rules">{text.save}</Button>
        </div>
      )}
    >
      {failed && <Alert type="error" showIcon message={failed} style={{ whiteSpace: "pre-line", marginBottom: 12 }} />}
      {!may && <p className="roster-quiet">{text.rulesRead}</p>}
      <fieldset className="roster-rules" disabled={!may}>
        <h4>{text.shiftKinds}</h4>
        <p className="roster-quiet">{text.shiftKindsHint}</p>
        {shifts.map((one, n) => (
          <div key={known.has(one.code) ? one.code : `new-${n}`} className="roster-rule" data-kind={one.code}>
            <Input aria-label={text.code} placeholder={text.code} value={one.code} disabled={known.has(one.code)} status={one.code && !CODE.test(one.code) ? "error" : ""}
              onChange={(event) => shift(n, { code: event.target.value })} style={{ width: 96 }} title={text.codeHint} />
            <Input aria-label={text.titleZh} placeholder={text.titleZh} value={one.title} maxLength={40} onChange={(event) => shift(n, { title: event.target.value })} style={{ width: 110 }} />
            <Input aria-label={text.titleEn} placeholder={text.titleEn} value={one.title_en} maxLength={40} onChange={(event) => shift(n, { title_en: event.target.value })} style={{ width: 120 }} />
            <Clock label={text.begins} value={one.begins} set={(begins) => shift(n, { begins })} />–
            <Clock label={text.ends} value={one.ends} set={(ends) => shift(n, { ends })} />
            <span className="roster-next">{one.ends && one.ends < one.begins ? text.nextDay : ""}</span>
            <Checkbox checked={one.on_call} onChange={(event) => shift(n, { on_call: event.target.checked })}>{text.onCall}</Checkbox>
            {may && <Button type="text" size="small" aria-label={text.retire} title={text.retire} onClick={() => setShifts((had) => had.filter((_, i) => i !== n))}>✕</Button>}
          </div>
        ))}
        {may && <Button size="small" data-testid="add-shift" onClick={() => setShifts((had) => [...had, { code: "", title: "", title_en: "", begins: "", ends: "", on_call: false, active: true }])}>{text.addShift}</Button>}
        <h4>{text.minimums}</h4>
        <p className="roster-quiet">{text.minimumsHint}</p>
        {minimums.map((one, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no name of its own, and lines keep their order
          <div key={n} className="roster-rule" data-minimum={n}>
            <Clock label={text.begins} step={15} value={one.begins} set={(begins) => minimum(n, { begins })} />–
            <Clock label={text.ends} step={15} value={one.ends} set={(ends) => minimum(n, { ends })} />
            <span className="roster-next">{one.ends <= one.begins ? text.nextDay : ""}</span>
            <InputNumber aria-label={text.need} min={1} max={1000} precision={0} value={one.need} addonAfter={text.people} style={{ width: 110 }} onChange={(need) => need && minimum(n, { need })} />
            <Select aria-label={text.queue} value={one.queue} style={{ width: 150 }} onChange={(queue) => minimum(n, { queue })}
              options={[{ value: "", label: text.anyQueue }, ...[...new Set([...queues.map((each) => each.name), one.queue])].filter(Boolean).map((name) => ({ value: name, label: titled(name) }))]} />
            <Select aria-label={text.skill} value={one.skill} style={{ width: 120 }} onChange={(skill) => minimum(n, { skill, level: 1 })}
              options={[{ value: "", label: text.anySkill }, ...[...new Set([...skills, one.skill])].filter(Boolean).map((name) => ({ value: name, label: name }))]} />
            {one.skill && <InputNumber aria-label={text.level} prefix="≥" min={1} max={10} precision={0} value={one.level} style={{ width: 72 }} onChange={(level) => level && minimum(n, { level })} />}
            {may && <Button type="text" size="small" aria-label={text.remove} title={text.remove} onClick={() => setMinimums((had) => had.filter((_, i) => i !== n))}>✕</Button>}
          </div>
        ))}
        {may && <Button size="small" data-testid="add-minimum" onClick={() => setMinimums((had) => [...had, { begins: "08:00", ends: "20:00", need: 1, queue: "", skill: "", level: 1 }])}>{text.addMinimum}</Button>}
      </fieldset>
    </Drawer>
  );
}
