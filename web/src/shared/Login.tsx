/** Signing in. */
import { Alert, Button, Card, Form, Input } from "antd";
import { useState } from "react";
import { LanguageSwitch } from "./LanguageSwitch";
import { useSession, type Language } from "./session";

const TEXT = {
  "zh-CN": {
    title: "呼叫中心", login: "账号", password: "密码", enter: "登录",
    wrong: "账号或密码不对", slow_down: "错误次数太多，请稍后再试", unreachable: "服务暂时没有响应",
  },
  en: {
    title: "Call centre", login: "Login", password: "Password", enter: "Sign in",
    wrong: "Wrong login or password", slow_down: "Too many attempts: wait a little", unreachable: "The service does not answer",
  },
} satisfies Record<Language, Record<string, string>>;

export function Login() {
  const { language, signIn } = useSession();
  const text = TEXT[language];
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const enter = async (given: { login: string; password: string }) => {
    setBusy(true);
    setFailed(await signIn(given.login, given.password));
    setBusy(false);
  };
  return (
    <main style={{ height: "100%", display: "grid", placeItems: "center" }}>
      <Card title={text.title} extra={<LanguageSwitch />} style={{ width: 340 }}>
        <Form layout="vertical" requiredMark={false} onFinish={enter}>
          <Form.Item name="login" label={text.login} rules={[{ required: true, message: "" }]}>
            <Input autoComplete="username" autoFocus data-testid="login-name" />
          </Form.Item>
          <Form.Item name="password" label={text.password} rules={[{ required: true, message: "" }]}>
            <Input.Password autoComplete="current-password" data-testid="login-password" />
          </Form.Item>
          {failed && <Alert type="error" showIcon role="alert" message={text[failed as keyof typeof text]} style={{ marginBottom: 16 }} />}
          <Button type="primary" htmlType="submit" block loading={busy} data-testid="login-submit">{text.enter}</Button>
        </Form>
      </Card>
    </main>
  );
}
