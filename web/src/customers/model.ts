/** Customers as the service tells of them, and what the pages make of them. Pure. */
import type { Customer, Phone } from "../agent/model";
import { DONE, type CaseLine } from "../cases/model";
import { ApiError } from "../shared/http";

export interface CustomerRecord extends Customer {
  owner_account_id: string | null; customer_since: string | null; no_calls: boolean; created_at: string; updated_at: string;
}
export interface Visit { id: string; due_on: string; state: string; contact_id: string | null; note: string; closed_at: string | null; closed_by_name: string | null }
/** Of one record; what is not named stays as it is. */
export type Change = Partial<Omit<CustomerRecord, "id" | "created_at" | "updated_at">>;

/** Where the address of the list is kept, with what was looked for. */
export const LIST = "callcenter.customers.list";

export const searchOf = (search: string): string => new URLSearchParams(search).get("q") ?? "";

export function queryOf(wanted: string): URLSearchParams {
  return new URLSearchParams(wanted.trim() ? { q: wanted.trim() } : {});
}

/** Why a change was not kept, as far as the page can say more of it than the service's own words. */
export type Refusal =
  | { kind: "changed" }
  | { kind: "taken"; number: string; customer: string }
  | { kind: "no_number" }
  | { kind: "leads_only" }
  | { kind: "other"; error: unknown };

/** What became of a change. ``changed``: a colleague was first, whoever changes it again has been told. */
export type Fate = "kept" | "changed" | "refused";

export function refusalOf(error: unknown, change: Change): Refusal {
  if (!(error instanceof ApiError)) return { kind: "other", error };
  const { number, customer_id: customer, updated_at: at } = error.details;
  if (error.code === "conflict" && at !== undefined) return { kind: "changed" };
  if (error.code === "conflict" && typeof number === "string" && typeof customer === "string") return { kind: "taken", number, customer };
  if (error.status === 422 && change.phones) return { kind: "no_number" };
  if (error.status === 403) return { kind: "leads_only" };
  return { kind: "other", error };
}

/** Those to be done first, each part in the order it came. */
export function openFirst(cases: readonly CaseLine[]): CaseLine[] {
  return [...cases.filter((one) => !DONE.has(one.state)), ...cases.filter((one) => DONE.has(one.state))];
}

/** The numbers with one of them written anew, at its place; without it when nothing is left of it. */
export function renumbered(phones: readonly Phone[], at: number, wanted: Phone): Phone[] {
  const number = wanted.number.trim();
  const kept = { number, label: wanted.label.trim() };
  return [...phones.slice(0, at), ...(number ? [kept] : []), ...phones.slice(at + 1)];
}
