import { describe, expect, it } from "vitest";
import { setZone } from "../shared/time";
import { said } from "./incidentText";
import { ago, path, written } from "./model";

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
  it("says an incident in Chinese by its kind and facts, and in English as it was written", () => {
    const one = { kind: "part_restarted", text: "the service was ended by SIGKILL, and was back after 1.1 s", facts: { part: "service", ended: "was ended by SIGKILL", away_s: 1.1 } };
    expect(said(one, "zh-CN")).toBe("服务被 SIGKILL 终止，1.1 秒后恢复");
    expect(said(one, "en")).toBe(one.text);
    const short = { kind: "roster_short", text: "", facts: { begins: "2026-03-02T12:00:00+00:00", ends: "2026-03-03T00:00:00+00:00", have: 1, need: 2, queue: "night", skill: "" } };
    setZone("Asia/Shanghai");
    expect(said(short, "zh-CN")).toBe("03-02 20:00–08:00（队列 night） 排班 1 人，最低 2 人");
    expect(said({ kind: "staff_short", text: "", facts: { here: 5, need: 8, queue: "", skill: "" } }, "zh-CN")).toBe("此刻在线 5 人，最低 8 人");
    expect(said({ kind: "clock_jump", text: "", facts: { value: -3600 } }, "zh-CN")).toContain("-3600.0 秒");
  });
  it("shows what it cannot say as it was written", () => {
    expect(said({ kind: "loop_lag", text: "held up", facts: {} }, "zh-CN")).toBe("held up");
    expect(said({ kind: "something_new", text: "new", facts: { value: 1 } }, "zh-CN")).toBe("new");
  });
});
