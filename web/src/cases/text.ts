/** The words of the cases' pages. */
import type { Language, Role } from "../shared/session";

const zh = {
  title: "工单", search: "编号、号码、客户或主题（/）", go: "查询", more: "更多", retry: "重试", loading: "加载中…", back: "返回列表", add: "新建工单", settings: "设置",
  views: { mine: "我的", department: "我部门的", overdue: "已超时", open: "未完成", all: "全部" },
  none: { mine: "您没有未完成的工单", department: "您的部门没有未完成的工单", overdue: "没有超时的工单", open: "没有未完成的工单", all: "没有工单" }, noMatch: "没有符合条件的工单",
  number: "编号", kind: "类别", subject: "主题", customer: "客户", department: "部门", owner: "负责人", state: "状态", due: "时限", updated: "更新",
  states: { open: "待处理", working: "处理中", waiting_customer: "等客户", waiting_department: "等部门", resolved: "已办结", closed: "已结案" },
  moves: { open: "重新打开", working: "开始处理", waiting_customer: "等客户答复", waiting_department: "转部门处理", resolved: "办结", closed: "结案" },
  left: { reply: (s: string) => `${s}内首次答复`, resolve: (s: string) => `剩 ${s}` }, late: { reply: (s: string) => `首次答复超时 ${s}`, resolve: (s: string) => `超时 ${s}` }, paused: "等客户，暂停计时", reopened: (n: number) => `重开 ${n} 次`,
  nobody: "未指派", noDepartment: "未定", unknown: "未知客户", withheld: "未显示号码",
  chosen: (n: number) => `已选 ${n} 个`, assignTo: "指派给", handTo: "转给部门", assign: "指派", assigned: (n: number) => `${n} 个工单已指派`, keys: "J / K 上下移动，回车打开", chooseKey: "，X 选中",
  history: "处理记录", comment: "添加记录：做了什么、客户怎么说（Ctrl+Enter 保存）", commentSave: "添加记录", calls: "相关通话", noCalls: "没有关联的通话", noRecording: "没有录音", opened: "受理", opened_by: "于", take: "我来负责",
  did: { opened: "受理工单", comment: "", call: "关联一通电话", state: "状态", owner: "负责人", department: "部门", kind: "类别", subject: "主题", escalated: "升级" } as Record<string, string>,
  escalatedTo: (level: number, trigger: string, people: string[]) => `第 ${level} 级升级（${trigger === "reply" ? "无人答复" : "未办结"}）：已告知${people.join("、") || "（无人）"}`,
  reply: "首次答复", resolve: "办结", none_yet: "—", of: "时限", system: "系统", changed: (who: string) => `${who || "有人"}刚刚修改了这个工单。已载入最新内容，您的这一项没有保存：`, colleague: "同事", fresh: "看过了，继续",
  gone: "没有这个工单，或它已转给别的部门", handed: "已转给别的部门，您不再看到它", callTo: "拨打", inbound: "来电", outbound: "去电", missed: "未接通", ownCalls: "只能听自己的通话录音",
  newTitle: "新建工单", customerNumber: "客户电话", note: "说明", cancel: "取消", create: "建立", subjectNeeded: "请填写主题",
  setTitle: "工单设置", departments: "部门", kinds: "类别与时限", code: "代码", name: "名称（中文）", nameEn: "名称（英文）", members: "成员", active: "使用中", save: "保存", saved: "已保存", replyMinutes: "首次答复（分钟）", resolveMinutes: "办结（分钟）", addRow: "添加", steps: "升级", noSteps: "不升级", without: { reply: "无人答复", resolve: "未办结" }, minutes: "分钟", tell: "告知谁", addStep: "加一级", removeStep: "去掉", escalations: "升级：停滞多久，告知谁", codeHint: "小写字母、数字、-、_；之后不能改", readOnly: "由主管维护",
  roles: { agent: "坐席", lead: "班组长", supervisor: "主管", ops: "运维", admin: "管理员", department: "部门人员" } as Record<Role, string>,
};
type Text = typeof zh;
const en: Text = {
  title: "Cases", search: "Number, phone, customer or subject (/)", go: "Search", more: "More", retry: "Try again", loading: "Loading…", back: "Back to the list", add: "New case", settings: "Settings",
  views: { mine: "Mine", department: "Department", overdue: "Overdue", open: "To be done", all: "All" },
  none: { mine: "You have no case to be done", department: "Your department has no case to be done", overdue: "Nothing is overdue", open: "Nothing is to be done", all: "No cases yet" }, noMatch: "No cases match",
  number: "Number", kind: "Kind", subject: "Subject", customer: "Customer", department: "Department", owner: "Owner", state: "State", due: "Due", updated: "Updated",
  states: { open: "Open", working: "Working", waiting_customer: "Waits for customer", waiting_department: "Waits for department", resolved: "Resolved", closed: "Closed" },
  moves: { open: "Reopen", working: "Start work", waiting_customer: "Wait for customer", waiting_department: "Wait for department", resolved: "Resolve", closed: "Close" },
  left: { reply: (s) => `Answer within ${s}`, resolve: (s) => `${s} left` }, late: { reply: (s) => `Answer ${s} late`, resolve: (s) => `${s} late` }, paused: "Paused", reopened: (n) => `Reopened ${n}×`,
  nobody: "Nobody", noDepartment: "None yet", unknown: "Unknown customer", withheld: "Number withheld",
  chosen: (n) => `${n} chosen`, assignTo: "Give to", handTo: "Department", assign: "Assign", assigned: (n) => `${n} cases assigned`, keys: "J / K to move, Enter opens", chooseKey: ", X chooses",
  history: "History", comment: "What was done, what the customer said (Ctrl+Enter saves)", commentSave: "Add it", calls: "Calls about it", noCalls: "No calls", noRecording: "No recording", opened: "Opened", opened_by: "on", take: "I take it",
  did: { opened: "opened the case", comment: "", call: "linked a call", state: "State", owner: "Owner", department: "Department", kind: "Kind", subject: "Subject", escalated: "Escalated" },
  escalatedTo: (level, trigger, people) => `Level ${level} (${trigger === "reply" ? "not answered" : "not resolved"}): ${people.join(", ") || "nobody"} told`,
  reply: "First answer", resolve: "Resolved", none_yet: "—", of: "due", system: "The service", changed: (who) => `${who || "Somebody"} has just changed this case. The newest is loaded; this change of yours is not saved: `, colleague: "A colleague", fresh: "Seen, go on",
  gone: "There is no such case, or it is another department's now", handed: "It is another department's now: you see it no more", callTo: "Call", inbound: "Inbound", outbound: "Outbound", missed: "Not answered", ownCalls: "Agents hear their own calls only",
  newTitle: "New case", customerNumber: "Customer's telephone", note: "What it is about", cancel: "Cancel", create: "Open it", subjectNeeded: "Give it a subject",
  setTitle: "Settings of cases", departments: "Departments", kinds: "Kinds and times", code: "Code", name: "Title (Chinese)", nameEn: "Title (English)", members: "Members", active: "In use", save: "Save", saved: "Saved", replyMinutes: "First answer (min)", resolveMinutes: "Resolve (min)", addRow: "Add", steps: "Levels", noSteps: "Nobody is told", without: { reply: "Not answered", resolve: "Not resolved" }, minutes: "min", tell: "Whom to tell", addStep: "Add a level", removeStep: "Remove it", escalations: "Escalation: after how long, who is told", codeHint: "Small letters, digits, - and _; it cannot be changed later", readOnly: "Kept by supervisors",
  roles: { agent: "Agent", lead: "Team lead", supervisor: "Supervisor", ops: "Operations", admin: "Administrator", department: "Department" },
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
export type { Text };
