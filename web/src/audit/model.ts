/** What the audit is asked, and how the address of the page says so. Pure. */
import dayjs from "dayjs";
import { dayEnd, dayStart } from "../shared/time";
import type { Language } from "../shared/session";

export interface Line { field: string; before: string | null; after: string }
export interface Entry {
  id: string; at: string; who_id: string | null; who: string | null; action: string; what: string; whom: string; contact_id: string | null; lines: Line[];
}
export interface Group { name: string; title: string; title_en: string }
export interface Wanted { person: string | null; kind: string | null; from: string | null; to: string | null }

export function asked(search: string): Wanted {
  const given = new URLSearchParams(search);
  const day = (name: string) => {
    const found = given.get(name);
    return found && /^\d{4}-\d{2}-\d{2}$/.test(found) && dayjs(found).isValid() ? found : null;
  };
  return { person: given.get("person"), kind: given.get("kind"), from: day("from"), to: day("to") };
}

/** The page's address for it. */
export function address({ person, kind, from, to }: Wanted): string {
  const kept = { person, kind, from, to };
  const query = new URLSearchParams(Object.entries(kept).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  return query.size ? `/audit?${query}` : "/audit";
}

/** The question to the service; days are the site's, the last one included. */
export function query({ person, kind, from, to }: Wanted, language: Language): URLSearchParams {
  const made = new URLSearchParams({ language });
  if (person) made.set("person", person);
  if (kind) made.set("kind", kind);
  if (from) made.set("from", dayStart(from));
  if (to) made.set("to", dayEnd(to));
  return made;
}
