/** One day's coverage: how many are on the roster against how many there must be. */
import { memo } from "react";
import type { DaySlice } from "./model";

const HEIGHT = 34;

export const Strip = memo(function Strip({ slice, top, title }: { slice: DaySlice; top: number; title: string }) {
  const quarters = slice.need.length;
  const y = (n: number) => HEIGHT - (Math.min(n, top) / top) * (HEIGHT - 2);
  return (
    <svg className="roster-strip" viewBox={`0 0 ${quarters} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={title} data-missing={slice.missing}>
      <title>{title}</title>
      <path className="have" d={area(slice.have, y)} />
      {runs(slice).map(([from, to, have, need]) => (
        <rect key={from} className="missing" x={from} width={to - from} y={y(need)} height={y(have) - y(need)} />
      ))}
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

/** Stretches of equal shortage: (from, to, have, need) in quarters. */
function runs({ need, have }: DaySlice): [number, number, number, number][] {
  const found: [number, number, number, number][] = [];
  need.forEach((wanted, n) => {
    const there = have[n] ?? 0;
    if (there >= wanted) return;
    const last = found.at(-1);
    if (last && last[1] === n && last[2] === there && last[3] === wanted) last[1] = n + 1;
    else found.push([n, n + 1, there, wanted]);
  });
  return found;
}
