/** Who is signed in, and the page's language: what every page needs before it can show anything. */
import { setZone } from "./time";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

export type Language = "zh-CN" | "en";
export type Role = "agent" | "lead" | "supervisor" | "ops" | "admin" | "department";

export interface Me {
  account_id: string;
  login: string;
  name: string;
  role: Role;
  language: string;
  /** The site's zone. */
  timezone: string;
}

export interface Session {
  /** undefined: not known yet; null: nobody. */
  me: Me | null | undefined;
  /** It is not known because the service does not say: it is asked again until it does. */
  away: boolean;
  language: Language;
  setLanguage: (language: Language) => void;
  signIn: (login: string, password: string) => Promise<string>;
  /** False: the service did not take it, and this browser is signed in still. */
  signOut: () => Promise<boolean>;
}

const KEPT = "callcenter.language";
const AGAIN_MS = 2000;
const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession outside of SessionProvider");
  return session;
}

function kept(): Language | undefined {
  const found = localStorage.getItem(KEPT);
  return found === "zh-CN" || found === "en" ? found : undefined;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [me, setMe] = useState<Me | null>();
  const [chosen, setChosen] = useState<Language | undefined>(kept);
  const known = useCallback((found: Me | null) => {
    if (found) setZone(found.timezone);
    setMe(found);
  }, []);
  const [away, setAway] = useState(false);
  useEffect(() => {
    let timer: number | undefined;
    const look = async () => {
      const answer = await fetch("/api/v1/session").catch(() => null);
      const knows = answer?.ok === true || answer?.status === 401;
      setAway(!knows);
      if (knows) known(answer.status === 200 ? ((await answer.json()) as Me) : null);
      else timer = window.setTimeout(() => void look(), AGAIN_MS);
    };
    void look();
    return () => window.clearTimeout(timer);
  }, [known]);
  const setLanguage = useCallback((language: Language) => {
    localStorage.setItem(KEPT, language);
    setChosen(language);
  }, []);
  const signIn = useCallback(async (login: string, password: string): Promise<string> => {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ login, password }),
    }).catch(() => null);
    if (answer?.ok) {
      known((await answer.json()) as Me);
      return "";
    }
    return answer?.status === 401 ? "wrong" : answer?.status === 429 ? "slow_down" : "unreachable";
  }, [known]);
  const signOut = useCallback(async () => {
    const answer = await fetch("/api/v1/session", { method: "DELETE" }).catch(() => null);
    const over = answer?.ok === true || answer?.status === 401;
    if (over) setMe(null);
    return over;
  }, []);
  const language: Language = chosen ?? (me?.language === "en" ? "en" : "zh-CN");
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(() => ({ me, away, language, setLanguage, signIn, signOut }), [me, away, language, setLanguage, signIn, signOut]);
  return <SessionContext.Provider value={value}>{children}</SessionContext.Provider>;
}
