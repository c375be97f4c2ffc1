/** The frames of /ws/wall, and what the screen makes of them. Pure. */
import type { Figures, Lines } from "../supervisor/model";

export { percent } from "../supervisor/model";

export interface WallQueue { name: string; title: string; title_en: string; service_level_s: number; on_duty: number; ready: number; waiting: number; since: string | null }
export interface Frame {
  type: "wall";
  /** In the first frame of a connection. */
  server_time?: string;
  zone?: string;
  lines: Pick<Lines, "max" | "in_use" | "peak">;
  today: { available: boolean; all: Figures | null; queues: Record<string, Figures>; target: number };
  queues: WallQueue[];
  agents: Record<string, number>;
}
export type Line = "connecting" | "live" | "lost" | "out";
export interface Wall { line: Line; frame: Frame | null; ahead_ms: number }

export const STATES = ["ready", "ringing", "talking", "wrap_up", "break", "away"] as const;
export const NONE: Wall = { line: "connecting", frame: null, ahead_ms: 0 };

/** What is known stays on the screen while the line is lost; figures that are away keep their last values. */
export function reduce(wall: Wall, news: { frame: Frame; now: number } | { line: Line }): Wall {
  if ("line" in news) return { ...wall, line: news.line };
  const { frame, now } = news;
  const today = frame.today.available || !wall.frame ? frame.today : { ...wall.frame.today, available: false };
  return { line: "live", frame: { ...frame, today }, ahead_ms: frame.server_time ? Date.parse(frame.server_time) - now : wall.ahead_ms };
}

export const tone = (share: number | null | undefined, target: number): "" | "good" | "late" =>
  share === null || share === undefined ? "" : share >= target ? "good" : "late";
