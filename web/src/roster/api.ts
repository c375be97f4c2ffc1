/** The roster's side of the service. */
import { ApiError, ask } from "../shared/http";
import { troubleWords } from "../shared/trouble";
import type { AbsenceKind, Adhered, Advice, Assignment, Board, Coverage, Live, Minimum, Plan, Shift } from "./model";

const AT = "/roster";

/** Wall clocks come as `08:00:00`. */
const wall = <T extends { begins: string; ends: string }>(one: T): T => ({ ...one, begins: one.begins.slice(0, 5), ends: one.ends.slice(0, 5) });

export const api = {
  board: async (first: string, last: string): Promise<Board> => {
    const told = await ask<Board>("GET", `${AT}?first=${first}&last=${last}`);
    return { ...told, shifts: told.shifts.map(wall), minimums: told.minimums.map(wall) };
  },
  adherence: (day: string) => ask<Adhered[]>("GET", `${AT}/adherence?day=${day}`),
  putShift: ({ code, title, title_en, begins, ends, on_call }: Shift) =>
    ask<Shift>("PUT", `${AT}/shifts/${code}`, { title: title.trim(), title_en: title_en.trim(), begins, ends, on_call }),
  retireShift: (code: string) => ask<void>("DELETE", `${AT}/shifts/${code}`),
  putMinimums: (minimums: readonly Minimum[]) => ask<unknown>("PUT", `${AT}/minimums`, { minimums }),
  coverage: (first: string, last: string) => ask<Coverage>("GET", `${AT}/coverage?first=${first}&last=${last}`),
  advice: (first: string, last: string) => ask<Advice>("GET", `${AT}/forecast?first=${first}&last=${last}`),
  live: () => ask<Live>("GET", `${AT}/live`),
  set: (account_id: string, day: string, shift: string) =>
    ask<Assignment[]>("POST", `${AT}/assignments`, { assignments: [{ account_id, day, shift }] }),
  change: (id: string, change: { account_id?: string; day?: string; shift?: string }) =>
    ask<Assignment>("PATCH", `${AT}/assignments/${id}`, change),
  clear: (id: string) => ask<void>("DELETE", `${AT}/assignments/${id}`),
  absent: (account_id: string, absent: { kind: AbsenceKind; first_day: string; last_day: string; note: string; shift?: string }) =>
    ask<unknown>("POST", `${AT}/absences`, { account_id, ...absent }),
  present: (id: string) => ask<void>("DELETE", `${AT}/absences/${id}`),
  decide: (what: "absences" | "swaps", id: string, approve: boolean) =>
    ask<unknown>("POST", `${AT}/${what}/${id}/decision`, { approve }),
  plan: (asked: Record<string, unknown>) => ask<Plan>("POST", `${AT}/plans`, asked),
  planned: (id: string) => ask<Plan>("GET", `${AT}/plans/${id}`),
  apply: (id: string) => ask<Assignment[]>("POST", `${AT}/plans/${id}/apply`),
  sheet: (kind: "csv" | "xlsx", first: string, last: string) => `/api/v1${AT}/export.${kind}?first=${first}&last=${last}`,
};

/** A sheet as it is in the file: the service knows CSV from XLSX. */
export function upload(file: File): Promise<{ assignments: number; agents: number }> {
  return ask("POST", `${AT}/import`, file);
}

/** What is wrong, in the page's language: all of it, a line each. */
export function toldBy(error: unknown, chinese: boolean): string {
  if (!(error instanceof ApiError)) return String(error);
  const problems = (error.details.problems ?? []) as { zh?: string; en?: string }[];
  const lines = problems.map((one) => (chinese && one.zh) || one.en || "").filter(Boolean);
  if (!lines.length) return troubleWords(error, chinese ? "zh-CN" : "en");
  return lines.slice(0, 6).join("\n") + (lines.length > 6 ? `\n… ${lines.length - 6}` : "");
}
