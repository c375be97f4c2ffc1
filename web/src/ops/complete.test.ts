import { describe, expect, it } from "vitest";
import { placeAt, stepNames, suggest, type Names, type Schema } from "./complete";

const ROOT: Schema = {
  properties: {
    flow: { type: "string" },
    language: { $ref: "#/$defs/language" },
    steps: {
      additionalProperties: {
        anyOf: [
          {
            title: "play",
            required: ["play", "next"],
            properties: { play: {}, next: { $ref: "#/$defs/target" }, barge_in: { type: "boolean" }, label: {} },
          },
          {
            title: "gather",
            required: ["gather"],
            properties: {
              gather: {},
              digits: { properties: { min: {}, max: {}, end: { enum: ["#", "*"] } } },
              label: {},
            },
          },
          { title: "queue", required: ["queue"], properties: { queue: {}, keys: {}, label: {} } },
        ],
      },
    },
  },
  $defs: { language: { enum: ["zh-CN", "en"] }, target: { type: "string" } },
};
const NAMES: Names = { queues: ["general", "consult"], flows: ["sub"], calendars: ["day"], hotlines: ["4008001"] };

/** The suggestions at the bar. */
function at(text: string): string[] {
  const position = text.indexOf("|");
  return suggest(ROOT, text.replace("|", ""), position, NAMES).options.map((one) => one.label);
}

describe("completion in a flow", () => {
  it("offers the keys of the file at its edge, without those that stand there", () => {
    expect(at("flow: main\n|\nsteps:\n")).toEqual(["language"]);
  });

  it("asks a new step what it does", () => {
    expect(at("steps:\n  hello:\n    |\n")).toEqual(["play", "label", "gather", "queue"]);
  });

  it("then offers that kind's keys only", () => {
    expect(at("steps:\n  hello:\n    play: Hi.\n    |\n")).toEqual(["next", "barge_in", "label"]);
  });

  it("knows the keys below as well as those above", () => {
    expect(at("steps:\n  hello:\n    |\n    play: Hi.\n    next: a\n  other:\n    label: x\n")).toEqual(["barge_in", "label"]);
  });

  it("goes into nested mappings and braces", () => {
    expect(at("steps:\n  a:\n    gather: x\n    digits:\n      min: 2\n      |")).toEqual(["max", "end"]);
    expect(at("steps:\n  a:\n    gather: x\n    digits: {min: 2, |")).toEqual(["max", "end"]);
    expect(at("steps:\n  a:\n    gather: x\n    digits: {min: 2, end: |")).toEqual(["#", "*"]);
  });

  it("offers steps as targets, and what exists elsewhere by its name", () => {
    const text = "steps:\n  a:\n    play: x\n    next: |\n  b:\n    queue: general\ntests: []\n";
    expect(at(text)).toEqual(["a", "b", "end"]);
    expect(at("steps:\n  a:\n    queue: |")).toEqual(["general", "consult"]);
    expect(at("steps:\n  a:\n    queue: x\n    keys: {1: |")).toEqual(["a", "end"]);
  });

  it("offers values where the schema lists them", () => {
    expect(at("language: |")).toEqual(["zh-CN", "en"]);
    expect(at("steps:\n  a:\n    play: x\n    barge_in: |")).toEqual(["true", "false"]);
  });

  it("replaces the word at the cursor", () => {
    const text = "steps:\n  a:\n    play: x\n    next: wel";
    expect(placeAt(text, text.length)).toMatchObject({ key: "next", typed: "wel", from: text.length - 3 });
  });

  it("lists the steps of a file, and none of what follows", () => {
    expect(stepNames("start: a\nsteps:\n  a:\n    play: x\n  b-2: {hangup: }\ntests:\n  - name: c\n")).toEqual(["a", "b-2"]);
  });
});
