/** The words of the return visits' page. */
import type { Language } from "../shared/session";

const zh = {
  title: "客户回访", hint: "新客户第一年每月一次，之后每季度一次", views: { due: "到期", mine: "我的客户", ahead: "未来两周", closed: "已结束" }, retry: "重试", loading: "加载中…",
  none: { due: "今天没有要回访的客户", mine: "您的客户今天没有要回访的", ahead: "未来两周没有回访", closed: "还没有结束的回访" },
  due: "应访日", customer: "客户", number: "号码", owner: "负责人", tries: "已试", next: "下次", state: "状态", by: "办理", note: "备注", late: (days: number) => `逾期 ${days} 天`, today: "今天", noNumber: "没有号码",
  states: { due: "待回访", done: "已回访", declined: "客户谢绝", missed: "未接通", cancelled: "不再回访" } as Record<string, string>,
  call: "拨打", calling: "正在接通您的话机；通话后请填写处理结果，回访随之完成", busy: "正在回访", unwritten: (who: string) => `${who}已通话，结果未填`, close: "登记结果…", closeTitle: (name: string) => `回访结果：${name}`,
  results: { done: "已回访", declined: "客户谢绝", missed: "联系不上" }, noCalls: "以后不再致电这位客户", save: "保存", cancel: "取消", saved: "已登记",
  refused: { visit_over: "这次回访已经结束", visit_calling: "同事正在回访这位客户", no_calls: "这位客户不希望接到电话" } as Record<string, string>,
  month: "月份", rate: "完成率", done: "已回访", declined: "谢绝", missed: "未接通", overdue: "逾期", rateHint: "完成率 =（已回访 + 谢绝）÷ 应回访",
};
type Text = typeof zh;
const en: Text = {
  title: "Return visits", hint: "Monthly in a customer's first year, quarterly afterwards", views: { due: "Due", mine: "My customers", ahead: "Next two weeks", closed: "Closed" }, retry: "Try again", loading: "Loading…",
  none: { due: "Nobody is to be called today", mine: "None of your customers is to be called today", ahead: "No visits within two weeks", closed: "No visit is closed yet" },
  due: "Due on", customer: "Customer", number: "Number", owner: "Owner", tries: "Tried", next: "Not before", state: "State", by: "By", note: "Note", late: (days) => `${days} d late`, today: "Today", noNumber: "No number",
  states: { due: "Due", done: "Took place", declined: "Declined", missed: "Not reached", cancelled: "No more calls" },
  call: "Call", calling: "Connecting your phone; the outcome of the call closes the visit", busy: "Being called", unwritten: (who) => `${who || "A colleague"} talked; no result yet`, close: "Write result…", closeTitle: (name) => `Visit of ${name}`,
  results: { done: "Took place", declined: "Declined", missed: "Not reached" }, noCalls: "Never call this customer again", save: "Save", cancel: "Cancel", saved: "Kept",
  refused: { visit_over: "This visit is over", visit_calling: "A colleague calls this customer now", no_calls: "This customer wants no calls" },
  month: "Month", rate: "Completed", done: "Took place", declined: "Declined", missed: "Not reached", overdue: "Late", rateHint: "Completed = (took place + declined) ÷ due",
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
export type { Text };
