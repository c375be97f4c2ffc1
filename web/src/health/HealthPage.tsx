/** Operations' first look: is every part well, are the trunks there, what happened. */
import { Alert, Input, message, Modal, Skeleton } from "antd";
import { useState } from "react";
import { ask } from "../shared/http";
import type { Language } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { Incidents } from "./Incidents";
import { Measures } from "./Measures";
import type { Incident, Trunk } from "./model";
import { TEXT } from "./text";
import { Sound } from "./Sound";
import { Trunks } from "./Trunks";
import { useHealth } from "./useHealth";
import "./health.css";

interface Props {
  language: Language;
  /** Whether this account may act (operations, administrator). */
  mayAct: boolean;
}

export function HealthPage({ language, mayAct }: Props) {
  const text = TEXT[language];
  const [openOnly, setOpenOnly] = useState(false);
  const { told, away, again } = useHealth(openOnly);
  const [out, setOut] = useState<Trunk | null>(null);
  const [closing, setClosing] = useState<Incident | null>(null);
  const [note, setNote] = useState("");
  const [toast, toasts] = message.useMessage();

  const act = async (path: string, body?: unknown): Promise<void> => {
    try {
      const answer = await ask<{ trunks?: string[] }>("POST", path, body);
      if (answer.trunks) void toast.success(text.reloaded(answer.trunks.join(", ")));
    } catch (error) {
      void toast.error({ content: <pre className="health-told">{troubleWords(error, language)}</pre>, duration: 10 });
    }
    again();
  };
  const done = () => {
    setOut(null);
    setClosing(null);
    setNote("");
  };
  if (!told) {
    return <div className="health">{away ? <Alert type="error" message={text.away} /> : <Skeleton active paragraph={{ rows: 10 }} />}</div>;
  }
  return (
    <div className="health">
      {toasts}
      {away && <Alert banner type="warning" message={text.away} />}
      {!told.trunks.figures && <Alert banner type="warning" message={text.figuresAway} />}
      <Measures health={told.health} language={language} />
      <Trunks
        trunks={told.trunks.trunks} language={language} mayAct={mayAct}
        onOut={setOut} onIn={(trunk) => void act(`/trunks/${trunk.name}/in`)} onReload={() => void act("/trunks/reload")}
      />
      <Sound trunks={told.trunks.trunks} language={language} />
      <Incidents
        told={told.incidents} language={language} mayAct={mayAct} openOnly={openOnly} onOpenOnly={setOpenOnly}
        onTake={(incident) => void act(`/incidents/${incident.id}/acknowledge`)} onClose={setClosing}
      />
      <Modal
        open={out !== null || closing !== null}
        title={out ? text.takeOutAsk(language === "en" ? out.title_en : out.title) : text.resolveAsk}
        okText={text.confirm} cancelText={text.cancel} onCancel={done} maskClosable={false}
        onOk={() => {
          if (out) void act(`/trunks/${out.name}/out`, { note });
          else if (closing) void act(`/incidents/${closing.id}/resolve`, { note });
          done();
        }}
      >
        <p>{out ? text.takeOutHint : text.resolveHint}</p>
        <Input.TextArea value={note} maxLength={500} autoSize={{ minRows: 2 }} onChange={(event) => setNote(event.target.value)} placeholder={text.note} aria-label={text.note} autoFocus />
      </Modal>
    </div>
  );
}
