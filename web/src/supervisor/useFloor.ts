/** The live socket, tied to the page. */
import { useEffect, useReducer } from "react";
import { LiveSocket } from "../shared/socket";
import { EMPTY, reduce, type Floor, type Frame } from "./model";

const SIGNED_OUT = 4003;
const NOT_PERMITTED = 4403;

export function useFloor(): Floor {
  const [floor, happen] = useReducer(reduce, EMPTY);
  useEffect(() => {
    const socket = new LiveSocket<Frame>("/ws/desk", {
      opened: () => undefined,
      frame: (frame) => happen({ type: "frame", frame, now: Date.now() }),
      line: (line) => happen({ type: "line", line }),
      closed: (code) => {
        if (code === SIGNED_OUT) location.reload();
        if (code === NOT_PERMITTED) happen({ type: "line", line: "refused" });
        return code === SIGNED_OUT || code === NOT_PERMITTED;
      },
    });
    return () => socket.end();
  }, []);
  return floor;
}
