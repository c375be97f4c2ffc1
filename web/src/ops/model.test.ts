import { describe, expect, it } from "vitest";
import { layout } from "./layout";
import { draftOf, onOlder, tallies, type StepCount } from "./model";

const count = (version: string, step: string, now: number, passed = 0, hung_up = 0): StepCount => ({
  version, flow: "main", step, now, passed, hung_up,
});

describe("counts", () => {
  it("adds up the versions that callers walk", () => {
    const found = tallies([count("a", "ask", 2, 5, 1), count("b", "ask", 1, 1), count("a", "wait", 3)]);
    expect(found.get("main/ask")).toEqual({ now: 3, passed: 6, hung_up: 1 });
    expect(found.get("main/wait")?.now).toBe(3);
  });

  it("tells how many still walk an older version", () => {
    expect(onOlder([count("a", "ask", 2), count("b", "ask", 1)], "b")).toBe(2);
  });
});

describe("a draft", () => {
  it("holds only what differs from the live files", () => {
    expect(draftOf({ "a.yaml": "1", "b.yaml": "2" }, { "a.yaml": "1", "b.yaml": "3", "c.yaml": "4" })).toEqual({
      "b.yaml": "3",
      "c.yaml": "4",
    });
  });
});

describe("the drawing", () => {
  const node = (id: string) => ({ id, kind: "play", label: id, label_en: "", line: 1, text: "", text_en: "", flow: "" });

  it("puts each step below the one that leads to it, and none upon another", () => {
    const at = layout({
      start: "a",
      nodes: ["c", "b", "a"].map(node),
      edges: [
        { source: "a", target: "b", label: "next" },
        { source: "a", target: "c", label: "key 1" },
        { source: "b", target: "b", label: "again" },
        { source: "b", target: "a", label: "back" },
      ],
    });
    expect(at.get("b")!.y).toBeGreaterThan(at.get("a")!.y);
    expect(at.get("c")!.y).toBeGreaterThan(at.get("a")!.y);
    expect(at.get("c")!.x).not.toBe(at.get("b")!.x);
  });
});
