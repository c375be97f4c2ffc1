/** Days, picked on a calendar or typed, as `2026-11-30`.
 *
 *  A picker forgets what was typed or half picked as soon as its value is another object, and a page that shows live data
 *  is drawn anew each second: the same day must stay the same object. */
import { DatePicker, type DatePickerProps } from "antd";
import type { RangePickerProps } from "antd/es/date-picker";
import dayjs, { type Dayjs } from "dayjs";
import { useMemo, useRef } from "react";

type Day = string | null;
/** How it looks, and the first and the last day that may be chosen. */
type Look = Pick<DatePickerProps, "allowClear" | "aria-label" | "placement" | "size" | "style"> & { min?: string; max?: string };

const DAY = "YYYY-MM-DD";
/** The first is how it is shown. None is whole before its last letter: with `YYYY-M-D`, 2026-11-1 became 2026-11-01 under the hand. */
const TYPED = [DAY, "YYYY/MM/DD", "YYYYMMDD"];

const said = (day: Dayjs | null | undefined): Day => day?.format(DAY) ?? null;
const useDay = (day: Day | undefined): Dayjs | null => useMemo(() => (day ? dayjs(day) : null), [day]);

function useBounds(min: string | undefined, max: string | undefined): { minDate?: Dayjs; maxDate?: Dayjs } {
  const minDate = useDay(min);
  const maxDate = useDay(max);
  return { ...(minDate && { minDate }), ...(maxDate && { maxDate }) };
}

export function DayPicker({ value, onChange, min, max, ...look }: Look & { placeholder?: string; value: Day; onChange: (day: Day) => void }) {
  // Enter says it, and the closing says it again while the first is on its way.
  const told = useRef<Day>(value);
  const tell = (day: Day) => {
    if (day === told.current) return;
    told.current = day;
    onChange(day);
  };
  return (
    <DatePicker
      {...look} {...useBounds(min, max)} format={TYPED} value={useDay(value)} onChange={(day) => tell(said(day))}
      onFocus={() => {
        told.current = value;
      }}
    />
  );
}

interface Stretch extends Pick<RangePickerProps, "allowEmpty" | "id" | "presets"> {
  from: Day;
  to: Day;
  onChange: (from: Day, to: Day) => void;
}

export function DaysPicker({ from, to, onChange, min, max, ...look }: Look & Stretch) {
  const first = useDay(from);
  const last = useDay(to);
  const value = useMemo((): [Dayjs | null, Dayjs | null] => [first, last], [first, last]);
  return (
    <DatePicker.RangePicker
      {...look} {...useBounds(min, max)} format={TYPED} value={value} onChange={(days) => onChange(said(days?.[0]), said(days?.[1]))}
    />
  );
}
