/** Whom to hand the caller to, or to ask first: a colleague by name or extension, a queue, or a number outside. */
import { Button, Popover, type RefSelectProps, Select, Space, Tooltip } from "antd";
import { useEffect, useRef, useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { type Call, outsideNumber } from "./model";
import type { Text } from "./text";

/** What has so few digits is rather a colleague's extension: those come first. */
const SHORT = 5;

interface Colleague { agent_id: string; name: string; extension: string; state: string }
interface Queue { name: string; title: string; title_en: string }

export function Target({ kind, call, open, setOpen, me, language, text, send }: {
  kind: "transfer" | "consult"; call: Call | null; open: boolean; setOpen: (open: boolean) => void;
  me: string; language: Language; text: Text; send: (frame: Record<string, unknown>) => void;
}) {
  const [queues, setQueues] = useState<Queue[]>([]);
  const [colleagues, setColleagues] = useState<Colleague[]>([]);
  const [to, setTo] = useState<string>();
  const [typed, setTyped] = useState("");
  const field = useRef<RefSelectProps>(null);
  const button = useRef<HTMLButtonElement>(null);
  const shown = open && call !== null;
  useEffect(() => {
    if (!shown) return;
    setTo(undefined);
    setTyped("");
    // Both at once: what comes later would move what is under the pointer already.
    void Promise.all([
      ask<Queue[]>("GET", "/queues").catch(() => []),
      ask<Colleague[]>("GET", "/agents").catch(() => []),
    ]).then(([found, people]) => {
      setQueues(found);
      setColleagues(people.filter((one) => one.agent_id !== me && one.state !== "offline"));
    });
  }, [shown, me]);
  const go = () => {
    if (!call || !to) return;
    const [what, name] = [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
    send({ type: kind, call_id: call.call_id, to: { [what]: name } });
    setOpen(false);
  };
  const titled = (queue: Queue) => (language === "en" ? queue.title_en || queue.title : queue.title);
  const word = kind === "consult" ? text.consult : text.transfer;
  const outside = outsideNumber(typed) ?? (to?.startsWith("number:") ? to.slice("number:".length) : null);
  const number = outside ? [{ label: text.toOutside, options: [{ value: `number:${outside}`, label: outside }] }] : [];
  return (
    <Popover
      trigger="click" placement="bottomLeft" open={shown} onOpenChange={setOpen} destroyOnHidden afterOpenChange={(now) => now && field.current?.focus()}
      content={
        <Space>
          <Select
            style={{ width: 280 }} showSearch autoFocus ref={field} value={to ?? null} placeholder={text.target} notFoundContent={text.noTarget}
            data-testid={`${kind}-to`}
            onSearch={(value) => value && setTyped(value)}
            onChange={(value) => setTo(value ?? undefined)}
            onSelect={() => setTimeout(() => button.current?.focus())}
            filterOption={(input, option) => {
              const value = option && "value" in option ? String(option.value) : "";
              return value.startsWith("number:") || String(option?.label ?? "").toLowerCase().includes(input.trim().toLowerCase());
            }}
            options={[
              ...(outside && outside.length > SHORT ? number : []),
              { label: text.toAgent, options: colleagues.map((one) => ({
                value: `agent:${one.agent_id}`,
                label: `${one.name} ${one.extension} · ${text.states[one.state as keyof Text["states"]] ?? one.state}`,
                disabled: one.state !== "ready",
              })) },
              { label: text.toQueue, options: queues.map((queue) => ({ value: `queue:${queue.name}`, label: titled(queue) })) },
              ...(outside && outside.length <= SHORT ? number : []),
            ]}
          />
          <Button ref={button} type="primary" disabled={!to} onClick={go} data-testid={`${kind}-go`}>{word}</Button>
        </Space>
      }
    >
      <Tooltip placement="bottom" mouseEnterDelay={0.6} title={shown ? "" : kind === "consult" ? text.consultHint : text.transferHint}>
        <Button disabled={call === null} data-testid={kind}>{word}</Button>
      </Tooltip>
    </Popover>
  );
}
