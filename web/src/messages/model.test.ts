import { describe, expect, it } from "vitest";
import { inOrder, OPEN, query, type Message, type MessageState } from "./model";

const message = (id: string, state: MessageState, recorded_at: string): Message => ({
  id, state, recorded_at, contact_id: null, purpose: "voicemail", caller_number: "", customer_id: null, customer_name: null, hotline: "", queue: null,
  language: "zh-CN", seconds: 3, heard_at: null, handled_by: null, handled_at: null, note: "",
});

describe("messages", () => {
  it("shows what nobody has heard before all else, the newest first", () => {
    const found = inOrder([message("a", "done", "2026-01-05T05:00:00Z"), message("b", "new", "2026-01-05T01:00:00Z"), message("c", "heard", "2026-01-05T04:00:00Z"), message("d", "new", "2026-01-05T02:00:00Z")]);
    expect(found.map((one) => one.id)).toEqual(["d", "b", "c", "a"]);
  });
  it("asks for what is wanted and no more", () => {
    expect(query(OPEN, null)).toBe("limit=50&state=open");
    expect(query({ state: "all", purpose: "comment", queue: "general", number: "138" }, "x")).toBe("limit=50&purpose=comment&queue=general&number=138&cursor=x");
  });
});
