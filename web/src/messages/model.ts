/** Messages as the service tells of them. */
export type MessageState = "new" | "heard" | "done";
export interface Message {
  id: string; contact_id: string | null; purpose: "voicemail" | "comment"; caller_number: string; customer_id: string | null; customer_name: string | null;
  hotline: string; queue: string | null; language: string; recorded_at: string; seconds: number; state: MessageState; heard_at: string | null;
  handled_by: string | null; handled_at: string | null; note: string;
}
export interface Wanted { state: "open" | MessageState | "all"; purpose: "voicemail" | "comment" | null; queue: string | null; number: string }

export const OPEN: Wanted = { state: "open", purpose: null, queue: null, number: "" };

/** The query of a page of the list. */
export function query(wanted: Wanted, cursor: string | null): string {
  const made = new URLSearchParams({ limit: "50" });
  if (wanted.state !== "all") made.set("state", wanted.state);
  if (wanted.purpose) made.set("purpose", wanted.purpose);
  if (wanted.queue) made.set("queue", wanted.queue);
  if (wanted.number) made.set("number", wanted.number);
  if (cursor) made.set("cursor", cursor);
  return made.toString();
}

const RANK: Record<MessageState, number> = { new: 0, heard: 1, done: 2 };

/** What nobody has heard first, then what waits for an answer; the newest first in each. */
export const inOrder = (messages: readonly Message[]): Message[] =>
  [...messages].sort((one, other) => RANK[one.state] - RANK[other.state] || other.recorded_at.localeCompare(one.recorded_at));
