/** The operations page: hotlines, flows, their live counts; editing, trying, going live, going back; prompts. */
import { Alert, App, Badge, Button, Input, Modal, Skeleton, Tabs } from "antd";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api, problemsOf, type Drafts } from "./api";
import { GiveUps } from "./GiveUps";
import { Failed, History } from "./History";
import { draftOf, onOlder, tallies, type Checked, type Files, type Live, type Problem } from "./model";
import { Prompts } from "./Prompts";
import { Simulator } from "./Simulator";
import { TextContext, useText, useTitle, useTold, type PageLanguage } from "./text";
import { useAsked } from "./useAsked";
import { useCounts } from "./useCounts";
import { Workbench } from "./Workbench";
import "./ops.css";

const CHECK_AFTER_MS = 500;
const DRAFTS = "callcenter.ops.drafts";

interface Props {
  language: PageLanguage;
  /** Whether this account may change flows (operations, administrator). */
  mayEdit: boolean;
}

export function OpsPage({ language, mayEdit }: Props) {
  return (
    <TextContext.Provider value={language}>
      <App style={{ height: "100%" }}>
        <Loaded mayEdit={mayEdit} />
      </App>
    </TextContext.Provider>
  );
}

function Loaded({ mayEdit }: { mayEdit: boolean }) {
  const counts = useCounts();
  // Another person's reload is told by the socket: the page then asks for the flows again.
  const { value, error, again } = useAsked(() => Promise.all([api.live(), api.files()]), counts.version);
  if (error !== undefined && !value) return <Failed error={error} again={again} />;
  if (!value) return <div className="ops-page"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  return <Page live={value[0]} files={value[1]} counts={counts} mayEdit={mayEdit} again={again} />;
}

interface PageProps {
  live: Live;
  files: Files;
  counts: ReturnType<typeof useCounts>;
  mayEdit: boolean;
  again: () => void;
}

