/** A page that failed says so and can be loaded again: the ways to the other pages stay. */
import { Button, Result } from "antd";
import { Component, type ReactNode } from "react";
import type { Language } from "./session";

const TEXT = {
  "zh-CN": { title: "这个页面出错了", hint: "通话不受影响。重新载入即可恢复；若再次出现，请联系运维。", again: "重新载入" },
  en: { title: "This page has failed", hint: "Calls are not touched. Load it again; if it comes back, tell operations.", again: "Load again" },
} satisfies Record<Language, Record<string, string>>;

interface Props { language: Language; children: ReactNode }

export class Broken extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    const text = TEXT[this.props.language];
    if (!this.state.failed) return this.props.children;
    return <Result status="warning" title={text.title} subTitle={text.hint} extra={<Button type="primary" onClick={() => location.reload()}>{text.again}</Button>} />;
  }
}
