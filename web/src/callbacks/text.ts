/** The words of the call-backs' page. */
import type { Language } from "../shared/session";

const zh = {
  title: "预约回电", open: "待回电", all: "含最近 7 天已结束", none: "没有待回电的客户", noneAll: "没有回电记录", loading: "加载中…", retry: "重试",
  number: "号码", customer: "客户", queue: "队列", since: "等候自", due: "最早回电", attempts: "已试", state: "状态", last: "上次结果", by: "来源", contact: "原通话", call: "回电通话",
  now: "优先回电", cancel: "取消", cancelAsk: (n: string) => `不再回电 ${n}？`, cancelWhy: "正在拨打的回电也会挂断。", ok: "取消回电", keep: "保留", atOnce: "等待坐席",
  hurried: "已排到队首，有空闲坐席即拨打（仍须在允许致电的时间内）", cancelled: "已取消", over: "这个回电已经结束", failed: "没有成功",
  states: { open: "等候", dialling: "正在回电", reached: "已接通", gave_up: "多次未接通", hours_over: "超出时间", agent_ended: "坐席中止", refused: "未受理", cancelled: "已取消" } as Record<string, string>,
  sources: { caller: "客户", switch_lost: "线路中断", staff: "坐席" } as Record<string, string>,
  interrupted: "中断", returnVisit: "回访",
};
type Text = typeof zh;
const en: Text = {
  title: "Call-backs", open: "Open", all: "With those of the last 7 days", none: "Nobody waits to be called back", noneAll: "No call-backs", loading: "Loading…", retry: "Try again",
  number: "Number", customer: "Customer", queue: "Queue", since: "Waiting since", due: "Not before", attempts: "Tried", state: "State", last: "Last result", by: "From", contact: "First call", call: "Call-back",
  now: "Call first", cancel: "Cancel", cancelAsk: (n) => `Not call ${n} back?`, cancelWhy: "A call that is being made for it ends too.", ok: "Cancel it", keep: "Keep it", atOnce: "When an agent is free",
  hurried: "At the front of its queue: called as soon as an agent is free, within the permitted hours", cancelled: "Cancelled", over: "This call-back is over", failed: "That did not work",
  states: { open: "Waiting", dialling: "Being called", reached: "Reached", gave_up: "Not reached", hours_over: "Out of time", agent_ended: "Ended by the agent", refused: "Not taken", cancelled: "Cancelled" },
  sources: { caller: "Customer", switch_lost: "Cut off", staff: "Staff" },
  interrupted: "Interrupted", returnVisit: "Return visit",
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
