/** Ask once, keep what was answered, ask again when told to. */
import { useCallback, useEffect, useState } from "react";

export interface Asked<T> {
  value: T | undefined;
  /** Undefined: it was answered, or is not yet. */
  error: unknown;
  again: () => void;
}

export function useAsked<T>(ask: () => Promise<T>, ...reasons: readonly unknown[]): Asked<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    ask().then(
      (found) => {
        if (!current) return;
        setValue(found);
        setError(undefined);
      },
      (failed: unknown) => {
        if (current) setError(failed);
      },
    );
    return () => {
      current = false;
    };
    // `ask` is made anew at each drawing: what it depends on is named in `reasons`.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [turn, ...reasons]);
  return { value, error, again: useCallback(() => setTurn((n) => n + 1), []) };
}
