/** What I must be told of cases that stand still, on whatever page I am. */
import { Button, notification } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { span } from "../cases/model";
import { ask } from "./http";
import { useSession, type Language } from "./session";
import { site } from "./time";
import { useRefetch } from "./useRefetch";

const EVERY_MS = 30_000;
/** One at a time: what is to be done on the page stays in sight. */
const SHOWN = 1;
interface Notice { id: string; number: number; subject: string; at: string; trigger: "reply" | "resolve"; level: number; after_minutes: number }

const TEXT = {
  "zh-CN": {
    title: (n: Notice, more: number) => `工单 ${n.number} 升级（第 ${n.level} 级）${more ? `，还有 ${more} 条` : ""}`, open: "打开", seen: "知道了",
    said: (n: Notice) => `${n.subject}：${span(n.after_minutes * 60_000, "zh-CN").trim()}${n.trigger === "reply" ? "无人答复" : "未办结"}（${site(n.at).format("MM-DD HH:mm")}）`,
  },
  en: {
    title: (n: Notice, more: number) => `Case ${n.number} escalated (level ${n.level})${more ? `, ${more} more` : ""}`, open: "Open it", seen: "Seen",
    said: (n: Notice) => `${n.subject}: ${span(n.after_minutes * 60_000, "en").trim()} without ${n.trigger === "reply" ? "an answer" : "an end"} (${site(n.at).format("MM-DD HH:mm")})`,
  },
} satisfies Record<Language, unknown>;

export function CaseNotices() {
  const { language } = useSession();
  const [notices, setNotices] = useState<Notice[]>([]);
  const [told, holder] = notification.useNotification({ placement: "bottomRight", stack: false });
  const shown = useRef(new Set<string>());
  const look = useCallback(() => ask<Notice[]>("GET", "/case-notices").then(setNotices, () => undefined), []);
  useRefetch(look, EVERY_MS, "cases-changed");
  useEffect(() => {
    const text = TEXT[language];
    const away = (one: Notice) => ask("POST", "/case-notices/seen", { ids: [one.id] }).then(() => setNotices((had) => had.filter((each) => each.id !== one.id)), () => undefined);
    const top = notices.slice(0, SHOWN);
    for (const gone of shown.current) if (!top.some((one) => one.id === gone)) told.destroy(gone);
    shown.current = new Set(top.map((one) => one.id));
    for (const one of top) {
      told.warning({
        key: one.id, duration: 0, message: text.title(one, notices.length - 1), style: { width: 340, padding: "12px 16px" }, description: text.said(one), closable: false,
        actions: (
          <>
            <Button size="small" type="text" onClick={() => void away(one)} data-testid="notice-seen">{text.seen}</Button>
            <Button size="small" type="primary" onClick={() => void away(one).then(() => location.assign(`/cases/${one.number}`))} data-testid="notice-open">{text.open}</Button>
          </>
        ),
      });
    }
  }, [notices, language, told]);
  return holder;
}
