/** Telephone numbers for people. */

const HOME = "+86";

/** As one dials it here: a number at home without its country code, any other as it is. */
export function national(number: string): string {
  if (!number.startsWith(HOME)) return number;
  const rest = number.slice(HOME.length);
  return /^1[3-9]\d{9}$/.test(rest) || rest.startsWith("400") || rest.startsWith("800") ? rest : `0${rest}`;
}
