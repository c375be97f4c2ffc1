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
  /** Listen to a caller whom no agent has. */
  atCaller: (callId: string) => Promise<void>;
  /** Have the telephone registered beforehand: somebody is about to ask for it. */
  prepare: () => void;
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
  /** The socket and the telephone are being made. */
  const coming = useRef<Promise<void>>(undefined);
  /** The microphone was given once. */
  const asked = useRef<Promise<void>>(undefined);

  useEffect(() => () => {
    socket.current?.end();
    sip.current?.stop();
  }, []);

  const open = useCallback(async () => {
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

  const enrol = useCallback(async (heard: HTMLAudioElement) => {
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
    sip.current = new SipPhone(seat, heard, changed, undefined, (about) => (about !== undefined && about === announced.current ? "answer" : "refuse"));
    await registered;
  }, []);

  /** The page's socket and its telephone, once for whoever asks meanwhile. */
  const ready = useCallback(() => {
    if (socket.current && sip.current && line.current === "registered") return Promise.resolve();
    coming.current ??= (socket.current ? Promise.resolve() : open())
      .then(() => (sound === null ? undefined : enrol(sound)))
      .finally(() => {
        coming.current = undefined;
      });
    return coming.current;
  }, [sound, open, enrol]);

  const current = ear.session;
  const begin = useCallback(async (wish: { agent_id: string; mode: Mode } | { call_id: string }) => {
    setBusy(true);
    try {
      await Promise.all([ready(), asked.current ?? microphone()]);
      asked.current = Promise.resolve();
      happen({ type: "begun", session: await ask<Session>("POST", "/supervision", wish) });
    } finally {
      setBusy(false);
    }
  }, [ready]);
  const at = useCallback(async (agentId: string, mode: Mode) => {
    if (current && !isOver(current) && current.agent_id === agentId) {
      setBusy(true);
      await ask("PUT", `/supervision/${current.id}/mode`, { mode }).finally(() => setBusy(false));
    } else await begin({ agent_id: agentId, mode });
  }, [current, begin]);
  const atCaller = useCallback((callId: string) => begin({ call_id: callId }), [begin]);
  // What fails here is tried again, and told, when it is asked for.
  const prepare = useCallback(() => void ready().catch(() => undefined), [ready]);
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
  return { ear, busy, at, atCaller, prepare, stop, takeOver, dismiss };
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
