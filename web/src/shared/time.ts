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

/** What somebody picked on a calendar, taken as the site's day, as an instant. */
export const dayStart = (picked: Dayjs): string => dayjs.tz(picked.format("YYYY-MM-DD")).startOf("day").toISOString();
export const dayEnd = (picked: Dayjs): string => dayjs.tz(picked.format("YYYY-MM-DD")).endOf("day").toISOString();
