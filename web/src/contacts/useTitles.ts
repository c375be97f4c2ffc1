/** Names of queues and outcomes in the reader's language. */
import { useEffect, useMemo, useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";

export interface Titled { code?: string; name?: string; title: string; title_en: string }

export function useTitles(language: Language) {
  const [queues, setQueues] = useState<Titled[]>([]);
  const [dispositions, setDispositions] = useState<Titled[]>([]);
  useEffect(() => {
    void ask<Titled[]>("GET", "/queues").then(setQueues, () => undefined);
    void ask<Titled[]>("GET", "/dispositions").then(setDispositions, () => undefined);
  }, []);
  return useMemo(() => {
    const titled = (one: Titled | undefined, code: string | null) => (one ? (language === "en" ? one.title_en || one.title : one.title) : (code ?? ""));
    return {
      queues, dispositions,
      queue: (name: string | null) => titled(queues.find((one) => one.name === name), name),
      disposition: (code: string) => titled(dispositions.find((one) => one.code === code), code),
    };
  }, [queues, dispositions, language]);
}
