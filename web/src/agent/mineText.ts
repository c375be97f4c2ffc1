/** The words of one's own roster. Chinese first; a word that is missing in English does not compile. */
import type { Language } from "../shared/session";

const zh = {
  title: "我的班表", open: "班表", openHint: "我的班表（Alt+D）",
  until: (end: string, left: string) => `到 ${end}，还有 ${left}`, next: "下一班", none: "两周内没有排班", off: "今天没有班",
  today: "今天", tomorrow: "明天", weekdays: ["一", "二", "三", "四", "五", "六", "日"],
  adherence: "到岗率", adherenceHint: "本班到现在为止，在岗和小休的时间占应上班时间的比例",
  late: (m: number) => `迟到 ${m} 分钟`, outside: (m: number) => `班外工作 ${m} 分钟`,
  breaks: "小休用时", minutes: (used: number, of: number | null) => (of === null ? `${used} 分钟` : `${used} / ${of} 分钟`),
  shifts: "今天和今后两周", onCall: "备班", noShifts: "今天和今后两周没有排班。",
  withMe: "同班同事", withNext: "下一班的同事", nobody: "这一班没有其他人",
  requests: "我的申请", noRequests: "没有申请。", asksMe: "同事找我换班",
  swap: "换班", swapping: "换班审批中", swapTitle: (what: string) => `换班：${what}`,
  swapWith: "和谁换", swapNobody: "没有同事能接这一班。", give: "请对方替我上，不还班", inReturn: (what: string) => `我替对方上 ${what}`,
  asksGive: (who: string, what: string) => `${who} 请您替上 ${what}`, asksSwap: (who: string, what: string, other: string) => `${who} 想用 ${what} 换您的 ${other}`,
  iGive: (who: string, what: string) => `请 ${who} 替上 ${what}`, iSwap: (who: string, what: string, other: string) => `用 ${what} 换 ${who} 的 ${other}`,
  agree: "同意", decline: "不同意", takeBack: "撤回", ask: "提交", cancel: "取消", close: "关闭",
  swapHint: "对方同意后由班组长批准，批准前班表不变。",
  swapStates: { open: "等同事答复", agreed: "同事已同意，等班组长批准", approved: "已批准", refused: "未通过" },
  leave: "请假与意愿", leaveHint: "批准后，这些日期的班会取消。批准前仍按班表上班。", days: "日期", kind: "类型", shift: "班次", note: "备注",
  kinds: { leave: "休假", sick: "病假", training: "培训", wish_off: "希望休息", wish_shift: "希望上班" },
  states: { requested: "待批", approved: "已批准", refused: "未批准" }, wished: "已记下",
  feed: "日历订阅", feedHint: "把这个链接加进手机日历，班表会自动更新。链接只有您自己的班，请勿转发。",
  feedMake: "生成链接", feedAgain: "换一个新链接", feedSince: (at: string) => `${at} 生成过一个链接；换新后旧的失效。`, copy: "复制", copied: "已复制",
  failed: "读取班表失败", retry: "重试", refused: "没有改动：", done: "已提交",
  states_at_desk: { offline: "未登录", break: "小休", not_responding: "未应答" } as Record<string, string>, there: "在岗",
};

type MineText = typeof zh;

const en: MineText = {
  title: "My roster", open: "Roster", openHint: "My roster (Alt+D)",
  until: (end, left) => `until ${end}, ${left} to go`, next: "Next", none: "No shift within two weeks", off: "No shift today",
  today: "Today", tomorrow: "Tomorrow", weekdays: ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
  adherence: "Adherence", adherenceHint: "Of this shift up to now: the time at work or on a break, over the time scheduled",
  late: (m) => `${m} min late`, outside: (m) => `${m} min outside the shift`,
  breaks: "Breaks used", minutes: (used, of) => (of === null ? `${used} min` : `${used} of ${of} min`),
  shifts: "Today and the coming two weeks", onCall: "on call", noShifts: "No shifts today and in the coming two weeks.",
  withMe: "On with me", withNext: "On with me next time", nobody: "Nobody else on this shift",
  requests: "My requests", noRequests: "No requests.", asksMe: "Colleagues ask me",
  swap: "Swap", swapping: "swap asked for", swapTitle: (what) => `Swap ${what}`,
  swapWith: "With whom", swapNobody: "No colleague can work this shift.", give: "They work it for me, nothing in return", inReturn: (what) => `I work ${what} for them`,
  asksGive: (who, what) => `${who} asks you to work ${what}`, asksSwap: (who, what, other) => `${who} offers ${what} for your ${other}`,
  iGive: (who, what) => `${who} to work ${what}`, iSwap: (who, what, other) => `${what} for ${who}'s ${other}`,
  agree: "Agree", decline: "Decline", takeBack: "Take back", ask: "Ask", cancel: "Cancel", close: "Close",
  swapHint: "Once the colleague agrees a lead decides; until then the roster stays as it is.",
  swapStates: { open: "colleague to answer", agreed: "agreed, lead to decide", approved: "approved", refused: "refused" },
  leave: "Leave or a wish", leaveHint: "Once approved, the shifts on these days are cancelled. Until then the roster holds.", days: "Days", kind: "Kind", shift: "Shift", note: "Note",
  kinds: { leave: "Leave", sick: "Sick leave", training: "Training", wish_off: "A day off (wish)", wish_shift: "A shift (wish)" },
  states: { requested: "to be decided", approved: "approved", refused: "refused" }, wished: "noted",
  feed: "Calendar link", feedHint: "Add this link to the calendar of your phone; it follows the roster. It shows your shifts alone: keep it to yourself.",
  feedMake: "Make a link", feedAgain: "Make a new link", feedSince: (at) => `A link was made on ${at}; a new one makes it void.`, copy: "Copy", copied: "Copied",
  failed: "The roster could not be read", retry: "Try again", refused: "Nothing changed: ", done: "Asked",
  states_at_desk: { offline: "not logged in", break: "on a break", not_responding: "not responding" }, there: "at work",
};

export const MINE: Record<Language, MineText> = { "zh-CN": zh, en };
export type { MineText };
