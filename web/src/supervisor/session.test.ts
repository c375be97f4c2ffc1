import { describe, expect, it } from "vitest";
import { NOTHING, reduce, type Ear, type Session } from "./session";

const one: Session = {
  id: "one", state: "live", mode: "listen", wanted: "listen", agent_id: "a", agent_name: "A", call_id: "c", caller_number: "1", veiled: false, since: null, reason: "",
};
const at: Ear = { session: one, trouble: "" };

describe("a supervisor's session", () => {
  it("is what the service says last", () => {
    const told = reduce(at, { type: "frame", frame: { type: "session", session: { ...one, mode: "join" } } });
    expect(told.session?.mode).toBe("join");
  });
  it("is not hidden by the end of the one before it", () => {
    const other = { ...one, id: "other", state: "ended" as const, reason: "replaced" };
    expect(reduce(at, { type: "frame", frame: { type: "session", session: other } })).toBe(at);
  });
  it("has ended when the socket is a new one", () => {
    expect(reduce(at, { type: "frame", frame: { type: "snapshot", session: null } }).session).toMatchObject({ state: "ended", reason: "connection_lost" });
    expect(reduce(NOTHING, { type: "frame", frame: { type: "snapshot", session: null } })).toBe(NOTHING);
  });
  it("is not begun again by an answer that comes after its frames", () => {
    expect(reduce(at, { type: "begun", session: { ...one, state: "asked", mode: null } })).toBe(at);
  });
  it("can be put away only when it is over", () => {
    expect(reduce(at, { type: "dismissed" })).toBe(at);
    expect(reduce({ session: { ...one, state: "ended" }, trouble: "" }, { type: "dismissed" })).toEqual(NOTHING);
  });
});
