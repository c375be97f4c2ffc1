/** The drawings of a report. The library is loaded with this page alone, and only the parts that are used. */
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([BarChart, LineChart, HeatmapChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, AriaComponent, CanvasRenderer]);

export type Option = EChartsCoreOption;

/** What all drawings share: quiet lines, the pages' own letters. */
export const BASE = {
  animation: false,
  textStyle: { fontFamily: "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif" },
  grid: { left: 48, right: 52, top: 34, bottom: 26 },
  aria: { enabled: true },
} as const;
export const QUIET = { axisLine: { lineStyle: { color: "#d1d5db" } }, axisTick: { show: false }, axisLabel: { color: "#6b7280", hideOverlap: true }, splitLine: { lineStyle: { color: "#f3f4f6" } } } as const;

export function Chart({ option, label, height }: { option: Option; label: string; height: number }) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<ReturnType<typeof init>>(undefined);
  useEffect(() => {
    const chart = init(place.current!);
    drawn.current = chart;
    const sized = new ResizeObserver(() => chart.resize());
    sized.observe(place.current!);
    return () => {
      sized.disconnect();
      chart.dispose();
    };
  }, []);
  useEffect(() => drawn.current?.setOption(option, { notMerge: true }), [option]);
  return <div ref={place} role="img" aria-label={label} style={{ height }} data-testid="chart" />;
}
