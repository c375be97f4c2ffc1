/** Asking for a call outside, and the words for every way in which it can be refused or come to nothing. */
import { ApiError, ask } from "./http";
import type { Language } from "./session";
import { troubleWords } from "./trouble";

export interface DialWish {
  number?: string;
  contact_id?: string;
  customer_id?: string;
  purpose?: "call" | "return_visit";
  hotline?: string;
  /** Somebody who wants no calls is called all the same; kept in the audit. */
  despite_no_calls?: boolean;
}

const zh: Record<string, string> = {
  number_invalid: "号码不正确", number_own: "这是我们自己的热线", number_emergency: "紧急号码请用自己的电话拨打", number_premium: "不允许拨打付费声讯号码",
  number_international: "不允许拨打国际长途", number_not_allowed: "这个号码不在允许外呼的范围内", no_calls: "这位客户不希望接到电话", unknown_hotline: "没有这个热线号码", outside_hours: "现在不在允许致电客户的时间",
  lines_busy: "线路全忙，请稍后再拨", phone_not_registered: "您的话机还没有就绪：请先打开坐席页面", busy: "您正在通话或有来电", not_logged_in: "请先打开坐席页面并登录",
  kept_already: "这通电话已经登记过回电", refused: "队列已满，没有登记", no_trunk: "没有可用的外呼线路", no_answer: "无人接听", rejected: "对方拒接", unallocated: "空号", unreachable: "无法接通", agent_ended: "已取消", agent_declined: "已取消",
  agent_no_answer: "您的话机没有接听", agent_unreachable: "您的话机没有响应", agent_busy: "您的话机忙", switch_lost: "电话系统中断", switch_failure: "电话系统故障",
  callback_cancelled: "回电已取消", callback_over: "回电已结束", unavailable: "服务暂时不可用，请稍后再试", not_found: "没有可拨打的号码", conflict: "此账号不能打电话",
};
const en: Record<string, string> = {
  number_invalid: "That is not a telephone number", number_own: "That is a hotline of ours", number_emergency: "Call emergency numbers from your own telephone", number_premium: "Premium numbers are not allowed",
  number_international: "Calls abroad are not allowed", number_not_allowed: "This number is not on the list of those we may call", no_calls: "This customer wants no calls", unknown_hotline: "No such hotline", outside_hours: "Customers may not be called at this hour",
  lines_busy: "All lines are busy; try again in a moment", phone_not_registered: "Your phone is not ready: open the agent page first", busy: "You are in a call or have one coming", not_logged_in: "Open the agent page first",
  kept_already: "A call-back is kept for this call already", refused: "The queue is full: nothing was kept", no_trunk: "No trunk is free to call outside", no_answer: "No answer", rejected: "The call was rejected", unallocated: "No such number", unreachable: "Could not be reached", agent_ended: "Cancelled", agent_declined: "Cancelled",
  agent_no_answer: "Your phone was not answered", agent_unreachable: "Your phone did not respond", agent_busy: "Your phone was busy", switch_lost: "The telephone system was lost", switch_failure: "The telephone system failed",
  callback_cancelled: "The call-back was cancelled", callback_over: "The call-back is over", unavailable: "The service is not available; try again in a moment", not_found: "There is no number to call", conflict: "This account makes no calls",
};
const OUTSIDE: Record<Language, string> = { "zh-CN": "对方忙", en: "Busy" };

/** Why a call was refused before anybody was rung. */
export function refusalWords(error: unknown, language: Language): string {
  if (!(error instanceof ApiError)) return troubleWords(error, language);
  const words = language === "en" ? en : zh;
  return words[String(error.details["reason"] ?? "")] ?? words[error.code] ?? troubleWords(error, language);
}

/** How a call outside came to nothing. */
export function endWords(reason: string, language: Language): string {
  if (reason === "busy") return OUTSIDE[language];
  return (language === "en" ? en : zh)[reason] ?? reason;
}

export function dial(wish: DialWish): Promise<{ call_id: string }> {
  return ask("POST", "/calls", wish);
}
