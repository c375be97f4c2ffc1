/** The calls' pages at their places in the site: the list, and one call. */
import { useSession } from "../shared/session";
import { ContactPage } from "./ContactPage";
import { ListPage } from "./ListPage";
import "../agent/agent.css";
import "./contacts.css";
import "../messages/messages.css";

export default function Page() {
  const { language, me } = useSession();
  const id = location.pathname.split("/")[2];
  if (!me) return null;
  return id ? <ContactPage id={id} language={language} role={me.role} /> : <ListPage language={language} role={me.role} />;
}
