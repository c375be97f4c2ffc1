/** A text of the record: kept when one leaves it, by Enter or by Ctrl+Enter where it has lines; Escape takes it back. */
import { Input } from "antd";
import { useState, type KeyboardEvent } from "react";
import type { Fate } from "./model";

interface Props {
  value: string;
  label: string;
  max: number;
  /** What was not kept stays in the field. ``was``: what stood there when one began to type; undefined: a colleague has
   * changed that, they were told so, and mean it. */
  keep: (text: string, was: string | undefined) => Promise<Fate>;
  needed?: true;
  lines?: true;
  hint?: string;
  className?: string;
  testid: string;
}

export function Typed({ value, label, max, keep, needed, lines, hint, className, testid }: Props) {
  const [draft, setDraft] = useState<{ text: string; was: string | undefined }>();
  const leave = async () => {
    if (!draft) return;
    const text = draft.text.trim();
    if (text === value || (needed && !text)) {
      setDraft(undefined);
      return;
    }
    const fate = await keep(text, draft.was);
    if (fate === "kept") setDraft((now) => (now === draft ? undefined : now));
    else if (fate === "changed") setDraft((now) => now && { ...now, was: undefined });
  };
  const field = {
    className: className ?? "", variant: "filled" as const, maxLength: max, placeholder: hint ?? label, "aria-label": label, "data-testid": testid,
    value: draft?.text ?? value,
    onChange: (event: { target: { value: string } }) => setDraft({ text: event.target.value, was: draft ? draft.was : value }),
    onBlur: () => void leave(),
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.key === "Escape") setDraft(undefined);
      else if (event.key === "Enter" && !event.nativeEvent.isComposing && (!lines || event.ctrlKey || event.metaKey)) event.currentTarget.blur();
    },
  };
  return lines ? <Input.TextArea autoSize={{ minRows: 4, maxRows: 12 }} {...field} /> : <Input {...field} />;
}
