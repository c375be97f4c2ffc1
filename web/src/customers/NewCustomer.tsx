/** A customer whom no call has made known. */
import { Alert, Form, Input, Modal } from "antd";
import { useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { refusalOf, type CustomerRecord, type Refusal } from "./model";
import { Refused } from "./Refused";
import type { Text } from "./text";

export default function NewCustomer({ language, text, close }: { language: Language; text: Text; close: () => void }) {
  const [form, setForm] = useState({ name: "", company: "", number: "" });
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | "nameless">();
  const create = async () => {
    const name = form.name.trim();
    if (!name) {
      setRefusal("nameless");
      return;
    }
    const phones = form.number.trim() ? [{ number: form.number.trim(), label: "" }] : [];
    setBusy(true);
    try {
      const made = await ask<CustomerRecord>("POST", "/customers", { name, company: form.company.trim(), phones });
      location.assign(`/customers/${made.id}`);
    } catch (error) {
      setRefusal(refusalOf(error, phones.length ? { phones } : {}));
      setBusy(false);
    }
  };
  const field = (name: keyof typeof form, max: number) => ({
    id: `customer-${name}`, maxLength: max, value: form[name], "data-testid": `new-${name}`,
    onChange: (event: { target: { value: string } }) => setForm((had) => ({ ...had, [name]: event.target.value })), onPressEnter: () => void create(),
  });
  return (
    <Modal open title={text.newTitle} okText={text.create} cancelText={text.cancel} confirmLoading={busy} onOk={() => void create()} onCancel={close}>
      <Form layout="vertical" size="small">
        {refusal && <Alert type="error" showIcon message={refusal === "nameless" ? text.nameNeeded : <Refused why={refusal} language={language} text={text} />} style={{ marginBottom: 8 }} />}
        <Form.Item label={text.name} htmlFor="customer-name"><Input autoFocus {...field("name", 120)} /></Form.Item>
        <Form.Item label={text.number} htmlFor="customer-number"><Input inputMode="tel" {...field("number", 40)} /></Form.Item>
        <Form.Item label={text.company} htmlFor="customer-company"><Input {...field("company", 200)} /></Form.Item>
      </Form>
    </Modal>
  );
}
