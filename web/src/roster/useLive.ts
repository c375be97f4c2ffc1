/** The roster against what happens, asked for twice a minute, at once when somebody looks at the page again, and when `turn` is another one. */
import { useCallback, useState } from "react";
import { useRefetch } from "../shared/useRefetch";
import { api } from "./api";
import type { Live } from "./model";

const EVERY_MS = 30_000;

export function useLive(turn = 0): Live | undefined {
  const [live, setLive] = useState<Live>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the turn asks again
  const look = useCallback(() => api.live().then(setLive, () => undefined), [turn]);
  useRefetch(look, EVERY_MS);
  return live;
}
