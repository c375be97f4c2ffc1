/** A lead enters leave: approved at once. */
import { Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { DaysPicker } from "../shared/Days";
import type { AbsenceKind, Person, Shift } from "./model";
import { useText, useTitle } from "./text";

interface Props {
  people: readonly Person[];
  shifts: readonly Shift[];
  agent: string;
  day: string;
  close: () => void;
  save: (agent: string, absent: { kind: AbsenceKind; first_day: string; last_day: string; note: string; shift?: string }) => Promise<boolean>;
}

const KINDS = ["leave", "sick", "training", "wish_off", "wish_shift"] as const;

export function LeaveModal({ people, shifts, agent, day, close, save }: Props) {
  const text = useText();
  const [who, setWho] = useState(agent);
  const [kind, setKind] = useState<AbsenceKind>("leave");
  const [range, setRange] = useState<[string, string]>([day, day]);
  const [note, setNote] = useState("");
  const given = shifts.filter((one) => one.active);
  const [shift, setShift] = useState(given[0]?.code ?? "");
  const title = useTitle();
  const [busy, setBusy] = useState(false);
  const enter = async () => {
    setBusy(true);
    const wished = kind === "wish_shift" ? { shift } : {};
    if (await save(who, { kind, first_day: range[0], last_day: range[1], note, ...wished })) close();
    setBusy(false);
  };
  return (
    <Modal open title={text.leaveTitle} onCancel={close} onOk={() => void enter()} okText={text.save} cancelText={text.cancel} confirmLoading={busy} okButtonProps={{ disabled: !who, id: "save-leave" }}>
      {!kind.startsWith("wish") && <p className="roster-quiet">{text.leaveHint}</p>}
      <Form layout="vertical">
        <Form.Item label={text.agent} htmlFor="leave-agent">
          <Select id="leave-agent" showSearch optionFilterProp="label" value={who || null} onChange={(one: string | null) => setWho(one ?? "")} options={people.map((one) => ({ value: one.agent_id, label: `${one.name} ${one.extension}` }))} />
        </Form.Item>
        <Form.Item label={text.leaveKind} htmlFor="leave-kind">
          <Select id="leave-kind" value={kind} onChange={setKind} options={KINDS.map((one) => ({ value: one, label: text.kinds[one] }))} />
        </Form.Item>
        {kind === "wish_shift" && (
          <Form.Item label={text.shift} htmlFor="leave-shift">
            <Select id="leave-shift" value={shift} onChange={setShift} options={given.map((one) => ({ value: one.code, label: title(one, one.code) }))} />
          </Form.Item>
        )}
        <Form.Item label={text.leaveDays} htmlFor="leave-days">
          <DaysPicker id={{ start: "leave-days", end: "leave-days-end" }} allowClear={false} from={range[0]} to={range[1]} onChange={(from, to) => from && to && setRange([from, to])} />
        </Form.Item>
        <Form.Item label={text.note} htmlFor="leave-note"><Input id="leave-note" value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} /></Form.Item>
      </Form>
    </Modal>
  );
}
