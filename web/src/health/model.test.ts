import { describe, expect, it } from "vitest";
import { ago, kindOf, path, written } from "./model";

describe("what the health page writes", () => {
  it("gives every value its unit", () => {
    expect(written("loop_lag_s", 0.0123)).toBe("12 ms");
    expect(written("journal_lag_s", 12.34)).toBe("12.3 s");
    expect(written("disk_free_share", 0.2938)).toBe("29 %");
    expect(written("ari_ms", 0.71)).toBe("0.7 ms");
    expect(written("calls", 7)).toBe("7");
    expect(written("calls", undefined)).toBe("–");
  });
  it("draws a curve from the bottom and never above the box", () => {
    expect(path([0, 0], 10, 20, 1)).toBe("M0.0 20.0L10.0 20.0");
    expect(path([0, 4, 2], 10, 20, 1)).toBe("M0.0 20.0L5.0 0.0L10.0 10.0");
    expect(path([1], 10, 20, 1)).toBe("");
  });
  it("tells how long ago in both languages", () => {
    const now = Date.parse("2026-03-02T10:00:00Z");
    expect(ago("2026-03-02T09:59:30Z", now, "en")).toBe("30 s");
    expect(ago("2026-03-02T07:55:00Z", now, "zh-CN")).toBe("2 小时 5 分");
    expect(ago("2026-02-27T10:00:00Z", now, "en")).toBe("3 d");
  });
  it("keeps the name of a kind it does not know", () => {
    expect(kindOf("trunk_down", "zh-CN")).toBe("线路中断");
    expect(kindOf("something_new", "en")).toBe("something_new");
  });
});
