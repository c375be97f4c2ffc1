/** Cases as the service tells of them, and what the pages make of them. Pure. */
import type { Language, Role } from "../shared/session";

export type State = "open" | "working" | "waiting_customer" | "waiting_department" | "resolved" | "closed";
export const STATES: readonly State[] = ["open", "working", "waiting_customer", "waiting_department", "resolved", "closed"];
export const VIEWS = ["mine", "department", "overdue", "open", "all"] as const;
export type View = (typeof VIEWS)[number];

export interface CaseLine {
  number: number; state: State; subject: string; kind: string; department: string | null; owner_id: string | null; owner_name: string | null;
  customer_id: string | null; customer_name: string | null; caller_number: string; opened_at: string; updated_at: string; reply_due_at: string;
  due_at: string; replied_at: string | null; waiting_since: string | null; resolved_at: string | null; closed_at: string | null; reopened: number;
  version: number; overdue: boolean;
}
export interface Entry {
  id: string; at: string; what: string; by: string; text: string; before: string | null; after: string | null; contact_id: string | null;
  detail: { level?: number; trigger?: string; people?: string[] };
}
export interface CaseCall {
  id: string; started_at: string; direction: string; caller_number: string; agent_name: string | null; answered: boolean;
  outcomes: { agent_name: string | null; disposition: string; note: string }[];
}
export interface WholeCase extends CaseLine { moves: State[]; history: Entry[]; calls: CaseCall[] }
export interface Department { code: string; title: string; title_en: string; active: boolean; members: string[] }
export interface Kind { code: string; title: string; title_en: string; reply_minutes: number; resolve_minutes: number; active: boolean }
export interface Worker { id: string; name: string; role: Role }

export const COLOURS: Record<State, string> = {
  open: "orange", working: "processing", waiting_customer: "cyan", waiting_department: "purple", resolved: "green", closed: "default",
};
export const DONE: ReadonlySet<State> = new Set<State>(["resolved", "closed"]);
export const SERVICE: ReadonlySet<Role> = new Set<Role>(["agent", "lead", "supervisor", "admin"]);

/** Where the address of the list is kept, with what was looked for. */
export const LIST = "callcenter.cases.list";

export interface Wanted { view: View; number: string; state: State | null; kind: string | null; department: string | null; owner: string | null }

const one = <T extends string>(all: readonly T[], given: string | null): T | null => all.find((each) => each === given) ?? null;

/** What an address asks for. Department people begin with their department, everybody else with their own. */
export function askedOf(search: string, role: Role): Wanted {
  const given = new URLSearchParams(search);
  return {
    view: one(VIEWS, given.get("view")) ?? (role === "department" ? "department" : role === "agent" ? "mine" : "open"),
    number: given.get("q") ?? "", state: one(STATES, given.get("state")), kind: given.get("kind"), department: given.get("department"), owner: given.get("owner"),
  };
}

export function queryOf(wanted: Wanted): URLSearchParams {
  const query = new URLSearchParams({ view: wanted.view });
  if (wanted.number.trim()) query.set("q", wanted.number.trim());
  for (const name of ["state", "kind", "department", "owner"] as const) if (wanted[name]) query.set(name, wanted[name]);
  return query;
}

/** When it must be seen to next: an answer first, then its end. Null: nothing runs. */
export function nextDue(of: CaseLine): { what: "reply" | "resolve"; at: string } | null {
  if (DONE.has(of.state)) return null;
  if (of.replied_at === null && of.reply_due_at < of.due_at) return { what: "reply", at: of.reply_due_at };
  return of.waiting_since === null ? { what: "resolve", at: of.due_at } : null;
}

/** The next one to be chosen by the key: each in turn, then none. */
export function nextCase(cases: readonly CaseLine[], now: number | undefined): number | undefined {
  return cases[cases.findIndex((one) => one.number === now) + 1]?.number;
}

const UNITS: Record<Language, [string, string, string]> = { "zh-CN": [" 分钟", " 小时", " 天"], en: [" min", " h", " d"] };

/** So much time in the largest unit that says enough: 40 min, 5 h, 3 d. */
export function span(ms: number, language: Language): string {
  const minutes = Math.max(0, Math.floor(Math.abs(ms) / 60_000));
  const [minute, hour, day] = UNITS[language];
  if (minutes < 120) return `${minutes}${minute}`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)}${hour}` : `${Math.floor(minutes / 1440)}${day}`;
}

/** What may be chosen, with what is chosen now: somebody who left still has a name, and nobody is shown by an id. */
export function withOne<Option extends { value: string; label: string }>(options: readonly Option[], value: string | null, label: string | null): (Option | { value: string; label: string })[] {
  return value === null || options.some((one) => one.value === value) ? [...options] : [...options, { value, label: label ?? "…" }];
}
