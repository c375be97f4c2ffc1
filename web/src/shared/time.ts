/** Times on the pages: in the site's zone, wherever the browser stands. */
import dayjs, { type Dayjs } from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";

dayjs.extend(utc);
dayjs.extend(timezone);

let zoneOfSite = "";

/** Set once, from the session. */
export function setZone(zone: string): void {
  zoneOfSite = zone;
  dayjs.tz.setDefault(zone);
}

/** The site's zone as one writes it, where this browser's clock shows another time; else empty. */
export function elsewhere(): string {
  const now = dayjs();
  return zoneOfSite && now.tz().utcOffset() !== now.utcOffset() ? `${zoneOfSite} (UTC${now.tz().format("Z")})` : "";
}

/** An instant as the site's clocks show it. */
export const site = (at: string | number): Dayjs => dayjs(at).tz();

/** Day and time to the second, with the year where it is not this one. */
export function moment(at: string): string {
  const then = site(at);
  return then.format(then.year() === site(Date.now()).year() ? "MM-DD HH:mm:ss" : "YYYY-MM-DD HH:mm:ss");
}

/** What somebody picked or typed, by the site's clocks: what is typed comes in the browser's zone. */
export const wallClock = (picked: Dayjs): Dayjs => dayjs.tz(picked.format("YYYY-MM-DDTHH:mm"));

/** When a day of the site (`2026-11-30`) begins and ends, as instants. */
export const dayStart = (day: string): string => dayjs.tz(day).startOf("day").toISOString();
export const dayEnd = (day: string): string => dayjs.tz(day).endOf("day").toISOString();
