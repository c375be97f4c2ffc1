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
  language: Language;
  setLanguage: (language: Language) => void;
  signIn: (login: string, password: string) => Promise<string>;
  signOut: () => Promise<void>;
}

const KEPT = "callcenter.language";
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
  useEffect(() => {
    fetch("/api/v1/session").then(
      async (answer) => known(answer.status === 200 ? ((await answer.json()) as Me) : null),
      () => setMe(null),
    );
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
    return !answer ? "unreachable" : answer.status === 429 ? "slow_down" : "wrong";
  }, [known]);
  const signOut = useCallback(async () => {
    await fetch("/api/v1/session", { method: "DELETE" }).catch(() => null);
    setMe(null);
  }, []);
  const language: Language = chosen ?? (me?.language === "en" ? "en" : "zh-CN");
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(() => ({ me, language, setLanguage, signIn, signOut }), [me, language, setLanguage, signIn, signOut]);
  return <SessionContext.Provider value={value}>{children}</SessionContext.Provider>;
}
