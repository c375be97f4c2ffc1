/** The customers' pages at their places in the site: the list, and one customer. */
import { lazy } from "react";
import { useSession } from "../shared/session";
import "../agent/agent.css";
import "../contacts/contacts.css";
import "../cases/cases.css";
import "./customers.css";

const ListPage = lazy(() => import("./ListPage").then((found) => ({ default: found.ListPage })));
const CustomerPage = lazy(() => import("./CustomerPage").then((found) => ({ default: found.CustomerPage })));

export default function Page() {
  const { language, me } = useSession();
  const id = location.pathname.split("/")[2];
  if (!me) return null;
  return id ? <CustomerPage id={id} language={language} me={me} /> : <ListPage language={language} />;
}
