/** Who was where the roster had them: each agent's day in figures, up to now where it is today. */
import { Drawer, Empty, Skeleton } from "antd";
import { useContext, useEffect, useState } from "react";
import { DayPicker } from "../shared/Days";
import { api, toldBy } from "./api";
import type { Adhered } from "./model";
import { LanguageContext, useText } from "./text";

const minutes = (seconds: number) => Math.round(seconds / 60);
const hours = (seconds: number) => (seconds / 3600).toFixed(1);
const share = (value: number | null) => (value === null ? "–" : `${Math.round(value * 100)}%`);

export function Adherence({ today, close }: { today: string; close: () => void }) {
  const text = useText();
  const chinese = useContext(LanguageContext) === "zh-CN";
  const [day, setDay] = useState(today);
  const [rows, setRows] = useState<Adhered[]>();
  const [failed, setFailed] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: another language asks for nothing new
  useEffect(() => {
    let current = true;
    setRows(undefined);
    api.adherence(day).then(
      (found) => {
        if (!current) return;
        setFailed("");
        setRows(found);
      },
      (error: unknown) => current && setFailed(toldBy(error, chinese)),
    );
    return () => {
      current = false;
    };
  }, [day]);
  const late = (seconds: number) => (seconds >= 60 ? <b className="roster-late">{minutes(seconds)}</b> : "");
  return (
    <Drawer open title={text.adherence} onClose={close} width={820} extra={<DayPicker aria-label={text.adherence} allowClear={false} placement="bottomRight" max={today} value={day} onChange={(picked) => picked && setDay(picked)} />}>
      <p className="roster-quiet">{text.adherenceHint}</p>
      {failed ? <Empty description={failed} /> : !rows ? <Skeleton active /> : !rows.length ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text.nobodyThen} /> : (
        <table className="roster-table" data-testid="adherence">
          <thead>
            <tr>
              <th className="left">{text.agent}</th><th>{text.adherenceShare}</th><th>{text.conformance}</th><th>{text.scheduled}</th><th>{text.present}</th>
              <th>{text.breaks}</th><th>{text.overdueBy}</th><th>{text.lateBy}</th><th>{text.leftEarly}</th><th>{text.outside}</th>
            </tr>
          </thead>
          <tbody>
            {[...rows].sort((a, b) => (a.adherence ?? 2) - (b.adherence ?? 2)).map((one) => (
              <tr key={one.agent_id} data-agent={one.name}>
                <td className="left">{one.name}</td>
                <td>{share(one.adherence)}</td>
                <td>{share(one.conformance)}</td>
                <td>{hours(one.scheduled_s)}</td>
                <td>{hours(one.present_s)}</td>
                <td>{minutes(one.break_s) || ""}</td>
                <td>{late(one.overdue_s)}</td>
                <td>{late(one.late_s)}</td>
                <td>{late(one.left_early_s)}</td>
                <td>{one.outside_s >= 60 ? hours(one.outside_s) : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Drawer>
  );
}
