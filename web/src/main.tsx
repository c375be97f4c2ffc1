/** One bundle for all pages; each page's own code is loaded when it is opened. */
import { Button, ConfigProvider, Result, Spin } from "antd";
import { lazy, Suspense, useEffect, type ComponentType, type LazyExoticComponent } from "react";
import { createRoot } from "react-dom/client";
import { CaseBadge } from "./shared/CaseBadge";
import { CaseNotices } from "./shared/CaseNotices";
import { NewMessages } from "./shared/NewMessages";
import { ShortOfPeople } from "./roster/ShortOfPeople";
import { Broken } from "./shared/Broken";
import { LOCALES } from "./shared/locale";
import { Login } from "./shared/Login";
import { tokenOfAddress } from "./shared/token";
import { SessionProvider, useSession, type Role } from "./shared/session";
import { Shell, type Place } from "./shared/Shell";
import { THEME } from "./shared/theme";
import { setTitle } from "./shared/title";
import "./shared/base.css";

interface PageOf extends Place {
  page: LazyExoticComponent<ComponentType>;
  /** It fills the screen, without ways to other pages around it. */
  bare?: true;
}

const CASE_WORKERS: readonly Role[] = ["agent", "lead", "supervisor", "admin", "department"];

const PAGES: readonly PageOf[] = [
  {
    path: "/agent",
    title: { "zh-CN": "坐席", en: "Agent" },
    roles: ["agent", "lead", "supervisor"],
    page: lazy(() => import("./agent/page")),
  },
  {
    path: "/supervisor",
    title: { "zh-CN": "现场", en: "Floor" },
    roles: ["lead", "supervisor", "admin"],
    group: "floor",
    page: lazy(() => import("./supervisor/page")),
  },
  {
    path: "/wallboard",
    title: { "zh-CN": "大屏", en: "Wallboard" },
    roles: ["lead", "supervisor", "admin", "ops", "agent"],
    group: "floor",
    bare: true,
    page: lazy(() => import("./wallboard/page")),
  },
  {
    path: "/contacts",
    title: { "zh-CN": "来往记录", en: "Calls" },
    roles: ["agent", "lead", "supervisor", "admin"],
    group: "contact",
    page: lazy(() => import("./contacts/page")),
  },
  {
    path: "/customers",
    title: { "zh-CN": "客户", en: "Customers" },
    roles: ["agent", "lead", "supervisor", "admin"],
    group: "contact",
    page: lazy(() => import("./customers/page")),
  },
  {
    path: "/cases",
    title: { "zh-CN": "工单", en: "Cases" },
    roles: CASE_WORKERS,
    group: "contact",
    badge: <CaseBadge />,
    page: lazy(() => import("./cases/page")),
  },
  {
    path: "/messages",
    title: { "zh-CN": "留言", en: "Messages" },
    roles: ["agent", "lead", "supervisor", "admin"],
    group: "contact",
    badge: <NewMessages />,
    page: lazy(() => import("./messages/page")),
  },
  {
    path: "/visits",
    title: { "zh-CN": "回访", en: "Visits" },
    roles: ["agent", "lead", "supervisor", "admin"],
    group: "contact",
    page: lazy(() => import("./visits/page")),
  },
  {
    path: "/callbacks",
    title: { "zh-CN": "回电", en: "Call-backs" },
    roles: ["lead", "supervisor", "admin"],
    group: "contact",
    page: lazy(() => import("./callbacks/page")),
  },
  {
    path: "/roster",
    title: { "zh-CN": "排班", en: "Roster" },
    roles: ["lead", "supervisor", "admin"],
    badge: <ShortOfPeople />,
    page: lazy(() => import("./roster/page")),
  },
  {
    path: "/reports",
    title: { "zh-CN": "报表", en: "Reports" },
    roles: ["lead", "supervisor", "admin", "ops"],
    page: lazy(() => import("./reports/page")),
  },
  {
    path: "/staff",
    title: { "zh-CN": "人员", en: "Staff" },
    roles: ["lead", "supervisor", "admin"],
    group: "people",
    page: lazy(() => import("./staff/page")),
  },
  {
    path: "/audit",
    title: { "zh-CN": "操作记录", en: "Audit" },
    roles: ["supervisor", "admin"],
    group: "people",
    page: lazy(() => import("./audit/page")),
  },
  {
    path: "/ops",
    title: { "zh-CN": "流程", en: "Flows" },
    roles: ["ops", "admin", "supervisor", "lead"],
    group: "operations",
    page: lazy(() => import("./ops/page")),
  },
  {
    path: "/ops/health",
    title: { "zh-CN": "线路与健康", en: "Health" },
    roles: ["ops", "admin", "supervisor", "lead"],
    group: "operations",
    page: lazy(() => import("./health/page")),
  },
  {
    path: "/phone",
    title: { "zh-CN": "试拨电话", en: "Test phone" },
    roles: ["agent", "lead", "supervisor", "ops", "admin"],
    page: lazy(() => import("./phone/page")),
  },
];

const TEXT = {
  "zh-CN": { product: "呼叫中心", signIn: "登录", forbidden: "您的角色不能打开此页", missing: "没有这个页面", home: "回到我的页面", away: "服务暂时没有响应，正在自动重试…" },
  en: { product: "Call centre", signIn: "Sign in", forbidden: "Not for your role", missing: "No such page", home: "To my page", away: "The service does not answer; trying again…" },
};

function Site() {
  const { me, away, language } = useSession();
  const text = TEXT[language];
  const fitting = PAGES.filter((one) => location.pathname === one.path || location.pathname.startsWith(`${one.path}/`));
  const place = fitting.sort((one, other) => other.path.length - one.path.length)[0];
  const named = me === null ? text.signIn : place?.title[language];
  useEffect(() => setTitle(named ? `${named} · ${text.product}` : text.product), [named, text]);
  if (me === undefined && !(away && place?.bare && tokenOfAddress())) return away ? <Result status="warning" title={text.away} data-testid="away" /> : null;
  // A screen on the wall shows who it is by a token in its address; nobody signs in there.
  if (place?.bare && (tokenOfAddress() || (me && place.roles.includes(me.role)))) {
    return <Broken language={language}><Suspense fallback={null}><place.page /></Suspense></Broken>;
  }
  if (!me) return <Login />;
  const mine = PAGES.find((one) => one.roles.includes(me.role));
  if (!place && mine && ["/", "/login"].includes(location.pathname)) {
    location.replace(mine.path);
    return null;
  }
  const open = place?.roles.includes(me.role);
  return (
    <Shell places={PAGES} here={place?.path ?? ""} notices={CASE_WORKERS.includes(me.role) && <CaseNotices />}>
      {place && open ? (
        <Broken language={language}><Suspense fallback={<Spin style={{ margin: 48 }} />}><place.page /></Suspense></Broken>
      ) : (
        <Result status={place ? "403" : "404"} title={place ? text.forbidden : text.missing} extra={mine && <Button type="primary" href={mine.path}>{text.home}</Button>} />
      )}
    </Shell>
  );
}

function Localised() {
  const { language } = useSession();
  return (
    <ConfigProvider locale={LOCALES[language]} theme={THEME} button={{ autoInsertSpace: false }}>
      <Site />
    </ConfigProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <SessionProvider>
    <Localised />
  </SessionProvider>,
);
