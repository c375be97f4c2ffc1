/** The audit's place in the site. */
import { useSession } from "../shared/session";
import { AuditPage } from "./AuditPage";
import "./audit.css";

export default function Page() {
  const { language } = useSession();
  return <AuditPage language={language} />;
}
