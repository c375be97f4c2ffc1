/** The reports at their places in the site. */
import { useSession } from "../shared/session";
import { ReportsPage } from "./ReportsPage";

export default function Page() {
  const { language, me } = useSession();
  return me && <ReportsPage language={language} role={me.role} />;
}
