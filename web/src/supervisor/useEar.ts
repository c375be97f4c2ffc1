/** The supervisor's own telephone and the session it serves, tied to the page: both begin with the first wish for them. */
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { ApiError, ask } from "../shared/http";
import { NO_PHONE, SipPhone, type PhoneState, type Seat } from "../shared/sip";
import { LiveSocket } from "../shared/socket";
import type { Mode } from "./model";
import { isOver, NOTHING, reduce, type Ear, type Frame, type Session } from "./session";

const SIGNED_OUT = 4003;
const DISPLACED = 4001;
const NOT_PERMITTED = 4403;
const CONNECT_WITHIN_MS = 5000;
const REGISTER_WITHIN_MS = 8000;
/** Ends that the supervisor asked for: the page says so, and need not be told that it was read. */
const OWN_WISH = new Set(["stopped", "taken_over"]);
const OWN_WISH_SHOWN_MS = 4000;
const DENIED = "User Denied Media Access";

export interface EarTools {
  ear: Ear;
  /** A wish is on its way: nothing else is asked for meanwhile. */
  busy: boolean;
  /** Be at this agent's call, or in another mode where one is. Throws ApiError; its ``code`` or ``reason`` says why not. */
  at: (agentId: string, mode: Mode) => Promise<void>;
  stop: () => Promise<void>;
  takeOver: () => Promise<void>;
  dismiss: () => void;
}

export function useEar(sound: HTMLAudioElement | null): EarTools {
  const [ear, happen] = useReducer(reduce, NOTHING);
  const [phone, setPhone] = useState<PhoneState>(NO_PHONE);
  const [busy, setBusy] = useState(false);
  const socket = useRef<LiveSocket<Frame>>(undefined);
  const sip = useRef<SipPhone>(undefined);
  const line = useRef<PhoneState["line"]>("away");
  /** The session of which the service told: its call, and no other, is picked up. */
  const announced = useRef("");
  const connected = useRef<() => void>(undefined);

  useEffect(() => () => {
    socket.current?.end();
    sip.current?.stop();
  }, []);

  const connect = useCallback(async () => {
    if (socket.current) return;
    let over: () => void = () => undefined;
    const there = new Promise<void>((resolve, reject) => {
      connected.current = resolve;
      const timer = window.setTimeout(() => reject(new ApiError(0, "unreachable", "the service does not answer")), CONNECT_WITHIN_MS);
      over = () => window.clearTimeout(timer);
    });
    const made = new LiveSocket<Frame>("/ws/supervision", {
      opened: () => undefined,
      frame: (frame) => {
        if (frame.type === "snapshot") connected.current?.();
        if (frame.type === "session" && frame.session.state !== "ended") announced.current = frame.session.id;
        happen({ type: "frame", frame });
      },
      line: () => undefined,
      closed: (code) => {
        const away = code === SIGNED_OUT || code === DISPLACED || code === NOT_PERMITTED;
        if (code === SIGNED_OUT) location.reload();
        if (away && socket.current === made) {
          // The next wish connects again, with a telephone of its own: another page's made this one's password void.
          socket.current = undefined;
          sip.current?.stop();
          sip.current = undefined;
        }
        return away;
      },
    });
    socket.current = made;
    try {
      await there;
    } catch (error) {
      made.end();
      socket.current = undefined;
      throw error;
    } finally {
      over();
    }
  }, []);

  const register = useCallback(async () => {
    if (sound === null || (sip.current && line.current === "registered")) return;
    await microphone();
    sip.current?.stop();
    const seat = await ask<Seat>("POST", "/supervision/seat");
    let settle: (line: PhoneState["line"]) => void = () => undefined;
    const changed = (state: PhoneState) => {
      line.current = state.line;
      setPhone(state);
      settle(state.line);
    };
    // Not before it is registered: till then another page's telephone may be the one that is rung.
    const registered = new Promise<void>((resolve, reject) => {
      const timer = window.setTimeout(() => settle("refused"), REGISTER_WITHIN_MS);
      settle = (now) => {
        if (now === "away") return;
        window.clearTimeout(timer);
        if (now === "registered") resolve();
        else reject(new ApiError(0, "phone_not_registered", "your telephone was not registered"));
      };
    });
    line.current = "away";
    sip.current = new SipPhone(seat, sound, changed, undefined, (about) => (about !== undefined && about === announced.current ? "answer" : "refuse"));
    await registered;
  }, [sound]);

  const current = ear.session;
  const at = useCallback(async (agentId: string, mode: Mode) => {
    setBusy(true);
    try {
      if (current && !isOver(current) && current.agent_id === agentId) {
        await ask("PUT", `/supervision/${current.id}/mode`, { mode });
        return;
      }
      await connect();
      await register();
      happen({ type: "begun", session: await ask<Session>("POST", "/supervision", { agent_id: agentId, mode }) });
    } finally {
      setBusy(false);
    }
  }, [current, connect, register]);
  const stop = useCallback(async () => {
    if (current && !isOver(current)) await ask("DELETE", `/supervision/${current.id}`);
  }, [current]);
  const takeOver = useCallback(async () => {
    if (current && !isOver(current)) await ask("POST", `/supervision/${current.id}/take-over`);
  }, [current]);
  const dismiss = useCallback(() => happen({ type: "dismissed" }), []);

  const wished = current !== null && isOver(current) && OWN_WISH.has(current.reason);
  useEffect(() => {
    if (!wished) return;
    const timer = window.setTimeout(dismiss, OWN_WISH_SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [wished, dismiss]);

  // Who only listens is silent here already, whatever becomes of their sound on its way.
  const silent = (current?.wanted ?? "listen") === "listen";
  useEffect(() => {
    if (phone.call === "talking") sip.current?.mute(silent);
  }, [phone.call, silent]);
  useEffect(() => {
    if (phone.trouble === DENIED) happen({ type: "trouble", trouble: "no_microphone" });
  }, [phone.trouble]);
  return { ear, busy, at, stop, takeOver, dismiss };
}

/** Ask for the microphone before anybody is rung. Throws ApiError. */
async function microphone(): Promise<void> {
  // Undefined on pages that came without TLS: the types know nothing of those.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  try {
    const stream = await devices?.getUserMedia({ audio: true });
    if (!stream) throw new Error("no devices");
    for (const track of stream.getTracks()) track.stop();
  } catch {
    throw new ApiError(0, "no_microphone", "the browser gives no microphone");
  }
}
