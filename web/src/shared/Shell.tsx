/** What stands around every page: where one can go, who one is, the language. */
import { Button, Dropdown, Space } from "antd";
import { useState, type ReactNode } from "react";
import { LanguageSwitch } from "./LanguageSwitch";
import { Ways } from "./Ways";
import { OwnPassword } from "./OwnPassword";
import { useSession, type Language, type Role } from "./session";
import { elsewhere } from "./time";

export interface Place {
  path: string;
  title: Record<Language, string>;
  roles: readonly Role[];
  /** Pages of one group stand in one menu where somebody may open many. */
  group?: Group;
  badge?: ReactNode;
}

export type Group = "floor" | "contact" | "people" | "operations";

const TEXT = {
  "zh-CN": { out: "退出", password: "修改密码", pages: "页面", zone: (zone: string) => `时间均为 ${zone}` },
  en: { out: "Sign out", password: "Change password", pages: "Pages", zone: (zone: string) => `Times are ${zone}` },
};

export function Shell({ places, here, children }: { places: readonly Place[]; here: string; children: ReactNode }) {
  const { me, language, signOut } = useSession();
  const text = TEXT[language];
  const [changing, setChanging] = useState(false);
  const zone = elsewhere();
  return (
    <div className="shell">
      <header className="shell-head">
        <nav aria-label={text.pages}>
          <Ways places={places.filter((place) => me && place.roles.includes(me.role))} here={here} language={language} />
        </nav>
        <Space>
          {zone && <span className="shell-zone">{text.zone(zone)}</span>}
          <LanguageSwitch />
          <Dropdown trigger={["click"]} menu={{ items: [{ key: "password", label: text.password }], onClick: () => setChanging(true) }}>
            <Button size="small" type="text" data-testid="account">{me?.name} ▾</Button>
          </Dropdown>
          <Button size="small" type="text" onClick={() => void signOut()}>{text.out}</Button>
        </Space>
      </header>
      <div className="shell-page">{children}</div>
      {changing && me && <OwnPassword account={me.account_id} language={language} close={() => setChanging(false)} />}
    </div>
  );
}
