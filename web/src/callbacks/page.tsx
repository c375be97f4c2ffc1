/** The call-backs' page at its place in the site. */
import { useSession } from "../shared/session";
import { CallbacksPage } from "./CallbacksPage";

export default function Page() {
  const { language } = useSession();
  return <CallbacksPage language={language} />;
}
