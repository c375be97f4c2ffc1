/** On every page of those who lead: how many people are missing at this moment; a dot when the coming hours fall short. */
import { Badge } from "antd";
import { useSession, type Language } from "../shared/session";
import { useLive } from "./useLive";

const TOLD: Record<Language, { now: (n: number) => string; soon: string }> = {
  "zh-CN": { now: (n) => `此刻少 ${n} 人`, soon: "未来 12 小时人数不足" },
  en: { now: (n) => `${n} too few at this moment`, soon: "Short of people within 12 hours" },
};

export function ShortOfPeople() {
  const { language } = useSession();
  const live = useLive();
  const missing = Math.max(0, ...(live?.short ?? []).map((one) => one.need - one.here));
  const soon = !missing && Boolean(live?.coming.length);
  const text = TOLD[language];
  return (
    <Badge
      count={missing} dot={soon} color={soon ? "#d97706" : "#dc2626"} size="small" offset={[4, -2]}
      title={missing ? text.now(missing) : text.soon} data-testid="short-of-people"
    />
  );
}
