/** The live counts, pushed by the service; the connection is made again when it is lost. */
import { useEffect, useState } from "react";
import type { StepCount } from "./model";

export interface Counts {
  state: "connecting" | "live" | "lost" | "away";
  version: string;
  steps: StepCount[];
}

const SIGNED_OUT = 4003;
const AGAIN_MS = [500, 1000, 2000, 5000];

export function useCounts(): Counts {
  const [counts, setCounts] = useState<Counts>({ state: "connecting", version: "", steps: [] });
  useEffect(() => {
    let socket: WebSocket | undefined;
    let timer: number | undefined;
    let tries = 0;
    let over = false;
    const open = () => {
      socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/ops`);
      socket.onmessage = (message) => {
        tries = 0;
        const frame = JSON.parse(String(message.data)) as { type: string; version: string; steps: StepCount[] };
        if (frame.type === "counts") setCounts({ state: "live", version: frame.version, steps: frame.steps });
        else setCounts((last) => ({ ...last, state: "away" }));
      };
      socket.onclose = (closed) => {
        if (over) return;
        if (closed.code === SIGNED_OUT) {
          location.reload();
          return;
        }
        setCounts((last) => ({ ...last, state: "lost" }));
        timer = window.setTimeout(open, AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)]);
      };
    };
    open();
    return () => {
      over = true;
      window.clearTimeout(timer);
      socket?.close();
    };
  }, []);
  return counts;
}
