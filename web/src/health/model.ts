/** What the service tells of itself, and how it is written on the page. */
import type { Language } from "../shared/session";
import { TEXT } from "./text";

export interface Trunk {
  name: string;
  title: string;
  title_en: string;
  state: "up" | "down" | "unknown";
  reason: string;
  since: string;
  in_service: boolean;
  rtt_ms: number | null;
  qualified: boolean;
  hosts: { host: string; reachable: boolean | null }[];
  outbound: boolean;
  priority: number;
  weight: number;
  cost: number;
  max_lines: number | null;
  reserve: number;
  in_use: { inbound: number; outbound: number };
  today: { peak: number; inbound: number; outbound: number; asr: number | null } | null;
}

/** The telephones of a carrier, or of an agent (`trunk` empty), on one day. Losses are shares; null: the telephones never said. */
export interface Sounded {
  trunk: string;
  agent_id: string | null;
  agent_name: string | null;
  legs: number;
  poor: number;
  silent: number;
  mos_from: number | null;
  mos_to: number | null;
  lost_from: number;
  lost_to: number | null;
}

export interface Incident {
  id: string;
  at: string;
  kind: string;
  title: string;
  title_en: string;
  severity: "warning" | "error";
  text: string;
  /** What the text is about, by name; see incidentText.ts. */
  facts: Record<string, string | number>;
  call_id: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  resolved_at: string | null;
  resolved_by: string | null;
  by_itself: boolean;
  note: string;
}

export interface Health {
  parts: Record<string, string>;
  versions: Record<string, string>;
  started_at: string;
  values: Record<string, number>;
  curves: Record<string, number[]>;
  live: Record<string, Record<string, number>>;
}

/** A measured value with its unit. */
export function written(name: string, value: number | undefined): string {
  if (value === undefined) return "–";
  if (name.endsWith("_share")) return `${(value * 100).toFixed(0)} %`;
  if (name === "ari_ms") return `${value.toFixed(1)} ms`;
  if (name.endsWith("_s")) return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
  return String(value);
}

/** The points of a curve as an SVG path in a box of that size; flat at the bottom when all are zero. */
export function path(points: readonly number[], width: number, height: number, floor: number): string {
  if (points.length < 2) return "";
  const top = Math.max(floor, ...points);
  const step = width / (points.length - 1);
  return points.map((point, n) => `${n ? "L" : "M"}${(n * step).toFixed(1)} ${(height - (point / top) * height).toFixed(1)}`).join("");
}

/** How long ago, in the largest unit that fits. */
export function ago(at: string, now: number, language: Language): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  const units = TEXT[language].units;
  if (seconds < 60) return `${seconds} ${units.s}`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${units.m}`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} ${units.h} ${Math.floor((seconds % 3600) / 60)} ${units.m}`;
  return `${Math.floor(seconds / 86400)} ${units.d}`;
}
