/** The return visits' page at its place in the site. */
import { useSession } from "../shared/session";
import { VisitsPage } from "./VisitsPage";
import "../callbacks/callbacks.css";
import "./visits.css";

export default function Page() {
  const { language, me } = useSession();
  return me ? <VisitsPage language={language} role={me.role} /> : null;
}
