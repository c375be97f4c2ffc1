/** The words of the agent's page. Chinese first; a word that is missing in English does not compile. */
import type { Language } from "../shared/session";

const zh = {
  states: {
    offline: "离线", ready: "空闲", reserved: "来电分配中", ringing: "振铃", talking: "通话中", hold: "保持中", consulting: "咨询中",
    wrap_up: "话后处理", break: "小休", not_responding: "未应答暂停",
  },
  ready: "就绪", readyHint: "就绪，开始接电话（Alt+R）",
  breakCauses: { logged_in: "刚登录，点“就绪”开始", supervisor: "由主管设置" } as Record<string, string>,
  break: "小休", backFrom: "已离开", pendingBreak: (reason: string) => `通话结束后小休：${reason}`,
  missedWhy: "连续未接来电，已暂停分配。准备好后点“就绪”恢复。",
  phone: "话机", phoneReady: "话机已就绪", phoneAway: "话机连接中…", phoneRefused: "话机注册被拒绝，请刷新页面", noMicrophone: "无法使用麦克风：请在浏览器地址栏允许使用",
  lost: "与服务的连接已断开，正在自动重连。通话不受影响。",
  occupied: "您的工作台已在另一个标签页打开。", displaced: "工作台已被另一个标签页接管，这里不再接电话。", takeOver: "在此接管",
  noDesk: "此账号没有分机，不能接电话。请联系主管开通。",
  idle: "等待来电", idleHint: "来电时，客户资料会先于铃声显示在这里。", notReady: "您当前不接电话。点“就绪”开始。",
  incoming: "来电", answer: "接听", answerHint: "接听（Alt+A）", decline: "转给下一位", hangUp: "挂断", hangUpHint: "挂断（Alt+H）",
  hold: "保持", resume: "取回", holdHint: "保持 / 取回（Alt+O）", mute: "静音", unmute: "取消静音", muteHint: "静音（Alt+M）",
  keypad: "按键", transfer: "转接", toQueue: "转到队列", toAgent: "转给同事", nobody: "没有其他在线同事", doTransfer: "转接",
  held: "客户正在听音乐", waited: (s: string) => `已等候 ${s}`, via: "进线", from: "转自",
  customer: "客户", unknownCustomer: "新号码，没有客户资料", vip: "VIP", company: "单位", notes: "备注", numbers: "号码", withheld: "未显示号码",
  path: "按键路径", noPath: "直接进入队列", last: "最近来往", noLast: "首次来电",
  outcome: "处理结果", note: "记录", notePlaceholder: "客户的问题、答复、要跟进的事", customerName: "客户姓名（可补登）",
  save: "保存", saveHint: "保存（Ctrl+Enter）", saved: "已保存", customerAway: "客户资料暂缺", queued: "已妥善保留，数据库恢复后自动写入",
  fromMemory: "数据库暂时不可用：以下是较早记录，可能不是最新", fromCall: "数据库暂时不可用：客户资料暂缺", change: "修改", chooseDisposition: "请选择处理结果", noContact: "接起电话后在这里填写处理结果。",
  unsaved: "未保存的记录", wrapUpDone: "完成", wrapUpHint: "结束话后处理（Alt+W）", extend: "延长 30 秒", wrapUpLeft: "话后处理剩余",
  queues: "我的队列", waiting: "等候", longest: "最长", free: "空闲坐席", noQueues: "没有分配队列",
  today: "今日", answered: "接听", talk: "通话时长", missed: "未接", contact: "详情",
  offerEnds: { no_answer: "未接来电，已转给下一位", caller_gone: "客户已挂断", withdrawn: "来电已撤回", unreachable: "话机没有响应，来电已转走", declined: "已转给下一位" } as Record<string, string>,
  failed: "没有成功", unreachable: "服务暂时没有响应，内容已保留，请稍后再存", autoAnswer: "自动接听",
  loading: "正在打开工作台…",
};

type Text = typeof zh;

const en: Text = {
  states: {
    offline: "Offline", ready: "Ready", reserved: "Call coming", ringing: "Ringing", talking: "Talking", hold: "On hold", consulting: "Consulting",
    wrap_up: "Wrap-up", break: "On break", not_responding: "Paused: no answer",
  },
  ready: "Ready", readyHint: "Take calls (Alt+R)",
  breakCauses: { logged_in: "Just signed in: press Ready", supervisor: "Set by a supervisor" } as Record<string, string>,
  break: "Break", backFrom: "Away for", pendingBreak: (reason) => `Break after this call: ${reason}`,
  missedWhy: "You missed calls, so you get none for now. Press Ready when you are back.",
  phone: "Phone", phoneReady: "Phone ready", phoneAway: "Phone connecting…", phoneRefused: "Phone refused: reload the page", noMicrophone: "No microphone: allow it in the address bar",
  lost: "The connection to the service is lost; it comes back by itself. Your call goes on.",
  occupied: "Your desk is open in another tab.", displaced: "Another tab has taken over; no calls come here.", takeOver: "Take over here",
  noDesk: "This account has no extension and takes no calls. Ask your supervisor for one.",
  idle: "Waiting for a call", idleHint: "The caller's record shows here before the phone rings.", notReady: "You take no calls now. Press Ready to begin.",
  incoming: "Incoming call", answer: "Answer", answerHint: "Answer (Alt+A)", decline: "Pass on", hangUp: "Hang up", hangUpHint: "Hang up (Alt+H)",
  hold: "Hold", resume: "Resume", holdHint: "Hold / resume (Alt+O)", mute: "Mute", unmute: "Unmute", muteHint: "Mute (Alt+M)",
  keypad: "Keypad", transfer: "Transfer", toQueue: "To a queue", toAgent: "To a colleague", nobody: "No colleague is online", doTransfer: "Transfer",
  held: "The customer hears music", waited: (s) => `waited ${s}`, via: "Via", from: "From",
  customer: "Customer", unknownCustomer: "New number, no record yet", vip: "VIP", company: "Company", notes: "Notes", numbers: "Numbers", withheld: "Number withheld",
  path: "How they got here", noPath: "Straight to the queue", last: "Last contacts", noLast: "First call",
  outcome: "Outcome", note: "Note", notePlaceholder: "What was asked, what was answered, what is to follow", customerName: "Customer's name (to add)",
  save: "Save", saveHint: "Save (Ctrl+Enter)", saved: "Saved", customerAway: "Record not available", queued: "Kept safely; it is written when the database is back",
  fromMemory: "The database is away: an earlier record, perhaps not the newest", fromCall: "The database is away: no customer record for now", change: "Change", chooseDisposition: "Choose an outcome", noContact: "Write the outcome here once you have answered.",
  unsaved: "Not saved yet", wrapUpDone: "Done", wrapUpHint: "End wrap-up (Alt+W)", extend: "30 s more", wrapUpLeft: "Wrap-up ends in",
  queues: "My queues", waiting: "Waiting", longest: "Longest", free: "Agents free", noQueues: "No queues assigned",
  today: "Today", answered: "Answered", talk: "Talk time", missed: "Missed", contact: "Details",
  offerEnds: { no_answer: "Missed; it went to the next agent", caller_gone: "The caller hung up", withdrawn: "The call was withdrawn", unreachable: "Your phone did not respond; the call went on", declined: "It went to the next agent" },
  failed: "That did not work", unreachable: "The service does not answer; your text is kept, save again in a moment", autoAnswer: "Auto-answer",
  loading: "Opening your desk…",
};

export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
export type { Text };
