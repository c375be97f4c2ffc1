import { describe, expect, it } from "vitest";
import { walked } from "./Caller";
import type { PathStep } from "./model";

const entry = (step: string, event: string, more: Partial<PathStep> = {}): PathStep => ({
  at: "2026-03-02T01:00:00Z", flow: "main", step, label: "", event, detail: "", ...more,
});
const PATH = [
  entry("menu", "entered", { label: "主菜单", label_en: "Main menu" }),
  entry("menu", "key", { detail: "3" }),
  entry("find", "entered", { label: "查询" }),
  entry("find", "not_found"),
];

describe("how they got here", () => {
  it("is told in the reader's language, or in the one there is", () => {
    expect(walked(PATH, "zh-CN").map((step) => step.label)).toEqual(["主菜单", "查询"]);
    expect(walked(PATH, "en").map((step) => step.label)).toEqual(["Main menu", "查询"]);
  });

  it("has the keys and what they led to behind each step, in words", () => {
    expect(walked(PATH, "zh-CN").map((step) => step.keys)).toEqual([["3"], ["未找到"]]);
    expect(walked(PATH, "en").map((step) => step.keys)).toEqual([["3"], ["not found"]]);
  });
});
