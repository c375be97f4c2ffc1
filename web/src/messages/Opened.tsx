/** One message, open: its sound, whose it is, and what came of it. */
import { Alert, Button, Input, message as toasts, Space } from "antd";
import { useState } from "react";
import { Player } from "../contacts/Player";
import { TEXT as CONTACTS } from "../contacts/text";
import { ask } from "../shared/http";
import { site } from "../shared/time";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { useDial } from "../shared/useDial";
import type { Message } from "./model";
import type { Text } from "./text";

export function Opened({ message, text, language, onChanged }: { message: Message; text: Text; language: Language; onChanged: (message: Message) => void }) {
  const [note, setNote] = useState(message.note);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const send = async (what: "done" | "reopen") => {
    setBusy(true);
    try {
      onChanged(await ask<Message>("POST", `/messages/${message.id}/${what}`, what === "done" ? { note } : undefined));
      window.dispatchEvent(new Event("messages-changed"));
      setTrouble("");
    } catch (error) {
      setTrouble(troubleWords(error, language));
    } finally {
      setBusy(false);
    }
  };
  const [toast, shown] = toasts.useMessage();
  const dial = useDial(language, toast);
  // The contact, where there is one: the call then goes out over the hotline that was called, and is linked to it.
  const callBack = () =>
    void dial.call(message.contact_id ? { contact_id: message.contact_id } : { number: message.caller_number, ...(message.hotline ? { hotline: message.hotline } : {}) });
  const heard = () => {
    if (message.state !== "new") return;
    onChanged({ ...message, state: "heard" });
    window.dispatchEvent(new Event("messages-changed"));
  };
  return (
    <div className="message-open" data-testid="message">
      {shown}
      {dial.asking}
      <Player of="messages" recording={message} language={language} onPlay={heard} />
      <Space className="contact-quiet" wrap>
        {message.caller_number && <Button size="small" onClick={callBack} data-testid="call-back">{CONTACTS[language].dial}</Button>}
        {message.contact_id ? <a href={`/contacts/${message.contact_id}`}>{text.call}</a> : <span>{text.away}</span>}
        {message.caller_number && <a href={`/contacts?number=${encodeURIComponent(message.caller_number)}`}>{text.customer}</a>}
        {message.handled_by && <span>{text.by} {message.handled_by} · {site(message.handled_at ?? message.recorded_at).format("MM-DD HH:mm")}</span>}
      </Space>
      {message.state === "done" ? (
        <Space><span data-testid="message-note">{message.note}</span><Button size="small" loading={busy} onClick={() => void send("reopen")}>{text.reopen}</Button></Space>
      ) : (
        <Space.Compact style={{ width: "100%", maxWidth: 640 }}>
          <Input value={note} maxLength={2000} placeholder={text.notePlaceholder} aria-label={text.note} onChange={(event) => setNote(event.target.value)} onPressEnter={() => void send("done")} />
          <Button type="primary" loading={busy} onClick={() => void send("done")} data-testid="mark-done">{text.markDone}</Button>
        </Space.Compact>
      )}
      {trouble && <Alert type="error" showIcon message={trouble} />}
    </div>
  );
}
