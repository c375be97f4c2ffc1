/** A lead enters leave: approved at once. */
import { DatePicker, Form, Input, Modal, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import type { AbsenceKind, Person } from "./model";
import { useText } from "./text";

interface Props {
  people: readonly Person[];
  agent: string;
  day: string;
  close: () => void;
  save: (agent: string, kind: AbsenceKind, first: string, last: string, note: string) => Promise<boolean>;
}

const KINDS = ["leave", "sick", "training", "wish_off"] as const;

export function LeaveModal({ people, agent, day, close, save }: Props) {
  const text = useText();
  const [who, setWho] = useState(agent);
  const [kind, setKind] = useState<AbsenceKind>("leave");
  const [range, setRange] = useState<[string, string]>([day, day]);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const enter = async () => {
    setBusy(true);
    if (await save(who, kind, range[0], range[1], note)) close();
    setBusy(false);
  };
  return (
    <Modal open title={text.leaveTitle} onCancel={close} onOk={() => void enter()} okText={text.save} cancelText={text.cancel} confirmLoading={busy} okButtonProps={{ disabled: !who, id: "save-leave" }}>
      <p className="roster-quiet">{text.leaveHint}</p>
      <Form layout="vertical">
        <Form.Item label={text.agent}>
          <Select showSearch optionFilterProp="label" value={who || null} onChange={(one: string | null) => setWho(one ?? "")} options={people.map((one) => ({ value: one.agent_id, label: `${one.name} ${one.extension}` }))} />
        </Form.Item>
        <Form.Item label={text.leaveKind}>
          <Select value={kind} onChange={setKind} options={KINDS.map((one) => ({ value: one, label: text.kinds[one] }))} />
        </Form.Item>
        <Form.Item label={text.leaveDays}>
          <DatePicker.RangePicker
            allowClear={false}
            value={[dayjs(range[0]), dayjs(range[1])]}
            onChange={(days) => days?.[0] && days[1] && setRange([days[0].format("YYYY-MM-DD"), days[1].format("YYYY-MM-DD")])}
          />
        </Form.Item>
        <Form.Item label={text.note}><Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} /></Form.Item>
      </Form>
    </Modal>
  );
}
