/** What cases are sorted by, named in the reader's language, and who can own one. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import type { Department, Kind, Worker } from "./model";

const NOBODY: Worker[] = [];

export function useLists(language: Language, workers = true) {
  const [departments, setDepartments] = useState<Department[]>([]);
  const [kinds, setKinds] = useState<Kind[]>([]);
  const [people, setPeople] = useState<Worker[]>(NOBODY);
  const load = useCallback(() => {
    void ask<Department[]>("GET", "/departments").then(setDepartments, () => undefined);
    void ask<Kind[]>("GET", "/case-kinds").then(setKinds, () => undefined);
    if (workers) void ask<Worker[]>("GET", "/case-workers").then(setPeople, () => undefined);
  }, [workers]);
  useEffect(load, [load]);
  return useMemo(() => {
    const titled = (one: { title: string; title_en: string } | undefined, code: string | null) =>
      one ? (language === "en" ? one.title_en || one.title : one.title) : (code ?? "");
    const department = (code: string | null) => titled(departments.find((one) => one.code === code), code);
    const kind = (code: string | null) => titled(kinds.find((one) => one.code === code), code);
    return {
      departments, kinds, people, load, department, kind,
      departmentOptions: departments.filter((one) => one.active).map((one) => ({ value: one.code, label: titled(one, one.code) })),
      kindOptions: kinds.filter((one) => one.active).map((one) => ({ value: one.code, label: titled(one, one.code) })),
      peopleOptions: people.map((one) => ({ value: one.id, label: one.name })),
    };
  }, [departments, kinds, people, load, language]);
}
