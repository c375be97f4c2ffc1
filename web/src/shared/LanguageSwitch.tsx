/** Chinese or English; the browser remembers it. */
import { Segmented } from "antd";
import { useSession, type Language } from "./session";

export function LanguageSwitch() {
  const { language, setLanguage } = useSession();
  return (
    <Segmented
      size="small"
      data-testid="lang-switch"
      value={language}
      onChange={setLanguage}
      options={[{ value: "zh-CN" as Language, label: "中文" }, { value: "en" as Language, label: "EN" }]}
    />
  );
}
