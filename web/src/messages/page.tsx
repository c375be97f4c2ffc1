/** The messages' page at its place in the site. */
import { useSession } from "../shared/session";
import { MessagesPage } from "./MessagesPage";
import "../agent/agent.css";
import "../contacts/contacts.css";
import "./messages.css";

export default function Page() {
  const { language } = useSession();
  return <MessagesPage language={language} />;
}
