/** One person: who they are, which queues they serve, what they can do. */
import { Alert, AutoComplete, Button, Checkbox, Drawer, Form, Input, InputNumber, Select, Space } from "antd";
import { useState } from "react";
import type { Language, Role } from "../shared/session";
import { type Account, type Form as Shape, type QueueTitle, withLevel } from "./model";
import type { Text } from "./text";

interface Props {
  /** null: somebody new. */
  account: Account | null;
  first: Shape;
  queues: readonly QueueTitle[];
  skills: readonly string[];
  roles: readonly Role[];
  language: Language;
  text: Text;
  close: () => void;
  save: (form: Shape) => Promise<string>;
}

export function Editor({ account, first, queues, skills, roles, language, text, close, save }: Props) {
  const [form, setForm] = useState(first);
  const [skill, setSkill] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const set = (change: Partial<Shape>) => setForm((had) => ({ ...had, ...change }));
  const put = (of: "queues" | "skills", name: string, to: number | undefined) => setForm((had) => ({ ...had, [of]: withLevel(had[of], name, to) }));
  const titled = (queue: QueueTitle) => (language === "en" && queue.title_en ? queue.title_en : queue.title);
  const store = async () => {
    setBusy(true);
    setWrong(await save(form));
    setBusy(false);
  };
  const add = (name: string) => {
    const clean = name.trim();
    if (/^[A-Za-z0-9_-]{1,64}$/.test(clean) && !(clean in form.skills)) put("skills", clean, 5);
    setSkill("");
  };
  return (
    <Drawer
      open width={460} maskClosable={false} title={account ? account.name : text.add} onClose={close}
      footer={
        <Space style={{ float: "right" }}>
          <Button onClick={close}>{text.cancel}</Button>
          <Button type="primary" loading={busy} disabled={!form.name.trim() || !form.login.trim()} onClick={() => void store()} data-testid="save-person">{text.save}</Button>
        </Space>
      }
    >
      {wrong && <Alert type="error" showIcon message={wrong} style={{ marginBottom: 12 }} />}
      {!account && <p className="staff-quiet">{text.one}</p>}
      <Form layout="vertical" size="small">
        <div className="staff-pair">
          <Form.Item label={text.name} htmlFor="person-name"><Input id="person-name" autoFocus maxLength={80} value={form.name} onChange={(event) => set({ name: event.target.value })} data-testid="person-name" /></Form.Item>
          <Form.Item label={text.login} tooltip={text.loginHint} htmlFor="person-login">
            <Input id="person-login" disabled={account !== null} maxLength={32} value={form.login} onChange={(event) => set({ login: event.target.value.toLowerCase() })} data-testid="person-login" />
          </Form.Item>
        </div>
        <div className="staff-pair">
          <Form.Item label={text.role} htmlFor="person-role"><Select id="person-role" value={form.role} onChange={(role: Role) => set({ role })} options={roles.map((one) => ({ value: one, label: text.roles[one] }))} /></Form.Item>
          <Form.Item label={text.seat} htmlFor="person-seat">
            <Select id="person-seat" value={form.seat_kind} onChange={(seat_kind: Shape["seat_kind"]) => set({ seat_kind })} options={(["browser", "desk_phone"] as const).map((one) => ({ value: one, label: text[one] }))} />
          </Form.Item>
        </div>
        <h4>{text.queues} <small>{text.queueHint}</small></h4>
        <ul className="staff-levels">
          {queues.map((queue) => (
            <li key={queue.name}>
              <Checkbox checked={queue.name in form.queues} onChange={(event) => put("queues", queue.name, event.target.checked ? 1 : undefined)} data-testid={`queue-${queue.name}`}>
                {titled(queue)}
              </Checkbox>
              <InputNumber aria-label={`${titled(queue)} ${text.level}`} min={1} max={9} precision={0} disabled={!(queue.name in form.queues)} value={form.queues[queue.name] ?? null} onChange={(to) => to && put("queues", queue.name, to)} />
            </li>
          ))}
        </ul>
        <h4>{text.skills} <small>{text.skillHint}</small></h4>
        <ul className="staff-levels">
          {Object.entries(form.skills).sort().map(([name, level]) => (
            <li key={name}>
              <span>{name}</span>
              <Space>
                <InputNumber aria-label={`${name} ${text.level}`} min={1} max={10} precision={0} value={level} onChange={(to) => to && put("skills", name, to)} />
                <Button type="text" aria-label={`${text.remove} ${name}`} onClick={() => put("skills", name, undefined)}>×</Button>
              </Space>
            </li>
          ))}
          <li>
            <AutoComplete
              style={{ width: 220 }} placeholder={text.addSkill} aria-label={text.addSkill} value={skill} onChange={setSkill} onSelect={add}
              options={skills.filter((one) => !(one in form.skills) && one.includes(skill)).map((value) => ({ value }))}
            />
            <Button onClick={() => add(skill)} disabled={!skill.trim()} aria-label={text.addSkill}>+</Button>
          </li>
        </ul>
        <Form.Item label={text.wrapUp} htmlFor="person-wrap-up">
          <InputNumber id="person-wrap-up" min={0} max={3600} value={form.wrap_up_s} placeholder={text.asQueue} addonAfter={text.seconds} onChange={(wrap_up_s) => set({ wrap_up_s })} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
