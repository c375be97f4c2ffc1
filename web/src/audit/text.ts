/** The words of the audit's page; what was done comes in words from the service. */
import type { Language } from "../shared/session";

const zh = {
  person: "人员", kind: "操作种类", time: "时间", who: "人员", what: "操作", whom: "对象", details: "内容", call: "通话", nobody: "命令行或系统",
  none: "这段时间没有操作记录", noneFound: "没有符合条件的操作记录", more: "更多", retry: "重试", today: "今天", yesterday: "昨天", week: "最近七天",
  exported: "导出 CSV", retired: "（已停用）", colon: "：",
};

export type Text = typeof zh;

const en: Text = {
  person: "Who", kind: "Kind", time: "Time", who: "Who", what: "What", whom: "To whom", details: "Details", call: "Call", nobody: "Command line or system",
  none: "Nothing was done yet", noneFound: "Nothing matches", more: "More", retry: "Try again", today: "Today", yesterday: "Yesterday", week: "Last seven days",
  exported: "Export CSV", retired: " (retired)", colon: ": ",
};

export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
