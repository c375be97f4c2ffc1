/** Reasons in sentences, with the time of each that has one: why a caller waited, why an agent got a call. */
import type { Language } from "./session";
import "./reasons.css";
import { site } from "./time";

export interface Sentence { code: string; at: string | null; zh: string; en: string }

export function Reasons({ told, language }: { told: Sentence[]; language: Language }) {
  return (
    <ol className="reasons" data-testid="why">
      {told.map((one, place) => (
        <li key={`${one.code}-${place}`}>
          <time>{one.at ? site(one.at).format("HH:mm:ss") : ""}</time>
          <span>{language === "en" ? one.en : one.zh}</span>
        </li>
      ))}
    </ol>
  );
}
