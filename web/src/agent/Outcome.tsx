/** What came of the call: one click, a note, saved. What is typed is kept until the service has it. */
import { Alert, Button, Input, Radio, Space, Typography } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { ApiError, ask } from "../shared/http";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { useKeys } from "../shared/useKeys";
import { nextCase } from "../cases/model";
import { CaseOf, useOpenCases } from "./CaseOf";
import type { Draft, Pop } from "./model";
import type { Text } from "./text";

export interface Disposition { code: string; title: string; title_en: string }

/** Loaded when it is opened first, with its calendar. */
const Later = lazy(() => import("./Later"));

interface Props {
  contact: string;
  pop: Pop | null;
  draft: Draft | undefined;
  dispositions: Disposition[];
  language: Language;
  text: Text;
  keep: (contact: string, draft: Draft) => void;
  drop: (contact: string) => void;
  onSaved: () => void;
}

export function Outcome({ contact, pop, draft, dispositions, language, text, keep, drop, onSaved }: Props) {
  const [form, setForm] = useState<Draft>(
    () => draft ?? { disposition: "", note: "", name: "", caller: pop?.caller_number ?? "", at: new Date().toISOString() },
  );
  const [saved, setSaved] = useState(false);
  const [queued, setQueued] = useState(false);
  const [number, setNumber] = useState<number>();
  const [busy, setBusy] = useState(false);
  const [later, setLater] = useState(false);
  const [trouble, setTrouble] = useState("");
  const open = useOpenCases(form.caller, pop?.case?.number);
  useEffect(() => {
    if (!saved) keep(contact, form);
  }, [contact, form, saved, keep]);
  const change = (part: Partial<Draft>) => {
    setSaved(false);
    setTrouble("");
    setForm((last) => ({ ...last, ...part }));
  };
  const save = async () => {
    if (!form.disposition) {
      setTrouble(text.chooseDisposition);
      return;
    }
    setBusy(true);
    try {
      const answer = await ask<{ queued?: boolean; outcome?: { case: { number: number } | null } }>("PUT", `/contacts/${contact}/outcome`, {
        disposition: form.disposition,
        note: form.note,
        open_case: form.openCase === true,
        ...(form.openCase ? { case: { kind: form.caseKind ?? "", department: form.caseDepartment ?? null } } : {}),
        about_case: form.aboutCase ?? null,
        ...(form.name.trim() ? { customer: { name: form.name.trim() } } : {}),
      });
      setSaved(true);
      setQueued(answer?.queued === true);
      setNumber(answer?.outcome?.case?.number);
      setTrouble("");
      drop(contact);
      onSaved();
    } catch (error) {
      setTrouble(error instanceof ApiError && error.status === 0 ? text.unreachable : troubleWords(error, language));
    } finally {
      setBusy(false);
    }
  };
  // From anywhere on the page: who talks with one hand on the keyboard need not look for the form first.
  const note = useRef<TextAreaRef>(null);
  useKeys((event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (!busy && !saved) void save();
      return true;
    }
    if (!event.altKey || event.ctrlKey || event.metaKey) return false;
    if (event.code === "KeyL" && open.length > 0 && number === undefined) change({ aboutCase: nextCase(open, form.aboutCase), openCase: false });
    else if (event.code === "KeyN") note.current?.focus();
    else {
      const chosen = /^Digit[1-9]$/.test(event.code) ? dispositions[Number(event.code.slice(-1)) - 1] : undefined;
      if (!chosen) return false;
      change({ disposition: chosen.code });
    }
    return true;
  });
  return (
    <form
      className="agent-outcome"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Radio.Group value={form.disposition} onChange={(event) => change({ disposition: String(event.target.value) })}>
        <div className="agent-dispositions">
          {dispositions.map((one, place) => (
            <Radio.Button key={one.code} value={one.code} title={place < 9 ? `Alt+${place + 1}` : ""} data-testid={`disposition-${one.code}`}>
              {place < 9 && <small>{place + 1}</small>}{language === "en" ? one.title_en || one.title : one.title}
            </Radio.Button>
          ))}
        </div>
      </Radio.Group>
      {pop !== null && pop.customer === null && (
        <Input value={form.name} maxLength={120} placeholder={text.customerName} aria-label={text.customerName}
          data-testid="customer-name" onChange={(event) => change({ name: event.target.value })} />
      )}
      <Input.TextArea ref={note} value={form.note} maxLength={4000} title={text.noteHint} placeholder={text.notePlaceholder} aria-label={text.note}
        autoSize={{ minRows: 6, maxRows: 14 }} data-testid="note" onChange={(event) => change({ note: event.target.value })} />
      <CaseOf cases={open} form={form} opened={number !== undefined} change={change} language={language} text={text} />
      {number !== undefined && <Typography.Text strong copyable={{ text: String(number) }} data-testid="case-number">{text.caseNumber(String(number).replace(/(\d{3})(?=\d)/g, "$1 "))}</Typography.Text>}
      <div className="agent-save">
        <Button type="primary" htmlType="submit" loading={busy} disabled={saved} title={text.saveHint} data-testid="save-outcome">
          {text.save}
        </Button>
        <Space>
          {saved && <Typography.Text type="success" data-testid="outcome-saved">{queued ? text.queued : text.saved}</Typography.Text>}
          <a href={`/contacts/${contact}`} target="_blank" rel="noreferrer">{text.contact}</a>
        </Space>
      </div>
      {pop !== null && pop.caller_number && (later ? (
        <Suspense fallback={null}>
          <Later contact={contact} pop={pop} note={form.note} language={language} text={text} close={() => setLater(false)} />
        </Suspense>
      ) : <Button size="small" onClick={() => setLater(true)} data-testid="later">{text.later}…</Button>)}
      {trouble && <Alert type="error" showIcon message={trouble} data-testid="outcome-trouble" />}
    </form>
  );
}
