/** The supervisor's page at its place in the site. */
import { useSession } from "../shared/session";
import { SupervisorPage } from "./SupervisorPage";

export default function Page() {
  const { language } = useSession();
  return <SupervisorPage language={language} />;
}
