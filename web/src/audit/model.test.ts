import { describe, expect, it } from "vitest";
import { setZone } from "../shared/time";
import { address, asked, query } from "./model";

describe("what the audit is asked", () => {
  it("is kept by the address, and given back", () => {
    for (const search of ["", "?person=none", "?person=abc&kind=roster&from=2026-03-01&to=2026-03-02"]) {
      expect(address(asked(search))).toBe(`/audit${search}`);
    }
    expect(address(asked("?from=yesterday"))).toBe("/audit");
  });

  it("takes days as the site's, the last one included", () => {
    setZone("Asia/Shanghai");
    const made = query(asked("?from=2026-03-01&to=2026-03-01&kind=flows"), "en");
    expect(Object.fromEntries(made)).toEqual({
      language: "en", kind: "flows", from: "2026-02-28T16:00:00.000Z", to: "2026-03-01T15:59:59.999Z",
    });
  });
});
