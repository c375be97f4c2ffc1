/** Walk a flow as a caller would: keys, time and number in, what is heard and where it ends out. */
import { Alert, Button, Checkbox, DatePicker, Empty, Form, Input, Select, Space, Tag } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { ApiError } from "../shared/http";
import { useNewest } from "../shared/useNewest";
import { api, problemsOf, type Drafts } from "./api";
import type { Flow, Line, Simulation } from "./model";
import { useOwn, useText, useTitle, useTold } from "./text";

const PAD = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

interface Props {
  flows: readonly Flow[];
  flow: string;
  drafts: Drafts;
  onWalked: (flow: string, steps: string[]) => void;
}

export function Simulator({ flows, flow, drafts, onWalked }: Props) {
  const text = useText();
  const title = useTitle();
  const [chosen, setChosen] = useState("");
  const [keys, setKeys] = useState("");
  const [at, setAt] = useState<Dayjs | null>(null);
  const [caller, setCaller] = useState("13800000001");
  const [language, setLanguage] = useState("");
  const [vip, setVip] = useState(false);
  const [found, setFound] = useState("");
  const [done, setDone] = useState<Simulation>();
  const [error, setError] = useState<unknown>();
  const name = chosen || flow;

  const newest = useNewest();
  const walk = async (given: string) => {
    const current = newest();
    try {
      const made = await api.simulate({
        flow: name,
        keys: given,
        at: at ? at.format("YYYY-MM-DDTHH:mm") : "",
        caller,
        language,
        files: drafts,
        lookups: { ...(vip ? { customer: { name: "王女士", vip: true } } : {}), ...(found ? { case: { status: found } } : {}) },
      });
      if (!current()) return;
      setDone(made);
      setError(undefined);
      onWalked(name, made.steps);
    } catch (failed) {
      if (current()) setError(failed);
    }
  };
  const press = (word: string) => {
    const next = `${keys} ${word}`.trim();
    setKeys(next);
    void walk(next);
  };

  return (
    <div className="ops-page ops-try">
      <Form layout="vertical" onFinish={() => void walk(keys)}>
        <Form.Item label={text.flow}>
          <Select
            value={name}
            onChange={setChosen}
            options={flows.map((one) => ({ value: one.name, label: `${title(one)} (${one.name})` }))}
          />
        </Form.Item>
        <Form.Item label={text.keys} tooltip={text.keysHint} htmlFor="sim-keys">
          <Input id="sim-keys" value={keys} placeholder="w1 1 done" onChange={(event) => setKeys(event.target.value)} allowClear />
        </Form.Item>
        <div className="ops-pad">
          {PAD.map((key) => (
            <Button key={key} onClick={() => press(key)}>{key}</Button>
          ))}
          <Button onClick={() => press("w5")}>{text.wait5}</Button>
          <Button onClick={() => press("done")}>{text.done}</Button>
          <Button onClick={() => press("overflow")}>{text.overflow}</Button>
          <Button onClick={() => press("hangup")}>{text.hangup}</Button>
          <Button onClick={() => { const less = keys.split(" ").slice(0, -1).join(" "); setKeys(less); void walk(less); }}>{text.back}</Button>
          <Button onClick={() => { newest(); setKeys(""); setDone(undefined); onWalked(name, []); }}>{text.clear}</Button>
        </div>
        <div className="ops-pair" style={{ marginTop: 10 }}>
          <Form.Item label={text.time} htmlFor="sim-time">
            <DatePicker id="sim-time" value={at} onChange={setAt} showTime={{ format: "HH:mm" }} format="MM-DD HH:mm" placeholder={text.now} style={{ width: "100%" }} />
          </Form.Item>
          <Form.Item label={text.caller} htmlFor="sim-caller">
            <Input id="sim-caller" value={caller} onChange={(event) => setCaller(event.target.value)} />
          </Form.Item>
          <Form.Item label={text.language} htmlFor="sim-language">
            <Select
              id="sim-language" value={language}
              onChange={setLanguage}
              options={[{ value: "", label: text.ofFlow }, { value: "zh-CN", label: text.zhCN }, { value: "en", label: text.en }]}
            />
          </Form.Item>
          <Form.Item label={text.lookupCase} htmlFor="sim-case">
            <Input id="sim-case" value={found} placeholder={text.lookupNone} onChange={(event) => setFound(event.target.value)} />
          </Form.Item>
        </div>
        <Form.Item><Checkbox checked={vip} onChange={(event) => setVip(event.target.checked)}>{text.lookupVip}</Checkbox></Form.Item>
        <Space>
          <Button type="primary" htmlType="submit">{text.run}</Button>
          <span className="ops-quiet">{Object.keys(drafts).length ? text.simDraft : text.simLive}</span>
        </Space>
      </Form>
      <div>
        {error !== undefined && <Refused error={error} />}
        {done ? <Path done={done} /> : error === undefined && <Empty description={text.simEmpty} image={Empty.PRESENTED_IMAGE_SIMPLE} />}
      </div>
    </div>
  );
}

/** Why it cannot be walked: the draft's mistakes, or what is wrong with the keys or the time. */
function Refused({ error }: { error: unknown }) {
  const told = useTold();
  const problems = problemsOf(error);
  const lines = problems.map((one) => `${one.file}:${one.line}:${one.column} ${told.check(one.message)}${one.hint && ` · ${told.hint(one.hint)}`}`);
  const said = lines.length ? lines.join("\n") : error instanceof ApiError && error.status === 422 ? told.simulated(error.message) : told.trouble(error);
  return <Alert type="error" message={<pre className="ops-diff">{said}</pre>} style={{ marginBottom: 12 }} />;
}

function Path({ done }: { done: Simulation }) {
  const text = useText();
  return (
    <>
      <ol className="ops-path" data-testid="path">
        {done.lines.map((line, index) => (
          <li key={index} className={line.kind}>
            <time>{line.seconds.toFixed(1)} {text.seconds}</time>
            <span className="ops-quiet">{text[`kind_${line.kind}`]}</span>
            <Said line={line} />
          </li>
        ))}
      </ol>
      <p>{text.ended}<Tag style={{ marginInlineStart: 8 }} data-testid="end">{done.end}</Tag></p>
    </>
  );
}

function Said({ line }: { line: Line }) {
  const told = useTold();
  const own = useOwn();
  if (line.kind === "key") return <b style={{ justifySelf: "start" }}>{line.text}</b>;
  if (line.kind === "step") return <span>{own(line.text, line.text_en)} <small className="ops-quiet">{line.flow}/{line.step}</small></span>;
  return <span>{line.kind === "says" ? line.text : told.simulated(line.text)}</span>;
}
