/** What stands around every page: where one can go, who one is, the language. */
import { Button, Space } from "antd";
import type { ReactNode } from "react";
import { LanguageSwitch } from "./LanguageSwitch";
import { useSession, type Language, type Role } from "./session";

export interface Place {
  path: string;
  title: Record<Language, string>;
  roles: readonly Role[];
  badge?: ReactNode;
}

const OUT: Record<Language, string> = { "zh-CN": "退出", en: "Sign out" };

export function Shell({ places, here, children }: { places: readonly Place[]; here: string; children: ReactNode }) {
  const { me, language, signOut } = useSession();
  return (
    <div className="shell">
      <header className="shell-head">
        <nav>
          {places
            .filter((place) => me && place.roles.includes(me.role))
            .map((place) => (
              <a key={place.path} href={place.path} aria-current={place.path === here ? "page" : undefined}>
                {place.title[language]}{place.badge}
              </a>
            ))}
        </nav>
        <Space>
          <LanguageSwitch />
          <span>{me?.name}</span>
          <Button size="small" type="text" onClick={() => void signOut()}>{OUT[language]}</Button>
        </Space>
      </header>
      <div className="shell-page">{children}</div>
    </div>
  );
}
