/** The cases' pages at their places in the site: the list, the settings, and one case. */
import { lazy } from "react";
import { useSession } from "../shared/session";
import "../agent/agent.css";
import "../contacts/contacts.css";
import "./cases.css";

const ListPage = lazy(() => import("./ListPage").then((found) => ({ default: found.ListPage })));
const CasePage = lazy(() => import("./CasePage").then((found) => ({ default: found.CasePage })));
const SettingsPage = lazy(() => import("./SettingsPage").then((found) => ({ default: found.SettingsPage })));

export default function Page() {
  const { language, me } = useSession();
  const which = location.pathname.split("/")[2];
  if (!me) return null;
  if (which === "settings") return <SettingsPage language={language} role={me.role} />;
  return which ? <CasePage number={which} language={language} me={me} /> : <ListPage language={language} role={me.role} />;
}
