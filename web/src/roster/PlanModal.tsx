/** Planning: what is asked, the verdict in words, and putting the plan on the roster. */
import { Alert, Button, Checkbox, Form, InputNumber, Modal, Space, Spin } from "antd";
import { useContext, useEffect, useState } from "react";
import { DaysPicker } from "../shared/Days";
import { api, toldBy } from "./api";
import type { Plan } from "./model";
import { LanguageContext, useText } from "./text";

const ASK_EVERY_MS = 700;

interface Props {
  first: string;
  last: string;
  today: string;
  /** The first day that a plan is offered for: a day whose shifts are being worked is left alone. */
  next: string;
  close: () => void;
  applied: (shifts: number) => void;
}

export function PlanModal({ first, last, today, next, close, applied }: Props) {
  const text = useText();
  const chinese = useContext(LanguageContext) === "zh-CN";
  const from = first < next ? next : first;
  const [range, setRange] = useState<[string, string]>([from, last < from ? from : last]);
  const [hours, setHours] = useState(48);
  const [rest, setRest] = useState(11);
  const [row, setRow] = useState(6);
  const [forecast, setForecast] = useState(false);
  const [plan, setPlan] = useState<Plan>();
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const running = plan?.state === "running";

  useEffect(() => {
    if (!running || !plan) return;
    const timer = setTimeout(() => {
      api.planned(plan.id).then(setPlan, (error: unknown) => {
        setFailed(toldBy(error, chinese));
        setPlan(undefined);
      });
    }, ASK_EVERY_MS);
    return () => clearTimeout(timer);
  }, [plan, running, chinese]);

  const start = async () => {
    setFailed("");
    setPlan(undefined);
    try {
      setPlan(await api.plan({ first_day: range[0], last_day: range[1], week_hours: hours, rest_hours: rest, days_in_row: row, forecast }));
    } catch (error) {
      setFailed(toldBy(error, chinese));
    }
  };
  const apply = async () => {
    if (!plan) return;
    setBusy(true);
    try {
      applied((await api.apply(plan.id)).length);
      close();
    } catch (error) {
      setFailed(toldBy(error, chinese));
    }
    setBusy(false);
  };
  return (
    <Modal open title={text.planTitle} onCancel={close} width={620} footer={null} maskClosable={!running}>
      <p className="roster-quiet">{text.planHint}</p>
      <Form layout="horizontal" labelCol={{ flex: "190px" }} labelAlign="left" colon={false} disabled={running} size="middle">
        <Form.Item label={text.planDays} style={{ marginBottom: 12 }}>
          <DaysPicker allowClear={false} min={today} from={range[0]} to={range[1]} onChange={(from, to) => from && to && setRange([from, to])} />
        </Form.Item>
        <Form.Item label={text.planHours} htmlFor="plan-hours" style={{ marginBottom: 12 }}>
          <InputNumber id="plan-hours" min={8} max={84} value={hours} onChange={(n) => setHours(n ?? 48)} addonAfter={text.hoursUnit} style={{ width: 140 }} data-testid="week-hours" />
        </Form.Item>
        <Form.Item label={text.planRest} htmlFor="plan-rest" style={{ marginBottom: 12 }}>
          <InputNumber id="plan-rest" min={0} max={48} value={rest} onChange={(n) => setRest(n ?? 11)} addonAfter={text.hoursUnit} style={{ width: 140 }} />
        </Form.Item>
        <Form.Item label={text.planRow} htmlFor="plan-row" style={{ marginBottom: 12 }}>
          <InputNumber id="plan-row" min={1} max={14} value={row} onChange={(n) => setRow(n ?? 6)} addonAfter={text.planRowUnit} style={{ width: 140 }} />
        </Form.Item>
        <Form.Item label={text.planForecast} htmlFor="plan-forecast" style={{ marginBottom: 16 }}>
          <Checkbox id="plan-forecast" checked={forecast} onChange={(event) => setForecast(event.target.checked)} data-testid="plan-forecast">{text.planForecastHint}</Checkbox>
        </Form.Item>
      </Form>
      {running && <Alert type="info" message={<Space><Spin size="small" />{text.planRunning}</Space>} />}
      {plan?.state === "done" && (
        <Alert
          data-testid="verdict"
          type={!plan.covered ? "warning" : plan.thin.length ? "info" : "success"}
          showIcon
          message={plan.covered ? text.planCovered : text.planShort}
          description={<>{chinese ? plan.verdict : plan.verdict_en}<div className="roster-quiet" style={{ marginTop: 6 }}>{text.planTook(plan.seconds.toFixed(1))} · {text.planReplaces}</div></>}
        />
      )}
      {plan?.state === "failed" && <Alert type="error" showIcon message={text.planFailed} description={plan.error} />}
      {failed && <Alert type="error" showIcon message={failed} style={{ whiteSpace: "pre-line" }} />}
      <Space style={{ marginTop: 16, width: "100%", justifyContent: "flex-end" }}>
        <Button onClick={close}>{text.cancel}</Button>
        <Button type={plan?.state === "done" ? "default" : "primary"} loading={running} onClick={() => void start()} data-testid="plan-start">
          {plan?.state === "done" ? text.again : text.planStart}
        </Button>
        {plan?.state === "done" && plan.shifts > 0 && (
          <Button type="primary" loading={busy} onClick={() => void apply()} data-testid="plan-apply">{text.planApply(plan.shifts)}</Button>
        )}
      </Space>
    </Modal>
  );
}
