/** The supervisor's page at its place in the site. */
import { useSession } from "../shared/session";
import { SupervisorPage } from "./SupervisorPage";

export default function Page() {
  const { me, language } = useSession();
  return me ? <SupervisorPage account={me.account_id} language={language} /> : null;
}
