/** The words of the calls' pages. */
import type { Language } from "../shared/session";

const zh = {
  title: "来往记录", number: "号码", queue: "队列", outcome: "处理结果", time: "时间", customer: "客户", agent: "坐席", length: "时长", end: "结束",
  search: "查询", more: "更多", none: "没有符合条件的通话", any: "全部", unknown: "未知客户", loading: "加载中…", back: "返回列表",
  missed: "未接通", under: "进行中", inbound: "来电", outbound: "去电", retry: "重试",
  timeline: "通话经过", path: "按键路径", recording: "录音", outcomes: "处理结果", caseNumber: "受理编号", caseState: "办理进度", caseStates: { open: "已受理", working: "正在处理", resolved: "已办结" } as Record<string, string>, ratings: "满意度", noOutcome: "还没有填写处理结果", noPath: "没有按键记录",
  noRecording: "没有录音", caller: "客户（左声道）", callee: "坐席（右声道）", play: "播放", pause: "暂停", download: "下载", speed: "倍速",
  statuses: { capturing: "录音中…", sealing: "正在保存录音…", sealed: "", failed: "录音失败", empty: "没有声音" } as Record<string, string>,
  kinds: { menu: "菜单", wait: "等候", ring: "振铃", talk: "通话", hold: "保持", wrap_up: "话后处理", message: "留言", consult: "咨询", conference: "三方通话", dial: "外呼等候", outside: "外线通话" } as Record<string, string>,
  ends: { completed: "正常结束", abandoned: "放弃等候", abandoned_in_menu: "菜单内挂断", hangup: "流程结束", caller_hung_up: "客户挂断", hung_up: "客户挂断", lines_busy: "线路忙", unknown_number: "号码不存在",
    ended: "结束", outside_left: "外线挂断", consult: "开始咨询", consulted: "咨询结束", conference: "三方通话", swapped: "切换", colleague_left: "对方退出", agent_lost: "坐席话机断开", agent_back: "重新接通", switch_failure: "交换机失败", outside_busy: "外线占线", outside_no_answer: "外线未接", outside_rejected: "外线拒接", outside_unallocated: "外线空号", outside_unreachable: "外线无法接通", switch_lost: "交换机中断", offered: "分配给坐席", held: "客户保持", resumed: "取回", agent_left: "坐席挂断", caller_left: "客户挂断", overflow: "溢出", transferred: "已转接", answered: "已接听", no_answer: "未应答", declined: "转给下一位", caller_gone: "客户挂断", menu: "菜单内挂断", busy: "对方忙", rejected: "对方拒接", unallocated: "空号", unreachable: "无法接通", agent_ended: "坐席取消", agent_declined: "坐席取消", agent_no_answer: "坐席话机未接", agent_unreachable: "坐席话机无响应", withdrawn: "已撤回", callback_cancelled: "回电取消", outside_hours: "不在外呼时间", no_trunk: "无可用线路", number_not_allowed: "不允许外呼" } as Record<string, string>,
  hotline: "热线", flowVersion: "流程版本", transfers: "转接", waited: "等候", talked: "通话", call: "来电", id: "通话编号", dial: "拨打", calling: "正在接通您的话机",
};
type Text = typeof zh;
const en: Text = {
  title: "Calls", number: "Number", queue: "Queue", outcome: "Outcome", time: "Time", customer: "Customer", agent: "Agent", length: "Length", end: "End",
  search: "Search", more: "More", none: "No calls match", any: "All", unknown: "Unknown customer", loading: "Loading…", back: "Back to the list",
  missed: "Not answered", under: "Going on", inbound: "Inbound", outbound: "Outbound", retry: "Try again",
  timeline: "What happened", path: "How they got here", recording: "Recording", outcomes: "Outcome", caseNumber: "Case", caseState: "How far it is", caseStates: { open: "received", working: "being worked on", resolved: "resolved" }, ratings: "Ratings", noOutcome: "No outcome written yet", noPath: "No steps",
  noRecording: "No recording", caller: "Customer (left)", callee: "Agent (right)", play: "Play", pause: "Pause", download: "Download", speed: "Speed",
  statuses: { capturing: "Recording…", sealing: "Being saved…", sealed: "", failed: "Recording lost", empty: "Nothing was said" },
  kinds: { menu: "Menu", wait: "Wait", ring: "Ring", talk: "Talk", hold: "Hold", wrap_up: "Wrap-up", message: "Message", consult: "Consult", conference: "Conference", dial: "Calling out", outside: "Outside" },
  ends: { completed: "Completed", abandoned: "Abandoned", abandoned_in_menu: "Hung up in the menu", hangup: "End of the flow", caller_hung_up: "Caller hung up", hung_up: "Caller hung up", lines_busy: "Lines busy", unknown_number: "No such number",
    ended: "Ended", outside_left: "Outside hung up", consult: "Asked", consulted: "Asked and left", conference: "Joined in", swapped: "Swapped", colleague_left: "The other left", agent_lost: "Agent's phone lost", agent_back: "Agent is back", switch_failure: "Switch failed", outside_busy: "Outside busy", outside_no_answer: "Outside: no answer", outside_rejected: "Outside: rejected", outside_unallocated: "Outside: no such number", outside_unreachable: "Outside: not reached", switch_lost: "Switch lost", offered: "Offered", held: "Put on hold", resumed: "Resumed", agent_left: "Agent hung up", caller_left: "Caller hung up", overflow: "Overflow", transferred: "Transferred", answered: "Answered", no_answer: "No answer", declined: "Passed on", caller_gone: "Caller hung up", menu: "Hung up in the menu", busy: "Busy", rejected: "Rejected", unallocated: "No such number", unreachable: "Not reached", agent_ended: "Agent cancelled", agent_declined: "Agent cancelled", agent_no_answer: "Agent's phone not answered", agent_unreachable: "Agent's phone not reached", withdrawn: "Withdrawn", callback_cancelled: "Call-back cancelled", outside_hours: "Outside calling hours", no_trunk: "No trunk free", number_not_allowed: "Number not allowed" },
  hotline: "Hotline", flowVersion: "Flow version", transfers: "Transfers", waited: "Waited", talked: "Talked", call: "Call", id: "Call id", dial: "Call", calling: "Connecting your phone",
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
export type { Text };
