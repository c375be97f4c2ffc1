/** A case that no call began. */
import { Alert, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import type { WholeCase } from "./model";
import type { Text } from "./text";
import type { useLists } from "./useLists";

export default function NewCase({ lists, language, text, close }: { lists: ReturnType<typeof useLists>; language: Language; text: Text; close: () => void }) {
  const [form, setForm] = useState<{ subject: string; kind: string; department: string | null; caller_number: string; note: string }>({ subject: "", kind: "inquiry", department: null, caller_number: "", note: "" });
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const set = (part: Partial<typeof form>) => setForm((had) => ({ ...had, ...part }));
  const create = async () => {
    if (!form.subject.trim()) {
      setTrouble(text.subjectNeeded);
      return;
    }
    setBusy(true);
    try {
      const made = await ask<WholeCase>("POST", "/cases", { ...form, subject: form.subject.trim() });
      location.assign(`/cases/${made.number}`);
    } catch (error) {
      setTrouble(troubleWords(error, language));
      setBusy(false);
    }
  };
  return (
    <Modal open title={text.newTitle} okText={text.create} cancelText={text.cancel} confirmLoading={busy} onOk={() => void create()} onCancel={close}>
      <Form layout="vertical" size="small">
        {trouble && <Alert type="error" showIcon message={trouble} style={{ marginBottom: 8 }} />}
        <Form.Item label={text.subject} htmlFor="case-subject"><Input id="case-subject" autoFocus maxLength={200} value={form.subject} onChange={(event) => set({ subject: event.target.value })} data-testid="new-subject" /></Form.Item>
        <div className="case-pair">
          <Form.Item label={text.kind} htmlFor="case-kind"><Select id="case-kind" value={form.kind} options={lists.kindOptions} onChange={(kind) => set({ kind })} /></Form.Item>
          <Form.Item label={text.department} htmlFor="case-department"><Select id="case-department" allowClear value={form.department} options={lists.departmentOptions} onChange={(code) => set({ department: code ?? null })} /></Form.Item>
        </div>
        <Form.Item label={text.customerNumber} htmlFor="case-number"><Input id="case-number" inputMode="tel" maxLength={40} value={form.caller_number} onChange={(event) => set({ caller_number: event.target.value.trim() })} /></Form.Item>
        <Form.Item label={text.note} htmlFor="case-note"><Input.TextArea id="case-note" maxLength={4000} autoSize={{ minRows: 3, maxRows: 8 }} value={form.note} onChange={(event) => set({ note: event.target.value })} /></Form.Item>
      </Form>
    </Modal>
  );
}
