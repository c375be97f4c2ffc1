/** A password of one's own, instead of the one that was handed over. */
import { Alert, Form, Input, type InputRef, message, Modal } from "antd";
import { useRef, useState } from "react";
import { ApiError, ask } from "./http";
import type { Language } from "./session";
import { troubleWords } from "./trouble";

const SHORTEST = 10;

const TEXT = {
  "zh-CN": {
    title: "修改密码", current: "现在的密码", wanted: "新密码", again: "再输一次新密码", save: "修改", cancel: "取消", done: "密码已修改，其他地方的登录已失效",
    short: `至少 ${SHORTEST} 个字符`, differs: "两次输入不一致", simple: "新密码太简单：至少 10 个字符、4 个不同字符", wrong: "现在的密码不对",
  },
  en: {
    title: "Change password", current: "Present password", wanted: "New password", again: "New password again", save: "Change", cancel: "Cancel", done: "Changed; you are signed out everywhere else",
    short: `At least ${SHORTEST} characters`, differs: "The two are not the same", simple: "Too simple: at least 10 characters, 4 of them different", wrong: "The present password is wrong",
  },
} satisfies Record<Language, Record<string, string>>;

interface Typed { current: string; wanted: string; again: string }

export function OwnPassword({ account, language, close }: { account: string; language: Language; close: () => void }) {
  const text = TEXT[language];
  const [form] = Form.useForm<Typed>();
  const first = useRef<InputRef>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const change = async (typed: Typed) => {
    setBusy(true);
    try {
      await ask("PUT", `/accounts/${account}/password`, { password: typed.wanted, current: typed.current });
      void message.success(text.done);
      close();
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      setTrouble(status === 403 ? text.wrong : status === 422 ? text.simple : troubleWords(error, language));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open width={400} title={text.title} okText={text.save} cancelText={text.cancel} confirmLoading={busy} maskClosable={false} onCancel={close} onOk={form.submit}
      afterOpenChange={(open) => open && first.current?.focus()}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(typed) => void change(typed)}>
        <Form.Item name="current" label={text.current} rules={[{ required: true, message: "" }]}>
          <Input.Password ref={first} autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="wanted" label={text.wanted} rules={[{ required: true, message: "" }, { min: SHORTEST, message: text.short }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="again" label={text.again} dependencies={["wanted"]} rules={[
          { required: true, message: "" },
          ({ getFieldValue }) => ({ validator: (_, value) => (!value || value === getFieldValue("wanted") ? Promise.resolve() : Promise.reject(new Error(text.differs))) }),
        ]}>
          <Input.Password autoComplete="new-password" onPressEnter={form.submit} />
        </Form.Item>
        {trouble && <Alert type="error" showIcon message={trouble} />}
      </Form>
    </Modal>
  );
}
