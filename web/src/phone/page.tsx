/** The browser telephone at its place in the site. */
import { useSession } from "../shared/session";
import { PhonePage } from "./PhonePage";

export default function Page() {
  return <PhonePage language={useSession().language} />;
}
