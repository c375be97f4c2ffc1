import { expect, it } from "vitest";
import type { CaseLine, State } from "../cases/model";
import { ApiError } from "../shared/http";
import { openFirst, queryOf, refusalOf, renumbered, searchOf } from "./model";

it("keeps what is looked for in the address", () => {
  expect([searchOf("?q=%E6%9D%BE+1"), searchOf("")]).toEqual(["松 1", ""]);
  expect([queryOf(" 138 0000 ").toString(), queryOf("  ").toString()]).toEqual(["q=138+0000", ""]);
});

it("knows why a change was not kept", () => {
  const refused = (status: number, code: string, details = {}, change = {}) => refusalOf(new ApiError(status, code, "", details), change);
  expect(refused(409, "conflict", { updated_at: "2026-03-02T00:00:00Z" })).toEqual({ kind: "changed" });
  expect(refused(409, "conflict", { number: "+8613800000001", customer_id: "a1" })).toEqual({ kind: "taken", number: "+8613800000001", customer: "a1" });
  expect(refused(422, "bad_request", {}, { phones: [] }).kind).toBe("no_number");
  expect(refused(422, "bad_request", {}, { name: "" }).kind).toBe("other");
  expect(refused(403, "not_permitted", {}, { vip: true }).kind).toBe("leads_only");
  expect(refusalOf(new Error("x"), {}).kind).toBe("other");
});

it("shows what is to be done before what is done", () => {
  const cases = (["closed", "open", "resolved", "working"] as State[]).map((state, number) => ({ number, state }) as CaseLine);
  expect(openFirst(cases).map((one) => one.number)).toEqual([1, 3, 0, 2]);
});

it("writes a number anew at its place, adds one at the end and takes away an empty one", () => {
  const phones = [{ number: "1", label: "a" }, { number: "2", label: "" }];
  expect(renumbered(phones, 0, { number: " 3 ", label: " b" })).toEqual([{ number: "3", label: "b" }, phones[1]]);
  expect(renumbered(phones, 2, { number: "3", label: "" }).map((one) => one.number)).toEqual(["1", "2", "3"]);
  expect(renumbered(phones, 1, { number: " ", label: "x" })).toEqual([phones[0]]);
});
