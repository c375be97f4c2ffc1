/** The answers in words: why this caller waits, why this agent got it. Asked for again every few seconds while open. */
import { Alert, Drawer, Empty, Spin } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { ApiError, ask } from "../shared/http";
import { troubleWords } from "../shared/trouble";
import { Reasons, type Sentence } from "../shared/Reasons";
import type { Language } from "../shared/session";
import type { Decision } from "./model";
import type { Text } from "./text";

export type Question = { of: "caller"; id: string; name: string } | { of: "agent"; id: string; name: string };

const AGAIN_MS = 3000;

interface Props { question: Question | null; close: () => void; language: Language; text: Text; /** What can be done about it. */ children?: ReactNode }

export function Why({ question, close, language, text, children }: Props) {
  const [told, setTold] = useState<Sentence[][] | null>(null);
  const [failed, setFailed] = useState("");
  const id = question?.id;
  const of = question?.of;
  useEffect(() => {
    setTold(null);
    setFailed("");
    if (!id) return;
    let over = false;
    const get = async () => {
      try {
        const found =
          of === "caller"
            ? [(await ask<{ reasons: Sentence[] }>("GET", `/desk/calls/${encodeURIComponent(id)}/why`)).reasons]
            : (await ask<{ decisions: Decision[] }>("GET", `/desk/decisions?agent_id=${encodeURIComponent(id)}&limit=5`)).decisions.map(
                (one) => one.reasons.map((reason, at) => (at === 0 ? { ...reason, at: one.at } : reason)),
              );
        if (!over) {
          setTold(found);
          setFailed("");
        }
      } catch (error) {
        if (over) return;
        if (error instanceof ApiError && error.status === 404) setTold([]);
        else setFailed(troubleWords(error, language));
      }
    };
    void get();
    const timer = window.setInterval(() => void get(), AGAIN_MS);
    return () => {
      over = true;
      window.clearInterval(timer);
    };
  }, [id, of, language]);
  const nothing = of === "agent" ? text.noOffers : text.whyNone;
  return (
    <Drawer
      open={question !== null} onClose={close} width={440} mask={false} destroyOnHidden
      title={question ? `${question.name} · ${of === "agent" ? text.whyAgent : text.whyCaller}` : ""}
    >
      {failed && <Alert type="warning" showIcon message={text.failed} description={failed} />}
      {!told && !failed && <Spin />}
      {told && told.every((one) => one.length === 0) && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={nothing} />}
      {told?.map((sentences, number) => (
        <Reasons told={sentences} language={language} key={sentences[0]?.at ?? number} />
      ))}
      {children}
    </Drawer>
  );
}
