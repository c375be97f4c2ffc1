/** All of one's own roster: shifts, who is on, requests and their state, leave, the calendar link. */
import { Alert, App, Button, Drawer, Form, Input, Modal, Radio, Select, Skeleton, Space } from "antd";
import { useEffect, useState } from "react";
import { toldBy } from "../roster/api";
import { DaysPicker } from "../shared/Days";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import { asked, current, dayWord, type Mine, type MyAbsence, type MyShift, type MySwap, type SwapOption, type SwapShift } from "./ownRoster";
import { MINE, type MineText } from "./mineText";

interface Props {
  told: Mine | undefined;
  failed: boolean;
  language: Language;
  now: number;
  title: (shift: string) => string;
  close: () => void;
  again: () => void;
}

/** `said` false: what comes of it is seen. */
type Act = (work: () => Promise<unknown>, said?: boolean) => Promise<boolean>;

export default function MineDrawer(props: Props) {
  return <App component={false}><Inside {...props} /></App>;
}

function Inside({ told, failed, language, now, title, close, again }: Props) {
  const text = MINE[language];
  const { message } = App.useApp();
  const [swapping, setSwapping] = useState<MyShift>();
  const [leaving, setLeaving] = useState(false);
  const act: Act = async (work, said = true) => {
    try {
      await work();
      if (said) void message.success(text.done);
      return true;
    } catch (error) {
      void message.error(<span style={{ whiteSpace: "pre-line" }}>{text.refused}{toldBy(error, language === "zh-CN")}</span>, 6);
      return false;
    } finally {
      again();
    }
  };
  if (!told) {
    return (
      <Drawer open title={text.title} onClose={close} width={760}>
        {failed ? <Alert type="error" showIcon message={text.failed} action={<Button size="small" onClick={again}>{text.retry}</Button>} /> : <Skeleton active />}
      </Drawer>
    );
  }
  const name = (one: SwapShift) => `${dayWord(one.day, told.today, text)} ${title(one.shift)}`;
  const here = current(told.mine, now);
  const asksMe = asked(told.swaps);
  const mine = told.swaps.filter((one) => !asksMe.includes(one));
  const given = told.shifts.filter((one) => one.active).map((one) => ({ value: one.code, label: title(one.code) }));
  return (
    <Drawer open title={text.title} onClose={close} width={760} data-testid="my-roster-drawer"
      extra={<Button size="small" onClick={() => setLeaving(true)} data-testid="ask-leave">{text.leave}</Button>}>
      {asksMe.length > 0 && (
        <section className="mine-asked">
          <h4>{text.asksMe}</h4>
          {asksMe.map((one) => (
            <div key={one.id} className="mine-line" data-testid="asked-swap">
              <span className="grow">
                {one.in_return ? text.asksSwap(one.colleague, name(one.given), name(one.in_return)) : text.asksGive(one.colleague, name(one.given))}
                {one.note && <small>{one.note}</small>}
              </span>
              <Button size="small" onClick={() => void act(() => ask("POST", `/roster/swaps/${one.id}/answer`, { agree: false }))}>{text.decline}</Button>
              <Button size="small" type="primary" data-testid="agree" onClick={() => void act(() => ask("POST", `/roster/swaps/${one.id}/answer`, { agree: true }))}>{text.agree}</Button>
            </div>
          ))}
        </section>
      )}
      <div className="mine-columns">
        <section>
          <h4>{text.shifts}</h4>
          {told.mine.length === 0 && <p className="agent-quiet">{text.noShifts}</p>}
          <ul className="mine-list" data-testid="my-shifts">
            {told.mine.map((one) => (
              <li key={one.id} className={here?.shift.id === one.id && here.runs ? "mine-runs" : ""} data-shift={one.shift}>
                <span className="mine-day">{dayWord(one.day, told.today, text)}</span>
                <b>{title(one.shift)}</b>
                <span className="agent-number">{site(one.begins).format("HH:mm")}–{site(one.ends).format("HH:mm")}</span>
                <span className="grow agent-quiet">{[one.on_call ? text.onCall : "", one.note].filter(Boolean).join(" · ")}</span>
                {one.swapping ? <span className="mine-state">{text.swapping}</span>
                  : Date.parse(one.begins) > now && <Button type="link" size="small" onClick={() => setSwapping(one)} data-testid="swap">{text.swap}</Button>}
              </li>
            ))}
          </ul>
        </section>
        <section>
          <h4>{here?.runs ? text.withMe : text.withNext}</h4>
          {told.with_me.length === 0 && <p className="agent-quiet">{text.nobody}</p>}
          <ul className="mine-list" data-testid="with-me">
            {told.with_me.map((one) => (
              <li key={`${one.agent_id}${one.begins}`}>
                <i className={`mine-dot ${one.state === "offline" ? "" : one.state === "break" || one.state === "not_responding" ? "away" : "here"}`} />
                <span>{one.name}</span><span className="agent-quiet">{one.extension}</span>
                <span className="grow agent-quiet">{here?.runs ? (text.states_at_desk[one.state] ?? text.there) : ""}</span>
                <span>{title(one.shift)}</span>
              </li>
            ))}
          </ul>
          <h4>{text.breaks}</h4>
          <ul className="mine-list">
            {told.breaks.map((one) => (
              <li key={one.code}>
                <span className="grow">{language === "en" ? one.title_en || one.title : one.title}</span>
                <span className="agent-number">{text.minutes(Math.floor(one.used_s / 60), one.allowance_s === null ? null : one.allowance_s / 60)}</span>
              </li>
            ))}
          </ul>
          <Feed since={told.feed_since} text={text} act={act} />
        </section>
      </div>
      <h4>{text.requests}</h4>
      {mine.length + told.absences.length === 0 && <p className="agent-quiet">{text.noRequests}</p>}
      <ul className="mine-list" data-testid="my-requests">
        {mine.map((one) => <SwapLine key={one.id} one={one} text={text} name={name} act={act} />)}
        {told.absences.map((one) => <AbsenceLine key={one.id} one={one} text={text} title={title} act={act} />)}
      </ul>
      {swapping && <SwapModal shift={swapping} text={text} name={name} close={() => setSwapping(undefined)} act={act} />}
      {leaving && <Leave today={told.today} shifts={given} text={text} close={() => setLeaving(false)} act={act} />}
    </Drawer>
  );
}