function Page({ live, files, counts, mayEdit, again }: PageProps) {
  const text = useText();
  const title = useTitle();
  const told = useTold();
  const { message } = App.useApp();
  const { value: schemas } = useAsked(api.schemas);
  const [tab, setTab] = useState("bench");
  const [chosen, setChosen] = useState("");
  const [file, setFile] = useState("");
  const [drafts, setDrafts] = useDrafts(files);
  const [walked, setWalked] = useState<{ flow: string; steps: string[] }>({ flow: "", steps: [] });
  const [refused, setRefused] = useState<Problem[]>([]);
  const [naming, setNaming] = useState("");
  const { checked, checking } = useChecked(drafts, live.version);
  const sums = useMemo(() => tallies(counts.steps), [counts.steps]);

  const flow = live.flows.find((one) => one.name === chosen) ?? live.flows.find((one) => one.name === live.hotlines[0]?.flow) ?? live.flows[0];
  const open = file || flow?.file || "";
  const choose = (name: string) => {
    setChosen(name);
    setFile(live.flows.find((one) => one.name === name)?.file ?? "");
    setTab("bench");
  };
  const here = (name: string) => [...sums].reduce((sum, [key, tally]) => (key.startsWith(`${name}/`) ? sum + tally.now : sum), 0);
  const failed = (error: unknown) => {
    const problems = problemsOf(error);
    if (problems.length) {
      setRefused(problems);
      void message.error(text.refused);
    } else {
      void message.error(told.trouble(error), 8);
    }
  };
  const save = async (note: string): Promise<boolean> => {
    try {
      const done = await api.publish(drafts, note);
      void message.success(done.changed ? text.saved(done.version.number) : text.unchanged);
      setDrafts({});
      setRefused([]);
      again();
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  };
  const reload = async () => {
    try {
      const done = await api.reload("");
      void message.success(done.changed ? text.saved(done.version.number) : text.unchanged);
    } catch (error) {
      failed(error);
    }
    again();
  };
  const differing = Object.keys(files.changed_in_folder);
  const older = onOlder(counts.steps, live.version);

  return (
    <div className="ops">
      <nav className="ops-side" aria-label={text.flows}>
        <h3>{text.hotlines}</h3>
        {live.hotlines.map((hotline) => (
          <button type="button" key={hotline.number} className="ops-item" title={title(hotline)} onClick={() => choose(hotline.flow)}>
            <span className="ops-number">{hotline.number}</span>
            <span className="grow">
              {title(hotline)}{hotline.drill && <small> · {text.drill}</small>}
              <small className="ops-below">{[hotline.flow, hotline.language === "en" ? text.en : text.zhCN, hotline.trunk].filter(Boolean).join(" · ")}</small>
            </span>
          </button>
        ))}
        <h3>{text.flows}</h3>
        {!live.flows.length && <p className="ops-quiet">{text.noFlows}</p>}
        {live.flows.map((one) => (
          <button type="button" key={one.name} className="ops-item" aria-current={one.name === flow?.name} onClick={() => choose(one.name)} data-flow={one.name}>
            <span className="grow">{title(one)} <small>{text.tests(one.tests)}</small></span>
            <Badge count={here(one.name)} color="#2563eb" title={text.here} />
          </button>
        ))}
        {mayEdit && <Button type="text" size="small" style={{ margin: 8 }} onClick={() => setNaming("new_flow")}>＋ {text.newFlow}</Button>}
      </nav>
      <div className="ops-main">
        <div className="ops-bar">
          <strong>{flow ? title(flow) : text.title}</strong>
          <span className="ops-quiet ops-number" data-testid="version">{text.live} {live.version}</span>
          {older > 0 && <span className="ops-quiet">{text.older(older)}</span>}
          <span className="grow" />
          {counts.state === "connecting" && <span className="ops-quiet">{text.connecting}</span>}
          {counts.state === "lost" && <Badge status="warning" text={text.lost} />}
          {counts.state === "away" && <Badge status="error" text={text.countsAway} />}
          {mayEdit && <Button size="small" onClick={() => void reload()}>{text.reload}</Button>}
        </div>
        {live.problems.length > 0 && <Alert banner type="error" message={text.folderRefused} description={live.problems.slice(0, 3).map((one) => `${one.file}:${one.line}:${one.column} ${told.check(one.message)}`).join("\n")} style={{ whiteSpace: "pre-line" }} />}
        {live.problems.length === 0 && differing.length > 0 && <Alert banner type="info" message={text.folderDiffers(differing.join(", "))} />}
        <Tabs
          activeKey={tab}
          onChange={setTab}
          items={[
            {
              key: "bench", label: text.workbench,
              children: (
                <Workbench
                  live={live} files={files} flow={flow} file={open} drafts={drafts} checked={checked} checking={checking}
                  refused={refused} schemas={schemas} tallies={sums} walked={walked.flow === flow?.name ? walked.steps : []}
                  mayEdit={mayEdit} onFile={setFile} onDiscard={() => setDrafts({})} onSave={save}
                  onEdit={(name, content) => setDrafts((last) => ({ ...last, [name]: content }))}
                />
              ),
            },
            {
              key: "try", label: text.simulator,
              children: <Simulator flows={live.flows} flow={flow?.name ?? ""} drafts={drafts} onWalked={(name, steps) => setWalked({ flow: name, steps })} />,
            },
            { key: "history", label: text.history, children: <History live={live.version} mayEdit={mayEdit} onChanged={again} /> },
            { key: "prompts", label: text.prompts, children: <Prompts live={live.version} mayEdit={mayEdit} /> },
            { key: "give-ups", label: text.giveUps, children: <GiveUps /> },
          ]}
        />
      </div>
      <Modal
        open={!!naming}
        title={text.newFlow}
        okText={text.confirm}
        cancelText={text.cancel}
        onCancel={() => setNaming("")}
        okButtonProps={{ disabled: !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(naming) || `${naming}.yaml` in files.files }}
        onOk={() => {
          setDrafts((last) => ({ ...last, [`${naming}.yaml`]: template(naming) }));
          setFile(`${naming}.yaml`);
          setTab("bench");
          setNaming("");
        }}
      >
        <Input value={naming} onChange={(event) => setNaming(event.target.value)} placeholder={text.newFlowName} />
      </Modal>
    </div>
  );
}

function template(name: string): string {
  return `flow: ${name}\ntitle: ${name}\nlanguage: zh-CN\nstart: ask\nkeys: {0: person}\nsteps:\n  ask:\n    label: {zh-CN: 主菜单, en: Main menu}\n    menu:\n      zh-CN: 人工服务请按零。\n      en: For a person press 0.\n    keys: {0: person}\n    on_fail: person\n  person:\n    label: {zh-CN: 人工服务, en: A person}\n    queue: general\n`;
}

/** What is edited and not live, kept over a reload of the page. */
function useDrafts(files: Files): [Drafts, (change: Drafts | ((last: Drafts) => Drafts)) => void] {
  const [edited, setEdited] = useState<Drafts>(() => JSON.parse(sessionStorage.getItem(DRAFTS) ?? "{}") as Drafts);
  const drafts = useMemo<Drafts>(() => {
    const texts = Object.fromEntries(Object.entries(edited).filter((entry): entry is [string, string] => entry[1] !== null));
    const removed = Object.entries(edited).filter(([name, content]) => content === null && name in files.files);
    return { ...draftOf(files.files, texts), ...Object.fromEntries(removed) };
  }, [edited, files]);
  useEffect(() => sessionStorage.setItem(DRAFTS, JSON.stringify(drafts)), [drafts]);
  return [drafts, setEdited];
}

/** What the service says of the drafts, asked a moment after the last key. */
function useChecked(drafts: Drafts, version: string): { checked: Checked | undefined; checking: boolean } {
  const [answer, setAnswer] = useState<{ drafts: Drafts; checked: Checked }>();
  const ask = useCallback(async () => ({ drafts, checked: await api.validate(drafts) }), [drafts]);
  useEffect(() => {
    if (!Object.keys(drafts).length) return;
    let current = true;
    const timer = window.setTimeout(() => {
      ask().then(
        (found) => current && setAnswer(found),
        () => current && setAnswer(undefined),
      );
    }, CHECK_AFTER_MS);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [ask, drafts, version]);
  if (!Object.keys(drafts).length) return { checked: undefined, checking: false };
  // The last answer stays on the screen until the next is there: marks do not flicker while one types.
  return { checked: answer?.checked, checking: answer?.drafts !== drafts };
}
