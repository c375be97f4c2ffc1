/** The queues there are, and their titles in the page's language. */
import { useCallback, useContext } from "react";
import { useKnown } from "../shared/useKnown";
import { LanguageContext } from "./text";

export interface Queue { name: string; title: string; title_en: string }

const NONE: readonly Queue[] = [];

export function useQueues() {
  const english = useContext(LanguageContext) === "en";
  const [queues = NONE] = useKnown<readonly Queue[]>("/queues");
  const titled = useCallback(
    (name: string) => {
      const found = queues.find((one) => one.name === name);
      return (found && ((english && found.title_en) || found.title)) ?? name;
    },
    [queues, english],
  );
  return { queues, titled };
}
