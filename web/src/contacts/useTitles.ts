/** Names of queues and outcomes in the reader's language. */
import { useMemo } from "react";
import type { Language } from "../shared/session";
import { useKnown } from "../shared/useKnown";

export interface Titled { code?: string; name?: string; title: string; title_en: string }

const NONE: readonly Titled[] = [];

export function useTitles(language: Language) {
  const [queues = NONE] = useKnown<readonly Titled[]>("/queues");
  const [dispositions = NONE] = useKnown<readonly Titled[]>("/dispositions");
  return useMemo(() => {
    const titled = (one: Titled | undefined, code: string | null) => (one ? (language === "en" ? one.title_en || one.title : one.title) : (code ?? ""));
    return {
      queues, dispositions,
      queue: (name: string | null) => titled(queues.find((one) => one.name === name), name),
      disposition: (code: string) => titled(dispositions.find((one) => one.code === code), code),
    };
  }, [queues, dispositions, language]);
}
