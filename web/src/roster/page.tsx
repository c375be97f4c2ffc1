/** The roster page at its place in the site. */
import { useSession } from "../shared/session";
import { RosterPage } from "./RosterPage";

export default function Page() {
  const { language } = useSession();
  return <RosterPage language={language} />;
}
