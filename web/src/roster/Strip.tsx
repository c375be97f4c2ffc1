/** One day's coverage: how many are on the roster against how many there must be, and how many the forecast asks for. */
import { memo } from "react";
import { isThin, type DaySlice } from "./model";

const HEIGHT = 34;

export const Strip = memo(function Strip({ slice, top, title }: { slice: DaySlice; top: number; title: string }) {
  const quarters = slice.need.length;
  const y = (n: number) => HEIGHT - (Math.min(n, top) / top) * (HEIGHT - 2);
  return (
    <svg className="roster-strip" viewBox={`0 0 ${quarters} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={title} data-missing={slice.missing} data-thin={slice.thin}>
      <title>{title}</title>
      <path className="have" d={area(slice.have, y)} />
      {runs(slice.have, slice.asked, (have, asked, n) => isThin(have, slice.need[n] ?? 0, asked)).map(([from, to, have, asked]) => (
        <rect key={from} className="thin" x={from} width={to - from} y={y(asked)} height={y(have) - y(asked)} />
      ))}
      {runs(slice.have, slice.need, (have, need) => have < need).map(([from, to, have, need]) => (
        <rect key={from} className="missing" x={from} width={to - from} y={y(need)} height={y(have) - y(need)} />
      ))}
      {slice.asked.some(Boolean) && <path className="asked" d={line(slice.asked, y)} />}
      <path className="need" d={line(slice.need, y)} />
    </svg>
  );
});

function line(values: readonly number[], y: (n: number) => number): string {
  return values.map((value, n) => `${n ? "L" : "M"}${n} ${y(value)}L${n + 1} ${y(value)}`).join("");
}

function area(values: readonly number[], y: (n: number) => number): string {
  return `${line(values, y)}L${values.length} ${HEIGHT}L0 ${HEIGHT}Z`;
}

/** Stretches of equal shortage: (from, to, have, wanted), the first two in quarters. */
function runs(have: readonly number[], wanted: readonly number[], short: (have: number, wanted: number, n: number) => boolean): [number, number, number, number][] {
  const found: [number, number, number, number][] = [];
  wanted.forEach((most, n) => {
    const there = have[n] ?? 0;
    if (!short(there, most, n)) return;
    const last = found.at(-1);
    if (last && last[1] === n && last[2] === there && last[3] === most) last[1] = n + 1;
    else found.push([n, n + 1, there, most]);
  });
  return found;
}