function SwapLine({ one, text, name, act }: { one: MySwap; text: MineText; name: (one: SwapShift) => string; act: Act }) {
  const state = one.state === "requested" ? (one.agreed ? "agreed" : "open") : one.state;
  const words = one.asked_by_me ? [text.iGive, text.iSwap] as const : [text.asksGive, text.asksSwap] as const;
  return (
    <li data-testid="my-swap" data-state={state}>
      <span className="grow">{one.in_return ? words[1](one.colleague, name(one.given), name(one.in_return)) : words[0](one.colleague, name(one.given))}</span>
      <span className={`mine-state ${state}`}>{text.swapStates[state]}</span>
      {one.asked_by_me && one.state === "requested" && (
        <Button type="link" size="small" onClick={() => void act(() => ask("DELETE", `/roster/swaps/${one.id}`))}>{text.takeBack}</Button>
      )}
    </li>
  );
}

function AbsenceLine({ one, text, title, act }: { one: MyAbsence; text: MineText; title: (code: string) => string; act: Act }) {
  const wish = one.kind.startsWith("wish");
  return (
    <li data-testid="my-leave" data-state={one.state}>
      <span className="grow">{text.kinds[one.kind]} <span className="agent-number">{one.first_day.slice(5)}{one.last_day !== one.first_day && ` – ${one.last_day.slice(5)}`}</span>
        {one.shift && ` ${title(one.shift)}`}
        {one.note && <small>{one.note}</small>}</span>
      <span className={`mine-state ${one.state}`}>{wish && one.state === "requested" ? text.wished : text.states[one.state]}</span>
      {one.state === "requested" && <Button type="link" size="small" onClick={() => void act(() => ask("DELETE", `/roster/absences/${one.id}`))}>{text.takeBack}</Button>}
    </li>
  );
}

