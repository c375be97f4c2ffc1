/** What hardly changes: the titles of queues, kinds of cases, the people. It is asked for until the service answers, since a
 *  page that was opened while the service was away would show codes for as long as it stands. */
import { useCallback, useEffect, useState } from "react";
import { ApiError, ask } from "./http";

const AGAIN_MS = 3000;

/** Refused is refused; what is not there now may be in a moment. */
const passes = (error: unknown): boolean => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

/** What `path` (null: nothing) answers, undefined until then; asking it anew; why it could not be asked last. */
export function useKnown<T>(path: string | null): [T | undefined, () => void, unknown] {
  const [found, setFound] = useState<T>();
  const [trouble, setTrouble] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn asks again
  useEffect(() => {
    if (path === null) return;
    let current = true;
    let timer: number | undefined;
    const look = () =>
      void ask<T>("GET", path).then(
        (answer) => {
          if (!current) return;
          setFound(answer);
          setTrouble(undefined);
        },
        (error: unknown) => {
          if (!current) return;
          setTrouble(error);
          if (passes(error)) timer = window.setTimeout(look, AGAIN_MS);
        },
      );
    look();
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [path, turn]);
  return [found, useCallback(() => setTurn((n) => n + 1), []), trouble];
}
