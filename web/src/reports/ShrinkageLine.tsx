/** How much of their time people cannot take calls: what counts, where it comes from, and the house's own word. */
import { Alert, Button, InputNumber, Modal, Space } from "antd";
import { useState } from "react";
import { ask } from "../shared/http";
import { type Language, useSession } from "../shared/session";
import { troubleWords } from "../shared/trouble";
import { shown, type Part, type Shrinkage } from "./model";
import { TEXT } from "./text";

const KEEPERS = ["supervisor", "admin"];
const PARTS = ["in_office", "out_of_office"] as const;
type Own = Record<(typeof PARTS)[number], number | null>;
const percent = (part: Part) => (part.source === "house" ? Math.round(part.share * 1000) / 10 : null);

export function ShrinkageLine({ found, language, changed }: { found: Shrinkage; language: Language; changed: () => void }) {
  const text = TEXT[language];
  const [open, setOpen] = useState(false);
  return (
    <div className="reports-bar" data-testid="shrinkage">
      <span className="reports-quiet">
        {text.shrinkage(shown(found.whole, "share"), `${shown(found.in_office.share, "share")} (${said(found.in_office, language)})`, `${shown(found.out_of_office.share, "share")} (${said(found.out_of_office, language)})`)}
      </span>
      <Button type="link" size="small" style={{ padding: 0 }} onClick={() => setOpen(true)}>{text.shrinkageOpen}</Button>
      {open && <Details found={found} language={language} close={() => setOpen(false)} changed={changed} />}
    </div>
  );
}

/** Where a share was taken from. */
function said(part: Part, language: Language): string {
  const text = TEXT[language];
  return part.source === "default" && part.measured !== null ? text.unbelieved : text.sources[part.source](part.days);
}

function Details({ found, language, close, changed }: { found: Shrinkage; language: Language; close: () => void; changed: () => void }) {
  const text = TEXT[language];
  const may = KEEPERS.includes(useSession().me?.role ?? "");
  const [own, setOwn] = useState<Own>({ in_office: percent(found.in_office), out_of_office: percent(found.out_of_office) });
  const [trouble, setTrouble] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    const shares = Object.fromEntries(PARTS.map((part) => [part, own[part] === null ? null : own[part] / 100]));
    await ask("PUT", "/reports/shrinkage", shares).then(() => {
      changed();
      close();
    }, setTrouble);
    setBusy(false);
  };
  const words = { in_office: [text.inOffice, text.inOfficeHint], out_of_office: [text.outOfOffice, text.outOfOfficeHint] } as const;
  return (
    <Modal open title={text.shrinkageTitle} onCancel={close} width={760} data-testid="shrinkage-details"
      footer={may ? <Space><Button onClick={close}>{text.cancel}</Button><Button type="primary" loading={busy} onClick={() => void save()}>{text.save}</Button></Space> : <Button onClick={close}>{text.close}</Button>}>
      <p className="reports-quiet">{text.shrinkageHint}</p>
      <table className="reports-parts">
        <thead><tr><th /><th>{text.reckoned}</th><th>{text.onRecord}</th>{may && <th>{text.own}</th>}</tr></thead>
        <tbody>
          {PARTS.map((part) => (
            <tr key={part} data-part={part}>
              <th>{words[part][0]}<div className="reports-quiet">{words[part][1]}</div></th>
              <td><b>{shown(found[part].share, "share")}</b><div className="reports-quiet">{said(found[part], language)}</div></td>
              <td>{shown(found[part].measured, "share")}</td>
              {may && (
                <td><InputNumber aria-label={words[part][0]} min={0} max={50} step={1} precision={1} value={own[part]} placeholder={text.asRecorded} addonAfter="%" style={{ width: 150 }} onChange={(value) => setOwn({ ...own, [part]: value })} /></td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {found.reasons.length > 0 && (
        <p className="reports-quiet">{text.ofStaffed}{language === "en" ? ": " : "："}{found.reasons.map((one) => `${language === "en" ? one.title_en : one.title} ${shown(one.share, "share")}`).join(" · ")}</p>
      )}
      {may && <p className="reports-quiet">{text.shrinkageOwn}</p>}
      {trouble !== undefined && <Alert type="error" showIcon message={troubleWords(trouble, language)} />}
    </Modal>
  );
}
