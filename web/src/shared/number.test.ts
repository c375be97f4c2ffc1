import { expect, it } from "vitest";
import { national } from "./number";

it.each([
  ["+8613800000001", "13800000001"],
  ["+861065550001", "01065550001"],
  ["+864008000001", "4008000001"],
  ["+4930123456", "+4930123456"],
  ["4008001", "4008001"],
  ["", ""],
])("writes %s as %s", (number, written) => expect(national(number)).toBe(written));
