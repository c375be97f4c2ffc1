/** What cases are sorted by: departments and their people, kinds and their times. */
import { Alert, Button, Input, InputNumber, message, Select, Skeleton, Switch } from "antd";
import { useEffect, useState } from "react";
import { ask } from "../shared/http";
import type { Language, Role } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { Escalations } from "./Escalations";
import type { Department, Kind } from "./model";
import { TEXT, type Text } from "./text";
import { useLists } from "./useLists";

const CODE = /^[a-z0-9_-]{1,40}$/;

export function SettingsPage({ language, role }: { language: Language; role: Role }) {
  const text = TEXT[language];
  const lists = useLists(language);
  const keeper = role === "supervisor" || role === "admin";
  const [toast, toasts] = message.useMessage();
  const put = async (path: string, body: object) => {
    try {
      await ask("PUT", path, body);
      void toast.success(text.saved);
      lists.load();
    } catch (error) {
      void toast.error(troubleWords(error, language));
    }
  };
  const people = lists.people.map((one) => ({ value: one.id, label: `${one.name} · ${text.roles[one.role]}` }));
  const head = <header><a href="/cases">← {text.back}</a><h2>{text.setTitle}</h2>{!keeper && <span className="contact-quiet">{text.readOnly}</span>}</header>;
  // What could not be read is not “nothing there”: it would be written over.
  if (!lists.known) {
    return (
      <div className="contact case-settings">
        {head}
        {lists.trouble === undefined ? <Skeleton active /> : <Alert type="error" showIcon message={troubleWords(lists.trouble, language)} action={<Button onClick={lists.load}>{text.retry}</Button>} />}
      </div>
    );
  }
  return (
    <div className="contact case-settings">
      {toasts}
      {head}
      <h4>{text.kinds}</h4>
      <table data-testid="kinds">
        <thead><tr><th>{text.code}</th><th>{text.name}</th><th>{text.nameEn}</th><th>{text.replyMinutes}</th><th>{text.resolveMinutes}</th><th>{text.active}</th><th /></tr></thead>
        <tbody>
          {lists.kinds.map((one) => <KindRow key={one.code} first={one} keeper={keeper} text={text} save={(code, body) => put(`/case-kinds/${code}`, body)} />)}
          {keeper && <KindRow key={`new-${lists.kinds.length}`} first={null} keeper text={text} save={(code, body) => put(`/case-kinds/${code}`, body)} />}
        </tbody>
      </table>
      <h4>{text.escalations}</h4>
      <Escalations kinds={lists.kinds} titleOf={lists.kind} people={people} keeper={keeper} text={text} save={put} />
      <h4>{text.departments}</h4>
      <table data-testid="departments">
        <thead><tr><th>{text.code}</th><th>{text.name}</th><th>{text.nameEn}</th><th>{text.members}</th><th>{text.active}</th><th /></tr></thead>
        <tbody>
          {lists.departments.map((one) => <DepartmentRow key={one.code} first={one} people={people} keeper={keeper} text={text} save={(code, body) => put(`/departments/${code}`, body)} />)}
          {keeper && <DepartmentRow key={`new-${lists.departments.length}`} first={null} people={people} keeper text={text} save={(code, body) => put(`/departments/${code}`, body)} />}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps { keeper: boolean; text: Text; save: (code: string, body: object) => Promise<void> }

/** What a row holds, whether it is another than the service's, and the row again when that has changed. */
function useRow<T>(first: T) {
  const [row, setRow] = useState(first);
  const given = JSON.stringify(first);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the same words again are no change
  useEffect(() => setRow(first), [given]);
  return { row, set: (part: Partial<T>) => setRow((had) => ({ ...had, ...part })), dirty: JSON.stringify(row) !== given };
}

const NO_KIND: Kind = { code: "", title: "", title_en: "", reply_minutes: 60, resolve_minutes: 1440, active: true };

function KindRow({ first, keeper, text, save }: RowProps & { first: Kind | null }) {
  const { row, set, dirty } = useRow(first ?? NO_KIND);
  const { code, ...body } = row;
  const whole = CODE.test(code) && row.title.trim() !== "" && row.title_en.trim() !== "";
  return (
    <tr>
      <td>{first ? <code>{code}</code> : <Input size="small" placeholder={text.code} title={text.codeHint} aria-label={text.code} value={code} onChange={(event) => set({ code: event.target.value.toLowerCase() })} />}</td>
      <td><Input size="small" disabled={!keeper} maxLength={60} aria-label={text.name} value={row.title} onChange={(event) => set({ title: event.target.value })} /></td>
      <td><Input size="small" disabled={!keeper} maxLength={60} aria-label={text.nameEn} value={row.title_en} onChange={(event) => set({ title_en: event.target.value })} /></td>
      <td><InputNumber size="small" disabled={!keeper} min={1} max={129_600} precision={0} aria-label={text.replyMinutes} value={row.reply_minutes} onChange={(value) => value && set({ reply_minutes: value })} /></td>
      <td><InputNumber size="small" disabled={!keeper} min={1} max={129_600} precision={0} aria-label={text.resolveMinutes} value={row.resolve_minutes} onChange={(value) => value && set({ resolve_minutes: value })} /></td>
      <td><Switch size="small" disabled={!keeper} aria-label={text.active} checked={row.active} onChange={(active) => set({ active })} /></td>
      <td>{keeper && <Button size="small" type="primary" ghost disabled={!dirty || !whole} onClick={() => void save(code, body)}>{first ? text.save : text.addRow}</Button>}</td>
    </tr>
  );
}

const NO_DEPARTMENT: Department = { code: "", title: "", title_en: "", active: true, members: [] };

function DepartmentRow({ first, people, keeper, text, save }: RowProps & { first: Department | null; people: { value: string; label: string }[] }) {
  const { row, set, dirty } = useRow(first ?? NO_DEPARTMENT);
  const { code, ...body } = row;
  const whole = CODE.test(code) && row.title.trim() !== "" && row.title_en.trim() !== "";
  return (
    <tr>
      <td>{first ? <code>{code}</code> : <Input size="small" placeholder={text.code} title={text.codeHint} aria-label={text.code} value={code} onChange={(event) => set({ code: event.target.value.toLowerCase() })} />}</td>
      <td><Input size="small" disabled={!keeper} maxLength={60} aria-label={text.name} value={row.title} onChange={(event) => set({ title: event.target.value })} /></td>
      <td><Input size="small" disabled={!keeper} maxLength={60} aria-label={text.nameEn} value={row.title_en} onChange={(event) => set({ title_en: event.target.value })} /></td>
      <td><Select size="small" mode="multiple" maxTagCount="responsive" style={{ width: 340 }} disabled={!keeper} optionFilterProp="label" aria-label={text.members} value={row.members} options={people} onChange={(members: string[]) => set({ members })} /></td>
      <td><Switch size="small" disabled={!keeper} aria-label={text.active} checked={row.active} onChange={(active) => set({ active })} /></td>
      <td>{keeper && <Button size="small" type="primary" ghost disabled={!dirty || !whole} onClick={() => void save(code, body)}>{first ? text.save : text.addRow}</Button>}</td>
    </tr>
  );
}
