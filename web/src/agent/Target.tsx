/** Whom to hand the caller to, or to ask first: a colleague by name or extension, with their state, or a queue. */
import { Button, Popover, Select, Space, Tooltip } from "antd";
import { useEffect, useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import type { Call } from "./model";
import type { Text } from "./text";

interface Colleague { agent_id: string; name: string; extension: string; state: string }
interface Queue { name: string; title: string; title_en: string }

export function Target({ kind, call, open, setOpen, me, language, text, send }: {
  kind: "transfer" | "consult"; call: Call | null; open?: boolean; setOpen?: (open: boolean) => void;
  me: string; language: Language; text: Text; send: (frame: Record<string, unknown>) => void;
}) {
  const [own, setOwn] = useState(false);
  const [queues, setQueues] = useState<Queue[]>([]);
  const [colleagues, setColleagues] = useState<Colleague[]>([]);
  const [to, setTo] = useState<string>();
  const shown = (open ?? own) && call !== null;
  const show = setOpen ?? setOwn;
  useEffect(() => {
    if (!shown) return;
    setTo(undefined);
    void ask<Queue[]>("GET", "/queues").then(setQueues, () => setQueues([]));
    void ask<Colleague[]>("GET", "/agents").then(
      (found) => setColleagues(found.filter((one) => one.agent_id !== me && one.state !== "offline")),
      () => setColleagues([]),
    );
  }, [shown, me]);
  const go = () => {
    if (!call || !to) return;
    const [what, name] = [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
    send({ type: kind, call_id: call.call_id, to: what === "queue" ? { queue: name } : { agent: name } });
    show(false);
  };
  const titled = (queue: Queue) => (language === "en" ? queue.title_en || queue.title : queue.title);
  const word = kind === "consult" ? text.consult : text.transfer;
  return (
    <Popover
      trigger="click" open={shown} onOpenChange={show}
      content={
        <Space>
          <Select
            style={{ width: 240 }} showSearch autoFocus optionFilterProp="label" value={to ?? null} onChange={(value) => setTo(value ?? undefined)}
            data-testid={`${kind}-to`}
            options={[
              { label: text.toAgent, options: colleagues.map((one) => ({
                value: `agent:${one.agent_id}`,
                label: `${one.name} ${one.extension} · ${text.states[one.state as keyof Text["states"]] ?? one.state}`,
                disabled: one.state !== "ready",
              })) },
              { label: text.toQueue, options: queues.map((queue) => ({ value: `queue:${queue.name}`, label: titled(queue) })) },
            ]}
          />
          <Button type="primary" disabled={!to} onClick={go} data-testid={`${kind}-go`}>{word}</Button>
        </Space>
      }
    >
      <Tooltip placement="bottom" mouseEnterDelay={0.6} title={kind === "consult" && !shown ? text.consultHint : ""}>
        <Button disabled={call === null} data-testid={kind}>{word}</Button>
      </Tooltip>
    </Popover>
  );
}
