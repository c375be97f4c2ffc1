/** What I must be told of cases that stand still, on whatever page I am: one at a time, in the head of the page, where it
 *  covers nothing and moves nothing. */
import { Button } from "antd";
import { useCallback, useState } from "react";
import { span } from "../cases/model";
import { ask } from "./http";
import { useSession, type Language } from "./session";
import { site } from "./time";
import { DESK, tabOf } from "./Ways";
import { useKeys } from "./useKeys";
import { useRefetch } from "./useRefetch";

const EVERY_MS = 30_000;
interface Notice { id: string; number: number; subject: string; at: string; trigger: "reply" | "resolve"; level: number; after_minutes: number }

const TEXT = {
  "zh-CN": {
    title: (n: Notice, more: number) => `工单 ${n.number} 升级（第 ${n.level} 级）${more ? `，还有 ${more} 条` : ""}`, seen: "知道了", key: "知道了 Alt+G",
    said: (n: Notice) => `${n.subject}：${span(n.after_minutes * 60_000, "zh-CN").trim()}${n.trigger === "reply" ? "无人答复" : "未办结"}（${site(n.at).format("MM-DD HH:mm")}）`,
  },
  en: {
    title: (n: Notice, more: number) => `Case ${n.number} escalated (level ${n.level})${more ? `, ${more} more` : ""}`, seen: "Seen", key: "Seen Alt+G",
    said: (n: Notice) => `${n.subject}: ${span(n.after_minutes * 60_000, "en").trim()} without ${n.trigger === "reply" ? "an answer" : "an end"} (${site(n.at).format("MM-DD HH:mm")})`,
  },
} satisfies Record<Language, unknown>;

export function CaseNotices() {
  const { language } = useSession();
  const [notices, setNotices] = useState<Notice[]>([]);
  const look = useCallback(() => ask<Notice[]>("GET", "/case-notices").then(setNotices, () => undefined), []);
  useRefetch(look, EVERY_MS, "cases-changed");
  const away = (one: Notice) =>
    ask("POST", "/case-notices/seen", { ids: [one.id] }).then(() => setNotices((had) => had.filter((each) => each.id !== one.id)), () => undefined);
  const text = TEXT[language];
  const top = notices[0];
  // The desk holds the telephone: it is not left for a case.
  const atDesk = location.pathname === DESK;
  useKeys((event) => {
    if (!top || !event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyG") return false;
    void away(top);
    return true;
  });
  return (
    <div role="status" className="shell-notices">
      {top && (
        <div className="shell-notice" data-testid="case-notice">
          <a className="shell-notice-said" title={`${text.title(top, notices.length - 1)}\n${text.said(top)}`} href={`/cases/${top.number}`} {...(atDesk && { target: tabOf("/cases") })} data-testid="notice-open"
            onClick={(event) => {
              const seen = away(top);
              if (atDesk) return;
              event.preventDefault();
              void seen.then(() => location.assign(`/cases/${top.number}`));
            }}>
            <b>{text.title(top, notices.length - 1)}</b> {text.said(top)}
          </a>
          <Button size="small" type="text" title={text.key} onClick={() => void away(top)} data-testid="notice-seen">{text.seen}</Button>
        </div>
      )}
    </div>
  );
}
