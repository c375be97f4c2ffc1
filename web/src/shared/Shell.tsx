/** What stands around every page: where one can go, who one is, the language. */
import { Button, Dropdown, message, Space } from "antd";
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
  "zh-CN": { out: "退出", notOut: "服务没有响应，还没有退出，请稍后再试", password: "修改密码", pages: "页面", zone: "时间", zoneHint: (zone: string) => `时间均为 ${zone}` },
  en: { out: "Sign out", notOut: "The service does not answer: you are signed in still. Try again in a moment", password: "Change password", pages: "Pages", zone: "Times", zoneHint: (zone: string) => `Times are ${zone}` },
};

interface Props {
  places: readonly Place[];
  here: string;
  /** What must be told on every page. */
  notices: ReactNode;
  children: ReactNode;
}

export function Shell({ places, here, notices, children }: Props) {
  const { me, language, signOut } = useSession();
  const text = TEXT[language];
  const [changing, setChanging] = useState(false);
  const zone = elsewhere();
  const [toast, toasts] = message.useMessage();
  const leave = async () => {
    if (!(await signOut())) void toast.error(text.notOut);
  };
  return (
    <div className="shell">
      {toasts}
      <header className="shell-head">
        <nav aria-label={text.pages}>
          <Ways places={places.filter((place) => me && place.roles.includes(me.role))} here={here} language={language} />
        </nav>
        {notices}
        <Space className="shell-own">
          {zone && <span className="shell-zone" title={text.zoneHint(zone)}>{text.zone} {zone.replace(/^.*\(|\)$/g, "")}</span>}
          <LanguageSwitch />
          <Dropdown trigger={["click"]} menu={{ items: [{ key: "password", label: text.password }], onClick: () => setChanging(true) }}>
            <Button size="small" type="text" data-testid="account">{me?.name} ▾</Button>
          </Dropdown>
          <Button size="small" type="text" onClick={() => void leave()}>{text.out}</Button>
        </Space>
      </header>
      <div className="shell-page">{children}</div>
      {changing && me && <OwnPassword account={me.account_id} language={language} close={() => setChanging(false)} />}
    </div>
  );
}
