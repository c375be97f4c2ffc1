/** Accounts as the service gives them, and what the form makes of them. Pure. */
import type { Role } from "../shared/session";

export type Levels = Record<string, number>;

export interface Account {
  id: string; login: string; name: string; role: Role; language: string; active: boolean; extension: string | null;
  seat_kind: "browser" | "desk_phone"; queues: Levels; skills: Levels; wrap_up_s: number | null; drill: boolean;
}
export interface QueueTitle { name: string; title: string; title_en: string }
export interface Gap { queue: string; code: string; skill: string; level: number; relaxes: boolean }

export interface Form {
  login: string; name: string; role: Role; language: string; seat_kind: "browser" | "desk_phone";
  queues: Levels; skills: Levels; wrap_up_s: number | null;
}

export const EMPTY: Form = {
  login: "", name: "", role: "agent", language: "zh-CN", seat_kind: "browser", queues: {}, skills: {}, wrap_up_s: null,
};

export const formOf = (one: Account): Form => ({
  login: one.login, name: one.name, role: one.role, language: one.language, seat_kind: one.seat_kind,
  queues: { ...one.queues }, skills: { ...one.skills }, wrap_up_s: one.wrap_up_s,
});

/** Only what differs: a change of one thing never writes over another's change of the next. */
export function changesOf(before: Account, form: Form): Record<string, unknown> {
  const had = formOf(before);
  const changed: Record<string, unknown> = {};
  for (const key of ["name", "role", "language", "seat_kind", "wrap_up_s"] as const) {
    if (had[key] !== form[key]) changed[key] = form[key];
  }
  for (const key of ["queues", "skills"] as const) if (!sameLevels(had[key], form[key])) changed[key] = form[key];
  return changed;
}

export function sameLevels(a: Levels, b: Levels): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** With a level, or (undefined) without the name. */
export function withLevel(levels: Levels, name: string, level: number | undefined): Levels {
  const rest = Object.fromEntries(Object.entries(levels).filter(([one]) => one !== name));
  return level === undefined ? rest : { ...rest, [name]: level };
}

/** Every skill anybody has, and the languages, in order. */
export const knownSkills = (accounts: readonly Account[]): string[] =>
  [...new Set(["zh-CN", "en", ...accounts.flatMap((one) => Object.keys(one.skills))])].sort();
