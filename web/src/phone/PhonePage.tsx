/** A telephone in the browser that dials the hotlines: the whole centre can be tried with two tabs. */
import { Alert, Button, Input, Select, Space, Typography } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, ask } from "../shared/http";
import { Keypad } from "../shared/Keypad";
import type { Language } from "../shared/session";
import { NO_PHONE, SipPhone, type PhoneState, type Seat } from "../shared/sip";
import { troubleWords } from "../shared/trouble";
import { TEXT } from "./text";
import "./phone.css";

interface Hotline { number: string; name: string; title: string; title_en: string }

const CALLER = "callcenter.phone.caller";

export function PhonePage({ language }: { language: Language }) {
  const text = TEXT[language];
  const [hotlines, setHotlines] = useState<Hotline[]>([]);
  const [hotline, setHotline] = useState<string>();
  const [caller, setCaller] = useState(() => localStorage.getItem(CALLER) ?? "13800000001");
  const [phone, setPhone] = useState<PhoneState>(NO_PHONE);
  const [pressed, setPressed] = useState("");
  const [trouble, setTrouble] = useState<unknown>();
  const [began, setBegan] = useState<number>();
  const [seconds, setSeconds] = useState(0);
  const sound = useRef<HTMLAudioElement>(null);
  const sip = useRef<{ phone: SipPhone; caller: string }>(undefined);
  const wanted = useRef<string>(undefined);

  useEffect(() => {
    ask<Hotline[]>("GET", "/hotlines").then(
      (found) => {
        setHotlines(found);
        setHotline(found[0]?.number);
      },
      (error: unknown) => setTrouble(error),
    );
    return () => sip.current?.phone.stop();
  }, []);
  const changed = useCallback((state: PhoneState) => {
    setPhone(state);
    // The line is fetched for the number one calls from; the call waits until it is registered.
    if (state.line === "registered" && wanted.current) {
      const number = wanted.current;
      wanted.current = undefined;
      sip.current?.phone.dial(number);
    }
    if (state.line === "refused") wanted.current = undefined;
  }, []);
  useEffect(() => {
    if (phone.call !== "talking") {
      setBegan(undefined);
      return;
    }
    const start = Date.now();
    setBegan(start);
    setSeconds(0);
    const timer = window.setInterval(() => setSeconds(Math.floor((Date.now() - start) / 1000)), 1000);
    return () => window.clearInterval(timer);
  }, [phone.call]);

  const dial = async () => {
    if (!hotline || !sound.current) return;
    setPressed("");
    setTrouble(undefined);
    if (sip.current?.caller === caller && phone.line === "registered") {
      sip.current.phone.dial(hotline);
      return;
    }
    sip.current?.phone.stop();
    try {
      const seat = await ask<Seat>("POST", "/phone/line", { caller_number: caller });
      localStorage.setItem(CALLER, caller);
      wanted.current = hotline;
      // What is measured by tones must not be taken for noise: this telephone sends what the microphone hears.
      sip.current = { caller, phone: new SipPhone(seat, sound.current, changed, { noiseSuppression: false, echoCancellation: false, autoGainControl: false }) };
    } catch (error) {
      setTrouble(error);
    }
  };
  const busy = phone.call !== "none" || (wanted.current !== undefined && trouble === undefined && phone.line !== "refused");
  const told = trouble === undefined ? (text.causes[phone.trouble] ?? phone.trouble)
    : trouble instanceof ApiError && trouble.status === 422 ? text.badNumber : troubleWords(trouble, language);
  const state = phone.call !== "none" ? phone.call : wanted.current !== undefined ? "connecting" : "none";
  const minutes = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <main className="phone">
      <audio ref={sound} autoPlay data-testid="remote-audio" />
      <div className="phone-body">
        <Typography.Title level={4}>{text.title}</Typography.Title>
        <label>{text.callFrom}
          <Input value={caller} inputMode="tel" disabled={busy} data-testid="phone-caller" onChange={(event) => setCaller(event.target.value.trim())} />
        </label>
        <label>{text.hotline}
          <Select style={{ width: "100%" }} value={hotline ?? null} disabled={busy} data-testid="phone-hotline" onChange={(number) => setHotline(number ?? undefined)}
            options={hotlines.map((one) => ({ value: one.number, label: `${one.number}　${language === "en" ? one.title_en || one.title : one.title}` }))} />
        </label>
        <div className="phone-screen">
          <b data-testid="phone-state" data-state={state}>{text.states[state]}</b>
          <span>{began ? minutes : ""}</span>
          <span className="phone-keys">{pressed}</span>
        </div>
        <Keypad disabled={phone.call !== "talking"} focused={phone.call === "talking"} press={(digit) => {
          sip.current?.phone.key(digit);
          setPressed((last) => (last + digit).slice(-16));
        }} />
        <Space.Compact block>
          <Button type="primary" block disabled={busy || !hotline} onClick={() => void dial()} data-testid="phone-dial">{text.dial}</Button>
          <Button danger block disabled={!busy} data-testid="phone-hang-up" onClick={() => {
            wanted.current = undefined;
            sip.current?.phone.hangUp();
          }}>{text.hangUp}</Button>
        </Space.Compact>
        <div className="phone-trouble">
          {told && <Alert type="warning" showIcon message={told} />}
        </div>
        <p>{text.hint}</p>
      </div>
    </main>
  );
}
