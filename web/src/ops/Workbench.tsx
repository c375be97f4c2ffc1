/** One flow: its graph with live counts, and beside it the YAML that makes it. */
import { Alert, Button, Input, Modal, Popconfirm, Select, Switch, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, type Drafts } from "./api";
import { kindOf, namesIn, type Schemas } from "./complete";
import { Editor } from "./Editor";
import { FlowGraph } from "./FlowGraph";
import { Diff } from "./History";
import type { Checked, Files, Flow, Live, Problem, Tally } from "./model";
import { useText, useTold } from "./text";
import { useAsked } from "./useAsked";

interface Props {
  live: Live;
  files: Files;
  flow: Flow | undefined;
  file: string;
  drafts: Drafts;
  checked: Checked | undefined;
  checking: boolean;
  refused: readonly Problem[];
  schemas: Schemas | undefined;
  tallies: Map<string, Tally>;
  walked: readonly string[];
  mayEdit: boolean;
  onFile: (file: string) => void;
  onEdit: (file: string, text: string | null) => void;
  onDiscard: () => void;
  onSave: (note: string) => Promise<boolean>;
}

export function Workbench(props: Props) {
  const text = useText();
  const told = useTold();
  const { live, files, flow, file, drafts, checked, mayEdit } = props;
  const [compare, setCompare] = useState(false);
  const [goTo, setGoTo] = useState<{ line: number; column: number }>();
  const [selected, setSelected] = useState<string>();
  const [saving, setSaving] = useState(false);
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState("");

  const changed = Object.keys(drafts).length > 0;
  const problems = changed ? (checked?.problems ?? props.refused) : live.problems;
  const warnings = (changed ? checked?.warnings : undefined) ?? live.warnings;
  const here = useMemo(
    () =>
      [...problems, ...warnings]
        .filter((problem) => problem.file === file)
        .map((problem) => ({ ...problem, message: told.check(problem.message), hint: told.hint(problem.hint) })),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `text` stands for the language, `told` is new each time
    [problems, warnings, file, text],
  );
  const drafted = changed && checked?.ok ? checked.flows?.find((one) => one.file === flow?.file) : undefined;
  const shown = drafted ?? flow;
  const deleted = drafts[file] === null;
  const content = drafts[file] ?? files.files[file] ?? "";
  const { value: trunks } = useAsked(api.trunks);
  const names = useMemo(() => namesIn({ ...files.files, ...drafts }, trunks ?? []), [files, drafts, trunks]);
  const all = [...new Set([...Object.keys(files.files), ...Object.keys(drafts)])].sort();

  const save = async () => {
    setBusy(true);
    if (await props.onSave(note)) setNote("");
    setBusy(false);
    setSaving(false);
  };
  const show = (problem: Problem) => {
    props.onFile(problem.file);
    setGoTo({ line: problem.line, column: problem.column });
  };

  return (
    <div className="ops-bench">
      <div className="ops-graph">
        {changed && checked && !checked.ok && <Alert className="ops-notice" type="warning" showIcon message={text.showsLive} />}
        {shown && (
          <FlowGraph
            flow={shown.name}
            graph={shown.graph}
            tallies={props.tallies}
            walked={props.walked}
            selected={selected}
            onSelect={(step) => {
              setSelected(step.id);
              props.onFile(shown.file);
              setGoTo({ line: step.line, column: 1 });
            }}
          />
        )}
      </div>
      <div className="ops-desk">
        <div className="ops-tools">
          <Select
            size="small"
            value={file}
            onChange={props.onFile}
            style={{ minWidth: 150 }}
            aria-label={text.file}
            options={all.map((name) => ({ value: name, label: name in drafts ? `● ${name}` : name }))}
          />
          {deleted && <Tag color="red">{text.deleted}</Tag>}
          <label><Switch size="small" checked={compare} onChange={setCompare} /> {text.compare}</label>
          <span className="grow" />
          {mayEdit && (
            <>
              {kindOf(file) === "flow" && !deleted && (
                <Popconfirm title={text.deleteAsk(file)} okText={text.confirm} cancelText={text.cancel} onConfirm={() => props.onEdit(file, null)}>
                  <Button size="small" type="text">{text.deleteFlow}</Button>
                </Popconfirm>
              )}
              <Popconfirm title={text.discardAsk} okText={text.confirm} cancelText={text.cancel} onConfirm={props.onDiscard} disabled={!changed}>
                <Button size="small" disabled={!changed}>{text.discard}</Button>
              </Popconfirm>
              <Button size="small" type="primary" disabled={!changed || props.checking || !checked?.ok} onClick={() => setSaving(true)} data-testid="save">{text.save}</Button>
            </>
          )}
        </div>
        <Editor
          file={file}
          text={content}
          live={files.files[file] ?? ""}
          compare={compare}
          readOnly={!mayEdit || deleted}
          problems={here}
          schemas={props.schemas}
          names={names}
          goTo={goTo}
          back={text.takeBack}
          doc={told.doc}
          onChange={(typed) => props.onEdit(file, typed)}
        />
        <div className="ops-problems" aria-live="polite" data-testid="problems">
          <header>
            {props.checking ? text.checking : problems.length ? text.errors(problems.length) : text.clean}
            {!props.checking && warnings.length > 0 && ` · ${text.warnings(warnings.length)}`}
            {!mayEdit && ` · ${text.noEdit}`}
          </header>
          {[...problems, ...warnings].map((problem) => (
            <button type="button" className={problem.severity === "warning" ? "ops-warning" : ""} key={`${problem.file}:${problem.line}:${problem.column}:${problem.message}`} onClick={() => show(problem)}>
              <code>{problem.file}:{problem.line}:{problem.column}</code> {told.check(problem.message)}
              {problem.hint && <span className="ops-quiet"> · {told.hint(problem.hint)}</span>}
            </button>
          ))}
        </div>
      </div>
      <Modal
        open={saving}
        width={820}
        title={text.save}
        okText={text.save}
        cancelText={text.cancel}
        confirmLoading={busy}
        onOk={() => void save()}
        onCancel={() => setSaving(false)}
        okButtonProps={{ id: "confirm-save" }}
      >
        <p className="ops-quiet">{text.saveHint}</p>
        <Input value={note} onChange={(event) => setNote(event.target.value)} placeholder={text.saveAsk} maxLength={500} autoFocus style={{ marginBottom: 12 }} />
        <div style={{ maxHeight: 360, overflow: "auto" }}>{checked && <Diff text={checked.diff} />}</div>
      </Modal>
    </div>
  );
}
