import { expect, test } from "vitest";
import { type Account, changesOf, formOf, knownSkills, withLevel } from "./model";

const anna: Account = {
  id: "1", login: "anna", name: "Anna", role: "agent", language: "zh-CN", active: true, extension: "1001",
  seat_kind: "browser", queues: { general: 1 }, skills: { en: 5 }, wrap_up_s: null, drill: false,
};

test("nothing changed is nothing sent", () => expect(changesOf(anna, formOf(anna))).toEqual({}));

test("only what was changed is sent, a queue taken away too", () => {
  const form = { ...formOf(anna), queues: withLevel(anna.queues, "general", undefined), wrap_up_s: 10 };
  expect(changesOf(anna, form)).toEqual({ queues: {}, wrap_up_s: 10 });
});

test("a level changed is a change", () => {
  expect(changesOf(anna, { ...formOf(anna), skills: withLevel(anna.skills, "en", 9) })).toEqual({ skills: { en: 9 } });
});

test("skills to choose from are those somebody has, and the languages", () => {
  expect(knownSkills([{ ...anna, skills: { gas: 2 } }])).toEqual(["en", "gas", "zh-CN"]);
});
