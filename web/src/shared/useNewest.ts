/**
 * Answers come in any order. Called when something is asked, it gives what tells, once the answer is there, whether nothing
 * else has been asked since: an older answer that comes late is not shown in place of a newer one's.
 */
import { useCallback, useRef } from "react";

export function useNewest(): () => () => boolean {
  const turn = useRef(0);
  return useCallback(() => {
    const mine = ++turn.current;
    return () => mine === turn.current;
  }, []);
}
