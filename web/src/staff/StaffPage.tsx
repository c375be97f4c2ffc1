/** Who works here, what they serve and what they can do; somebody new is one action. */
import { Alert, Button, Checkbox, Empty, Input, message, Modal, Spin, Typography } from "antd";
import { useCallback, useEffect, useState } from "react";
import { ask } from "../shared/http";
import type { Language, Role } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { useSlash } from "../shared/useSlash";
import { Editor } from "./Editor";
import { type Account, changesOf, EMPTY, type Form, formOf, type Gap, knownSkills, type Levels, type QueueTitle } from "./model";
import { TEXT } from "./text";
import "./staff.css";

export function StaffPage({ language, role }: { language: Language; role: Role }) {
  const text = TEXT[language];
  const [accounts, setAccounts] = useState<Account[] | null>(null);
  const [queues, setQueues] = useState<QueueTitle[]>([]);
  const [gaps, setGaps] = useState<Gap[]>([]);
  const [failed, setFailed] = useState<unknown>();
  const [sought, setSought] = useState("");
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<Account | "new" | null>(null);
  const [toast, toasts] = message.useMessage();
  const [modal, modals] = Modal.useModal();
  const search = useSlash();
  const keeper = role === "supervisor" || role === "admin";
  const grants: readonly Role[] = role === "admin" ? ["agent", "lead", "supervisor", "ops", "admin", "department"] : ["agent", "lead", "department"];
  const load = useCallback(async () => {
    try {
      const [people, titles, missing] = await Promise.all([
        ask<Account[]>("GET", "/accounts"), ask<QueueTitle[]>("GET", "/queues"), ask<{ gaps: Gap[] }>("GET", "/desk/gaps"),
      ]);
      setAccounts(people);
      setQueues(titles);
      setGaps(missing.gaps);
      setFailed(undefined);
    } catch (error) {
      setFailed(error);
    }
  }, []);
  useEffect(() => void load(), [load]);
  const title = (name: string) => {
    const found = queues.find((one) => one.name === name);
    return found ? (language === "en" && found.title_en ? found.title_en : found.title) : name;
  };
  const show = (title: string, password: string) =>
    void modal.success({
      title, okText: text.close,
      content: <><p>{text.password}</p><Typography.Text copyable code className="staff-password" data-testid="first-password">{password}</Typography.Text><p className="staff-quiet">{text.copy}</p></>,
    });
  const reset = (one: Account) =>
    void modal.confirm({
      title: text.resetAsk(one.name), okText: text.reset, cancelText: text.cancel,
      onOk: () => ask<{ password: string }>("POST", `/accounts/${one.id}/password`).then(
        (made) => show(text.resetDone(one.name), made.password),
        (error: unknown) => void toast.error(troubleWords(error, language)),
      ),
    });
  const save = async (form: Form): Promise<string> => {
    try {
      if (open === "new") {
        const made = await ask<{ account: Account; password: string | null }>("POST", "/accounts", form);
        show(text.made(made.account.name, made.account.extension ?? "—"), made.password ?? "");
      } else if (open) {
        const changed = changesOf(open, form);
        if (Object.keys(changed).length) {
          await ask("PATCH", `/accounts/${open.id}`, changed);
          void toast.success(text.saved(form.name));
        }
      }
      setOpen(null);
      await load();
      return "";
    } catch (error) {
      return troubleWords(error, language);
    }
  };
  const service = (one: Account) => {
    const set = () =>
      ask("PATCH", `/accounts/${one.id}`, { active: !one.active }).then(load, (error: unknown) => void toast.error(troubleWords(error, language)));
    if (one.active) void modal.confirm({ title: text.retireAsk(one.name), okText: text.retire, cancelText: text.cancel, okButtonProps: { danger: true }, onOk: set });
    else void set();
  };
  if (failed !== undefined && !accounts) return <Alert type="error" showIcon message={troubleWords(failed, language)} action={<Button onClick={() => void load()}>{text.retry}</Button>} style={{ margin: 24 }} />;
  if (!accounts) return <Spin style={{ margin: 48 }} />;
  const lower = sought.toLowerCase();
  const shown = accounts
    .filter((one) => (all || one.active) && (!sought || one.name.toLowerCase().includes(lower) || one.login.includes(lower) || one.extension?.startsWith(sought)))
    .sort((a, b) => Number(a.extension ?? 1e6) - Number(b.extension ?? 1e6) || a.login.localeCompare(b.login));
  const levels = (found: Levels, named: (name: string) => string) =>
    Object.entries(found).sort().map(([name, level]) => <span key={name} className="staff-level">{named(name)}<i>{level}</i></span>);
  return (
    <div className="staff">
      {toasts}
      {modals}
      <header>
        <h2>{text.title} <small>{text.count(shown.length)}</small></h2>
        <Input ref={search} size="small" allowClear placeholder={text.search} aria-label={text.search} value={sought} onChange={(event) => setSought(event.target.value)} style={{ width: 240 }} />
        <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>{text.inactive}</Checkbox>
        <span className="staff-grow" />
        {keeper && <Button type="primary" size="small" onClick={() => setOpen("new")} data-testid="add-person">{text.add}</Button>}
      </header>
      {gaps.length > 0 && (
        <Alert
          type="warning" showIcon data-testid="gaps"
          message={text.gaps(gaps.map((gap) => (gap.skill ? text.gap(title(gap.queue), `${gap.skill} ≥ ${gap.level || 1}`) : gap.code === "never_together" ? text.gapTogether(title(gap.queue)) : text.gapNobody(title(gap.queue)))))}
        />
      )}
      <div className="staff-scroll">
        <table>
          <thead><tr><th>{text.ext}</th><th>{text.name}</th><th>{text.login}</th><th>{text.role}</th><th>{text.queues}</th><th>{text.skills}</th><th>{text.wrapUp}</th><th>{text.state}</th><th /></tr></thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.id} className={one.active ? "" : "staff-out"} data-person={one.login}>
                <td>{one.extension ?? "—"}</td><td>{one.name}</td><td>{one.login}</td><td>{text.roles[one.role]}</td>
                <td>{Object.keys(one.queues).length ? levels(one.queues, title) : one.extension ? <em>{text.noQueues}</em> : "—"}</td>
                <td>{Object.keys(one.skills).length ? levels(one.skills, (name) => name) : "—"}</td>
                <td>{one.extension === null ? "—" : one.wrap_up_s === null ? text.asQueue : `${one.wrap_up_s} ${text.seconds}`}</td>
                <td>{one.active ? text.inService : text.retired}</td>
                <td>
                  {keeper && grants.includes(one.role) && (
                    <>
                      <Button size="small" type="link" onClick={() => setOpen(one)} data-testid={`edit-${one.login}`}>{text.edit}</Button>
                      {one.active && <Button size="small" type="link" className="staff-retire" onClick={() => reset(one)} data-testid={`password-${one.login}`}>{text.reset}</Button>}
                      <Button size="small" type="link" className="staff-retire" onClick={() => service(one)}>{one.active ? text.retire : text.restore}</Button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={accounts.length ? text.noMatch : text.empty} />}
      </div>
      {open && (
        <Editor
          key={open === "new" ? "new" : open.id} account={open === "new" ? null : open} first={open === "new" ? EMPTY : formOf(open)} queues={queues}
          skills={knownSkills(accounts)} roles={grants} language={language} text={text} close={() => setOpen(null)} save={save}
        />
      )}
    </div>
  );
}
