/** What a team lead can do for a caller who waits: put them first, send them to another queue, give them to one agent. */
import { Button, Select, Space } from "antd";
import { useRef, useState } from "react";
import { standsIn, type Agent, type Queue, type Waiting } from "./model";
import type { Text } from "./text";

export interface Directed { queue?: string; priority?: number; agent_id?: string }

const FIRST = 9;
/** They will take no call, so none can be theirs. */
const NOT_ON_DUTY = new Set(["offline", "break", "not_responding"]);

interface Props {
  call: Waiting;
  queue: Queue;
  queues: Queue[];
  agents: Agent[];
  text: Text;
  titled: (queue: Queue) => string;
  direct: (call: Waiting, wish: Directed) => Promise<void>;
}

export function Direct({ call, queue, queues, agents, text, titled, direct }: Props) {
  const [to, setTo] = useState<string>();
  const [whom, setWhom] = useState<string>();
  const [busy, setBusy] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const rings = call.offer_id !== null;
  const act = async (wish: Directed) => {
    setBusy(true);
    await direct(call, wish);
    setTo(undefined);
    setWhom(undefined);
    setBusy(false);
    panel.current?.focus(); // what was pressed may be pressed no more, and Escape must still close the page's drawer
  };
  const others = queues.filter((one) => one.name !== queue.name && one.drill === queue.drill);
  const here = agents.filter((one) => !NOT_ON_DUTY.has(one.state) && one.drill === queue.drill && one.agent_id !== call.held_for);
  const off = busy || rings;
  return (
    <section ref={panel} tabIndex={-1} className="direct" data-testid="direct" aria-label={text.direct}>
      <h4>{text.direct}</h4>
      {rings && <p role="status">{text.directRings}</p>}
      <Space wrap>
        <Button disabled={off || call.priority >= FIRST} onClick={() => void act({ priority: FIRST })} data-testid="direct-first">{text.putFirst}</Button>
        {call.held_for && <Button disabled={off} onClick={() => void act({ queue: queue.name })} data-testid="direct-anyone">{text.toAnyone}</Button>}
      </Space>
      <Space.Compact block>
        <Select
          disabled={off} placeholder={text.toQueue} aria-label={text.toQueue} value={to} onChange={setTo} style={{ flex: 1, minWidth: 0 }} data-testid="direct-queue"
          options={others.map((one) => ({ value: one.name, label: `${titled(one)} · ${text.freeOf(one.ready, one.on_duty)}` }))}
        />
        <Button disabled={off || !to} onClick={() => to && void act({ queue: to })} data-testid="direct-move">{text.move}</Button>
      </Space.Compact>
      <Space.Compact block>
        <Select
          disabled={off} showSearch optionFilterProp="label" placeholder={text.toAgent} aria-label={text.toAgent} value={whom} onChange={setWhom} style={{ flex: 1, minWidth: 0 }} data-testid="direct-agent"
          options={here.map((one) => ({ value: one.agent_id, label: `${one.name} ${one.extension} · ${standsIn(one) === "away" ? text.groups.away : text.states[one.state]}` }))}
        />
        <Button disabled={off || !whom} onClick={() => whom && void act({ agent_id: whom })} data-testid="direct-give">{text.give}</Button>
      </Space.Compact>
    </section>
  );
}
