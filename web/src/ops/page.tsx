/** The operations page at its place in the site. */
import { useSession } from "../shared/session";
import { OpsPage } from "./OpsPage";

export default function Page() {
  const { me, language } = useSession();
  return <OpsPage language={language} mayEdit={me?.role === "ops" || me?.role === "admin"} />;
}
