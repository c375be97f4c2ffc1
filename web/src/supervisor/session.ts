/** A supervisor's session at an agent's call, as the page keeps it. Pure: no clock, no I/O. */
import type { Mode } from "./model";

export interface Session {
  id: string;
  state: "asked" | "ringing" | "attaching" | "live" | "waiting" | "ended";
  /** In force; null: nothing is heard (yet, or any more). */
  mode: Mode | null;
  wanted: Mode;
  /** Null: a caller whom no agent has. */
  agent_id: string | null;
  agent_name: string;
  call_id: string;
  caller_number: string;
  /** The caller types secret digits: nothing is heard meanwhile. */
  veiled: boolean;
  since: string | null;
  reason: string;
}

export type Frame = { type: "snapshot"; session: Session | null } | { type: "session"; session: Session } | { type: "displaced" };

export interface Ear {
  session: Session | null;
  /** The telephone said why it could not answer: it knows better than the service, which heard nothing. */
  trouble: string;
}

export const NOTHING: Ear = { session: null, trouble: "" };

export type Happening =
  | { type: "frame"; frame: Frame }
  /** The service took what was asked for. */
  | { type: "begun"; session: Session }
  | { type: "trouble"; trouble: string }
  | { type: "dismissed" };

export const isOver = (session: Session | null): boolean => session === null || session.state === "ended";

const ended = (session: Session, reason: string): Session => ({ ...session, state: "ended", mode: null, reason });

export function reduce(ear: Ear, happening: Happening): Ear {
  switch (happening.type) {
    case "begun":
      // Its frames may have come before the answer to the question.
      return ear.session?.id === happening.session.id ? ear : { session: happening.session, trouble: "" };
    case "trouble":
      return { ...ear, trouble: happening.trouble };
    case "dismissed":
      return isOver(ear.session) ? NOTHING : ear;
    case "frame":
      return framed(ear, happening.frame);
  }
}

function framed(ear: Ear, frame: Frame): Ear {
  switch (frame.type) {
    case "snapshot":
      // The socket is new, and a session ends with its socket: by a restart of the service, or a lost network.
      return ear.session && !isOver(ear.session) ? { ...ear, session: ended(ear.session, "connection_lost") } : ear;
    case "displaced":
      return ear.session && !isOver(ear.session) ? { ...ear, session: ended(ear.session, "displaced") } : ear;
    case "session": {
      const told = frame.session;
      const mine = ear.session?.id === told.id;
      // The end of one that was left for another does not hide the other.
      if (!mine && told.state === "ended") return ear;
      return { session: told, trouble: mine ? ear.trouble : "" };
    }
  }
}
