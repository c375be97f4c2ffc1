/** One day hour by hour: who is on duty, the minimum and what the forecast asks for. */
import { Modal } from "antd";
import { byDay, byHour, type Advice, type Coverage, type Hour } from "./model";
import { useText } from "./text";

interface Props {
  day: string;
  coverage: Coverage;
  advice: Advice | undefined;
  zone: string;
  queueTitle: (name: string) => string;
  close: () => void;
}

export function Hours({ day, coverage, advice, zone, queueTitle, close }: Props) {
  const text = useText();
  const tracks = coverage.tracks.flatMap((track) => {
    const slice = byDay(coverage, track, advice, zone).get(day);
    const what = [track.queue && queueTitle(track.queue), track.skill && `${track.skill} ≥ ${track.level}`].filter(Boolean).join(" · ");
    return slice ? [{ key: `${track.queue}/${track.skill}/${track.level}`, what: what || text.everybody, hours: byHour(slice), forecast: !track.skill }] : [];
  });
  const forecast = tracks.some((one) => one.hours.some((hour) => hour.asked > 0));
  // Without an answer for these days, as while it is asked for, there is no reason to give.
  const why = forecast || advice?.begins !== coverage.begins ? "" : advice.tracks.length ? text.notForecast : text.noForecast;
  const number = (n: number) => ({ className: n ? "" : "zero", children: n });
  const have = (one: Hour) => ({ className: one.short ? "short" : one.thin ? "thin" : one.have ? "" : "zero", children: one.have, title: one.short ? text.short : one.thin ? text.thin : undefined });
  return (
    <Modal open title={text.hoursOf(day)} onCancel={close} footer={null} width={1140} data-testid="hours">
      <div className="roster-hours">
        <table className="roster-table">
          <thead>
            <tr>
              <th className="left">{text.hour}</th>
              {tracks[0]?.hours.map((one, n) => <th key={n}>{one.hour}</th>)}
            </tr>
          </thead>
          {tracks.map((track) => (
            <tbody key={track.key} data-hours={track.key}>
              <tr className="what"><th className="left" colSpan={1 + track.hours.length}>{track.what}</th></tr>
              <tr data-row="need"><th className="left">{text.minimumRow}</th>{track.hours.map((one, n) => <td key={n} {...number(one.need)} />)}</tr>
              {forecast && track.forecast && <tr data-row="asked"><th className="left">{text.forecastRow}</th>{track.hours.map((one, n) => <td key={n} {...number(one.asked)} title={text.sum(one.asked, one.calls)} />)}</tr>}
              {forecast && track.forecast && <tr data-row="calls" className="part"><th className="left">{text.callsRow}</th>{track.hours.map((one, n) => <td key={n} {...number(one.calls)} />)}</tr>}
              <tr data-row="have"><th className="left">{text.onDuty}</th>{track.hours.map((one, n) => <td key={n} {...have(one)} />)}</tr>
              {forecast && track.forecast && <tr data-row="spare" className="part"><th className="left">{text.spareRow}</th>{track.hours.map((one, n) => <td key={n} {...number(one.spare)} />)}</tr>}
            </tbody>
          ))}
        </table>
      </div>
      <p className="roster-quiet" style={{ margin: "12px 0 0" }}>{text.hoursHint} {why}</p>
    </Modal>
  );
}
