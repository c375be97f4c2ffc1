/** The health page at its place in the site. */
import { useSession } from "../shared/session";
import { HealthPage } from "./HealthPage";

export default function Page() {
  const { me, language } = useSession();
  return <HealthPage language={language} mayAct={me?.role === "ops" || me?.role === "admin"} />;
}
