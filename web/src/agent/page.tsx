/** The agent's page at its place in the site. */
import { useSession } from "../shared/session";
import { AgentPage } from "./AgentPage";

export default function Page() {
  const { me, language } = useSession();
  return me ? <AgentPage account={me.account_id} language={language} /> : null;
}
