/** The staff's page at its place in the site. */
import { useSession } from "../shared/session";
import { StaffPage } from "./StaffPage";

export default function Page() {
  const { language, me } = useSession();
  return <StaffPage language={language} role={me?.role ?? "agent"} />;
}
