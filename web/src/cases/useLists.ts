/** What cases are sorted by, named in the reader's language, and who can own one. */
import { useCallback, useMemo } from "react";
import type { Language } from "../shared/session";
import { useKnown } from "../shared/useKnown";
import type { Department, Kind, Worker } from "./model";

const NONE: never[] = [];

export function useLists(language: Language, workers = true) {
  const [departments = NONE, again, trouble] = useKnown<Department[]>("/departments");
  const [kinds = NONE, kindsAgain, kindsTrouble] = useKnown<Kind[]>("/case-kinds");
  const [people = NONE, peopleAgain] = useKnown<Worker[]>(workers ? "/case-workers" : null);
  const load = useCallback(() => {
    again();
    kindsAgain();
    peopleAgain();
  }, [again, kindsAgain, peopleAgain]);
  return useMemo(() => {
    const titled = (one: { title: string; title_en: string } | undefined, code: string | null) =>
      one ? (language === "en" ? one.title_en || one.title : one.title) : (code ?? "");
    const department = (code: string | null) => titled(departments.find((one) => one.code === code), code);
    const kind = (code: string | null) => titled(kinds.find((one) => one.code === code), code);
    return {
      departments, kinds, people, load, department, kind,
      known: departments !== NONE && kinds !== NONE, trouble: trouble ?? kindsTrouble,
      departmentOptions: departments.filter((one) => one.active).map((one) => ({ value: one.code, label: titled(one, one.code) })),
      kindOptions: kinds.filter((one) => one.active).map((one) => ({ value: one.code, label: titled(one, one.code) })),
      peopleOptions: people.map((one) => ({ value: one.id, label: one.name })),
    };
  }, [departments, kinds, people, load, language, trouble, kindsTrouble]);
}
