/** The case of a call: one of the caller's that is still to be done, by one click or key, or a new one. */
import { Button, Checkbox, Select, Tag } from "antd";
import { useEffect, useMemo, useState } from "react";
import { COLOURS, type CaseLine } from "../cases/model";
import { TEXT as CASES } from "../cases/text";
import { useLists } from "../cases/useLists";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import type { Draft } from "./model";
import type { Text } from "./text";

const SHOWN = 4;

/** What the caller still waits for; the one they asked for in the menu first. */
export function useOpenCases(caller: string, asked: string | undefined): CaseLine[] {
  const [found, setFound] = useState<CaseLine[]>([]);
  useEffect(() => {
    if (!caller) return;
    let wanted = true;
    ask<{ cases: CaseLine[] }>("GET", `/cases?${new URLSearchParams({ view: "open", caller, limit: "20" })}`).then(
      (answer) => wanted && setFound(answer.cases), () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [caller]);
  return useMemo(() => [...found].sort((one, other) => Number(String(other.number) === asked) - Number(String(one.number) === asked)).slice(0, SHOWN), [found, asked]);
}

interface Props { cases: CaseLine[]; form: Draft; opened: boolean; change: (part: Partial<Draft>) => void; language: Language; text: Text }

export function CaseOf({ cases, form, opened, change, language, text }: Props) {
  const lists = useLists(language, false);
  const words = CASES[language];
  return (
    <div className="agent-case">
      {cases.map((one) => {
        const chosen = form.aboutCase === one.number;
        return (
          <Button key={one.number} size="small" block type={chosen ? "primary" : "default"} aria-pressed={chosen} title={text.aboutHint} disabled={opened} className="agent-case-offer"
            onClick={() => change({ aboutCase: chosen ? undefined : one.number, openCase: false })} data-testid="about-case">
            <b>{one.number}</b><span className="grow">{one.subject}</span><Tag color={COLOURS[one.state]}>{words.states[one.state]}</Tag>
          </Button>
        );
      })}
      <Checkbox checked={form.openCase === true} disabled={opened || form.aboutCase !== undefined} title={text.openCaseHint} data-testid="open-case"
        onChange={(event) => change({ openCase: event.target.checked })}>
        {text.openCase}
      </Checkbox>
      {form.openCase && !opened && (
        <div className="agent-case-what">
          <Select size="small" allowClear placeholder={words.kind} aria-label={words.kind} value={form.caseKind} options={lists.kindOptions} onChange={(kind?: string) => change({ caseKind: kind })} data-testid="open-kind" />
          <Select size="small" allowClear placeholder={words.department} aria-label={words.department} value={form.caseDepartment} options={lists.departmentOptions} onChange={(code?: string) => change({ caseDepartment: code })} data-testid="open-department" />
        </div>
      )}
    </div>
  );
}
