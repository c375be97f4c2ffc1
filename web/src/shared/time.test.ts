import dayjs from "dayjs";
import { expect, it } from "vitest";
import { LOCALES } from "./locale";
import { dayEnd, dayStart, setZone, wallClock } from "./time";

it("takes days and hours as the site's, whatever the browser's zone", () => {
  setZone("Asia/Shanghai");
  expect([dayStart("2026-03-01"), dayEnd("2026-03-01")]).toEqual(["2026-02-28T16:00:00.000Z", "2026-03-01T15:59:59.999Z"]);
  expect(wallClock(dayjs("2026-12-05T09:00")).toISOString()).toBe("2026-12-05T01:00:00.000Z");
});

it("names the calendar's locales as dayjs knows them, with weeks that begin on Monday", () => {
  for (const [language, named] of [["zh-CN", "zh-cn"], ["en", "en-gb"]] as const) {
    for (const part of ["DatePicker", "Calendar"] as const) expect(String(LOCALES[language][part]?.lang.locale).toLowerCase().replace("_", "-")).toBe(named);
    expect(dayjs("2026-03-04").locale(named).startOf("week").format("YYYY-MM-DD")).toBe("2026-03-02");
  }
});
