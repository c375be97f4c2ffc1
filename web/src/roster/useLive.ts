/** The roster against what happens, asked for twice a minute, at once when somebody looks at the page again, and when `turn` is another one. */
import { useEffect, useState } from "react";
import { api } from "./api";
import type { Live } from "./model";

const EVERY_MS = 30_000;

export function useLive(turn = 0): Live | undefined {
  const [live, setLive] = useState<Live>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn asks again
  useEffect(() => {
    const look = () => {
      if (!document.hidden) api.live().then(setLive, () => undefined);
    };
    look();
    const timer = window.setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [turn]);
  return live;
}
