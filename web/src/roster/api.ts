/** The roster's side of the service. */
import { ApiError, ask } from "../shared/http";
import { troubleWords } from "../shared/trouble";
import type { AbsenceKind, Assignment, Board, Coverage, Live, Plan } from "./model";

const AT = "/roster";

export const api = {
  board: (first: string, last: string) => ask<Board>("GET", `${AT}?first=${first}&last=${last}`),
  coverage: (first: string, last: string) => ask<Coverage>("GET", `${AT}/coverage?first=${first}&last=${last}`),
  live: () => ask<Live>("GET", `${AT}/live`),
  set: (account_id: string, day: string, shift: string) =>
    ask<Assignment[]>("POST", `${AT}/assignments`, { assignments: [{ account_id, day, shift }] }),
  change: (id: string, change: { account_id?: string; day?: string; shift?: string }) =>
    ask<Assignment>("PATCH", `${AT}/assignments/${id}`, change),
  clear: (id: string) => ask<void>("DELETE", `${AT}/assignments/${id}`),
  absent: (account_id: string, kind: AbsenceKind, first_day: string, last_day: string, note: string) =>
    ask<unknown>("POST", `${AT}/absences`, { account_id, kind, first_day, last_day, note }),
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
