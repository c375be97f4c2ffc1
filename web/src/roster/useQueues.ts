/** The queues there are, and their titles in the page's language. */
import { useCallback, useContext, useEffect, useState } from "react";
import { ask } from "../shared/http";
import { LanguageContext } from "./text";

export interface Queue { name: string; title: string; title_en: string }

export function useQueues() {
  const english = useContext(LanguageContext) === "en";
  const [queues, setQueues] = useState<readonly Queue[]>([]);
  useEffect(() => {
    ask<Queue[]>("GET", "/queues").then(setQueues, () => undefined);
  }, []);
  const titled = useCallback(
    (name: string) => {
      const found = queues.find((one) => one.name === name);
      return (found && ((english && found.title_en) || found.title)) ?? name;
    },
    [queues, english],
  );
  return { queues, titled };
}
