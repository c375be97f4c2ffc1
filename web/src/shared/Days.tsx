/** Pickers of days, given as the site writes them (2026-11-30).
 *
 * A picker takes another object for another value, and forgets what is half typed or half picked. A page is drawn anew whenever
 * an answer comes or a figure moves, so the same day is the same object here until it is another day.
 */
import { DatePicker, type DatePickerProps } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { type ComponentProps, useMemo } from "react";

type OneProps = Omit<DatePickerProps<Dayjs>, "value" | "multiple">;
type TwoProps = Omit<ComponentProps<typeof DatePicker.RangePicker>, "value">;

const day = (given: string | null): Dayjs | null => (given ? dayjs(given) : null);

export function DayPicker({ value, ...rest }: OneProps & { value: string | null }) {
  const at = useMemo(() => day(value), [value]);
  return <DatePicker {...rest} value={at} />;
}

export function DaysPicker({ from, to, ...rest }: TwoProps & { from: string | null; to: string | null }) {
  const range = useMemo<[Dayjs | null, Dayjs | null]>(() => [day(from), day(to)], [from, to]);
  return <DatePicker.RangePicker {...rest} value={range} />;
}
