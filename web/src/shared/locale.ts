/** The words of Ant Design's own parts. Weeks begin on Monday in both languages, as shifts and reports count them. */
import type { Locale } from "antd/es/locale";
import enUS from "antd/es/locale/en_US";
import zhCN from "antd/es/locale/zh_CN";
import "dayjs/locale/en-gb";
import "dayjs/locale/zh-cn";
import type { Language } from "./session";

/** A calendar takes its names and its week from the locale that it names itself. Pickers of two days look under `Calendar`. */
const picker = enUS.DatePicker!;
const fromMonday = { ...picker, lang: { ...picker.lang, locale: "en_GB" } };
const en: Locale = { ...enUS, DatePicker: fromMonday, Calendar: fromMonday };

export const LOCALES: Record<Language, Locale> = { "zh-CN": zhCN, en };