function SwapModal({ shift, text, name, close, act }: { shift: MyShift; text: MineText; name: (one: SwapShift) => string; close: () => void; act: Act }) {
  const [options, setOptions] = useState<SwapOption[]>();
  const [trouble, setTrouble] = useState<unknown>();
  const [who, setWho] = useState<string>();
  const [inReturn, setInReturn] = useState("");
  const [note, setNote] = useState("");
  useEffect(() => {
    ask<SwapOption[]>("GET", `/roster/mine/swaps/${shift.id}`).then(setOptions, setTrouble);
  }, [shift.id]);
  const chosen = options?.find((one) => one.agent_id === who);
  const choose = (agent: string) => {
    setWho(agent);
    const found = options?.find((one) => one.agent_id === agent);
    setInReturn(found?.takes ? "" : (found?.returns[0]?.id ?? ""));
  };
  const go = async () => {
    const body = { assignment_id: shift.id, to_account_id: who, other_assignment_id: inReturn || null, note };
    if (await act(() => ask("POST", "/roster/swaps", body))) close();
  };
  return (
    <Modal open title={text.swapTitle(name(shift))} onCancel={close} onOk={() => void go()} okText={text.ask} cancelText={text.cancel}
      okButtonProps={{ disabled: !chosen, id: "ask-swap" }}>
      <p className="agent-quiet">{text.swapHint}</p>
      {trouble !== undefined && <Alert type="error" showIcon message={text.failed} />}
      {options?.length === 0 && <Alert type="info" message={text.swapNobody} />}
      <Form layout="vertical">
        <Form.Item label={text.swapWith}>
          <Select loading={!options && trouble === undefined} showSearch optionFilterProp="label" value={who ?? null} onChange={(one: string | null) => one && choose(one)} data-testid="swap-who"
            options={(options ?? []).map((one) => ({ value: one.agent_id, label: `${one.name} ${one.extension}` }))} />
        </Form.Item>
        {chosen && (
          <Form.Item>
            <Radio.Group value={inReturn} onChange={(event) => setInReturn(String(event.target.value))} className="mine-returns">
              {chosen.takes && <Radio value="">{text.give}</Radio>}
              {chosen.returns.map((one) => <Radio key={one.id} value={one.id}>{text.inReturn(name(one))}</Radio>)}
            </Radio.Group>
          </Form.Item>
        )}
        <Form.Item label={text.note}><Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} /></Form.Item>
      </Form>
    </Modal>
  );
}

const KINDS = ["leave", "sick", "training", "wish_off", "wish_shift"] as const;

function Leave({ today, shifts, text, close, act }: { today: string; shifts: readonly { value: string; label: string }[]; text: MineText; close: () => void; act: Act }) {
  const [kind, setKind] = useState<(typeof KINDS)[number]>("leave");
  const [range, setRange] = useState<[string, string]>([today, today]);
  const [note, setNote] = useState("");
  const [shift, setShift] = useState(shifts[0]?.value ?? "");
  const go = async () => {
    const wished = kind === "wish_shift" ? { shift } : {};
    if (await act(() => ask("POST", "/roster/absences", { kind, first_day: range[0], last_day: range[1], note, ...wished }))) close();
  };
  return (
    <Modal open title={text.leave} onCancel={close} onOk={() => void go()} okText={text.ask} cancelText={text.cancel} okButtonProps={{ id: "ask-leave" }}>
      <p className="agent-quiet">{text.leaveHint}</p>
      <Form layout="vertical">
        <Form.Item label={text.kind}><Select value={kind} onChange={setKind} options={KINDS.map((one) => ({ value: one, label: text.kinds[one] }))} data-testid="leave-kind" /></Form.Item>
        {kind === "wish_shift" && <Form.Item label={text.shift}><Select value={shift} onChange={setShift} options={[...shifts]} data-testid="wished-shift" /></Form.Item>}
        <Form.Item label={text.days}>
          <DaysPicker allowClear={false} min={today} from={range[0]} to={range[1]} onChange={(from, to) => from && to && setRange([from, to])} />
        </Form.Item>
        <Form.Item label={text.note}><Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} data-testid="leave-note" /></Form.Item>
      </Form>
    </Modal>
  );
}

function Feed({ since, text, act }: { since: string | null; text: MineText; act: Act }) {
  const [link, setLink] = useState("");
  const [copied, setCopied] = useState(false);
  const make = () => void act(async () => {
    const made = await ask<{ path: string }>("POST", "/roster/feed");
    setCopied(false);
    setLink(`${location.origin}${made.path}`);
  }, false);
  return (
    <>
      <h4>{text.feed}</h4>
      <p className="agent-quiet">{text.feedHint}</p>
      {link ? (
        <Space.Compact block>
          <Input readOnly value={link} data-testid="feed-link" onFocus={(event) => event.target.select()} />
          <Button onClick={() => void navigator.clipboard.writeText(link).then(() => setCopied(true), () => undefined)}>{copied ? text.copied : text.copy}</Button>
        </Space.Compact>
      ) : (
        <Space wrap>
          <Button size="small" onClick={make} data-testid="feed-make">{since ? text.feedAgain : text.feedMake}</Button>
          {since && <span className="agent-quiet">{text.feedSince(site(since).format("YYYY-MM-DD"))}</span>}
        </Space>
      )}
    </>
  );
}
