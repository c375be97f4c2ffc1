/** The agent's socket and telephone, tied to the page. */
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { ask, ApiError } from "../shared/http";
import { NO_PHONE, SipPhone, type PhoneState, type Seat } from "../shared/sip";
import { LiveSocket } from "../shared/socket";
import { EMPTY, hears, reduce, type Desk, type Frame } from "./model";

const SIGNED_OUT = 4003;
const DISPLACED = 4001;
const NO_DESK = 4403;

export interface Tools {
  desk: Desk;
  phone: PhoneState;
  /** The account has no extension. */
  refused: boolean;
  /** False: the connection is lost, and nothing was sent. */
  send: (frame: Record<string, unknown>) => boolean;
  takeOver: () => void;
  answer: () => void;
  mute: (muted: boolean) => void;
  key: (digit: string) => void;
}

const TAB = "callcenter.tab";

/** This tab's name, the same after a reload. A tab that is open keeps it to itself: its duplicate must be another one. */
const tabId = ((): string => {
  const own = sessionStorage.getItem(TAB) ?? crypto.randomUUID();
  sessionStorage.removeItem(TAB);
  window.addEventListener("pagehide", () => sessionStorage.setItem(TAB, own));
  window.addEventListener("pageshow", () => sessionStorage.removeItem(TAB));
  return own;
})();

export function useDesk(sound: HTMLAudioElement | null): Tools {
  const [desk, happen] = useReducer(reduce, EMPTY);
  const [phone, setPhone] = useState<PhoneState>(NO_PHONE);
  const [refused, setRefused] = useState(false);
  const socket = useRef<LiveSocket<Frame>>(undefined);
  const sip = useRef<SipPhone>(undefined);
  const takingOver = useRef(false);

  useEffect(() => {
    const made = new LiveSocket<Frame>("/ws/agent", {
      opened: () => made.send({ type: "hello", tab_id: tabId, take_over: takingOver.current }),
      frame: (frame) => {
        // The pop is in the page's state before it is confirmed: the telephone rings on this word.
        happen({ type: "frame", frame, now: Date.now() });
        if (frame.type === "pop") made.send({ type: "pop_received", offer_id: frame.pop.offer_id });
        if (frame.type === "snapshot") takingOver.current = false;
        if (frame.type === "displaced") happen({ type: "line", line: "displaced" });
      },
      line: (line) => happen({ type: "line", line }),
      closed: (code) => {
        if (code === SIGNED_OUT) location.reload();
        if (code === NO_DESK) setRefused(true);
        return code === SIGNED_OUT || code === DISPLACED || code === NO_DESK;
      },
    });
    socket.current = made;
    return () => made.end();
  }, []);

  // The telephone belongs to the tab that has the desk: a second one would make the first one's password void.
  const mine = desk.line === "live" || (desk.line === "lost" && desk.me !== null);
  useEffect(() => {
    if (!mine || sound === null) return;
    let over = false;
    let timer: number | undefined;
    const get = async () => {
      try {
        const seat = await ask<Seat>("POST", "/agent/seat");
        if (!over) sip.current = new SipPhone(seat, sound, setPhone);
      } catch (error) {
        if (!over && !(error instanceof ApiError && error.status === 409)) timer = window.setTimeout(() => void get(), 2000);
      }
    };
    void get();
    return () => {
      over = true;
      window.clearTimeout(timer);
      sip.current?.stop();
      sip.current = undefined;
      setPhone(NO_PHONE);
    };
  }, [mine, sound]);

  // What rings later asks again: the telephone keeps what was said last.
  const heard = hears(desk.call);
  useEffect(() => sip.current?.expect(heard), [heard, phone.call]);

  const send = useCallback((frame: Record<string, unknown>) => socket.current?.send(frame) ?? false, []);
  const takeOver = useCallback(() => {
    takingOver.current = true;
    if (!socket.current?.send({ type: "hello", tab_id: tabId, take_over: true })) socket.current?.again();
  }, []);
  const answer = useCallback(() => sip.current?.answer(), []);
  const mute = useCallback((muted: boolean) => sip.current?.mute(muted), []);
  const key = useCallback((digit: string) => sip.current?.key(digit), []);
  return { desk, phone, refused, send, takeOver, answer, mute, key };
}
