import { describe, expect, it } from "vitest";
import { kindOf, namesIn, namesUnder, placeAt, suggest, type Names, type Schema } from "./complete";

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
const NAMES: Names = { queues: ["general", "consult"], flows: ["sub"], calendars: ["day"], shifts: ["early"], hotlines: ["4008001"], trunks: ["demo"] };

/** The suggestions at the bar. */
function at(text: string, root: Schema = ROOT): string[] {
  const position = text.indexOf("|");
  return suggest(root, text.replace("|", ""), position, NAMES).options.map((one) => one.label);
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
    expect(namesUnder("start: a\nsteps:\n  a:\n    play: x\n  b-2: {hangup: }\ntests:\n  - name: c\n", "steps")).toEqual(["a", "b-2"]);
  });
});

const QUEUES: Schema = {
  title: "Queues",
  properties: { desk: { properties: { order: { enum: ["weight", "longest_wait"] } } } },
  additionalProperties: {
    properties: {
      title: { type: "string" },
      strategy: { enum: ["longest_idle", "best_skill"] },
      overflow: { type: "array", items: { properties: { when: { enum: ["wait", "length"] }, over: {}, to: {} } } },
      drill: { type: "boolean" },
    },
  },
};
const HOTLINES: Schema = {
  title: "Hotlines",
  additionalProperties: {
    properties: { flow: {}, language: { enum: ["zh-CN", "en"] }, trunk: {}, busy_flow: {}, greeting: { properties: { "zh-CN": {}, en: {} } } },
  },
};

describe("completion in the other files", () => {
  it("knows each file by its name", () => {
    expect(["main.yaml", "hotlines.yaml", "queues.yaml", "hours.yaml", "myqueues.yaml"].map(kindOf)).toEqual(["flow", "hotlines", "queues", "hours", "flow"]);
  });

  it("offers a hotline's keys, and flows and trunks by name", () => {
    expect(at('"4008001":\n  flow: main\n  |', HOTLINES)).toEqual(["language", "trunk", "busy_flow", "greeting"]);
    expect(at('"4008001":\n  flow: |', HOTLINES)).toEqual(["sub"]);
    expect(at('"4008001":\n  trunk: |', HOTLINES)).toEqual(["demo"]);
    expect(at('"4008001":\n  language: |', HOTLINES)).toEqual(["zh-CN", "en"]);
    expect(at('"4008001":\n  greeting:\n    |', HOTLINES)).toEqual(["zh-CN", "en"]);
  });

  it("offers a queue's keys and their values, and the desk's own", () => {
    expect(at("general:\n  title: x\n  |\n", QUEUES)).toEqual(["strategy", "overflow", "drill"]);
    expect(at("general:\n  strategy: |", QUEUES)).toEqual(["longest_idle", "best_skill"]);
    expect(at("desk:\n  order: |", QUEUES)).toEqual(["weight", "longest_wait"]);
    expect(at("|\ngeneral:\n  title: x\n", QUEUES)).toEqual(["desk"]);
  });

  it("goes into the entries of a list, each by itself", () => {
    const rules = "general:\n  overflow:\n    - when: wait\n      |\n    - when: length\n      over: 3\n";
    expect(at(rules, QUEUES)).toEqual(["over", "to"]);
    expect(at("general:\n  overflow:\n    - when: wait\n      over: 3\n    - |", QUEUES)).toEqual(["when", "over", "to"]);
    expect(at("general:\n  overflow:\n  - when: |", QUEUES)).toEqual(["wait", "length"]);
    expect(at("general:\n  overflow:\n    - when: wait\n      to: |", QUEUES)).toEqual(["consult"]);
  });

  it("reads the names from the files as they are now", () => {
    const names = namesIn(
      {
        "hotlines.yaml": '"4008001":\n  flow: main\n"4008002": {flow: b}\n',
        "queues.yaml": "desk:\n  order: weight\ngeneral:\n  title: x\nnew: {title: y}\n",
        "hours.yaml": "shifts:\n  early: 08:00-20:00\ncalendars:\n  day:\n    shifts: [early]\n  night: {week: {daily: 20:00-08:00}}\n",
        "main.yaml": "flow: main\nstart: a\n",
        "gone.yaml": null,
      },
      ["demo"],
    );
    expect(names).toEqual({
      queues: ["general", "new"], hotlines: ["4008001", "4008002"], calendars: ["day", "night"], shifts: ["early"], flows: ["main"], trunks: ["demo"],
    });
  });
});
