/** Why a customer's record was not kept, and the way to who stands in it. */
import { national } from "../shared/number";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import type { Refusal } from "./model";
import type { Text } from "./text";

export function Refused({ why, language, text }: { why: Refusal; language: Language; text: Text }) {
  switch (why.kind) {
    case "changed":
      return <>{text.changed}</>;
    case "taken":
      return <>{text.taken(national(why.number))}<a href={`/customers/${why.customer}`}>{text.takenOpen}</a></>;
    case "no_number":
      return <>{text.noNumber}</>;
    case "leads_only":
      return <>{text.leadsOnly}</>;
    case "other":
      return <>{troubleWords(why.error, language)}</>;
  }
}
