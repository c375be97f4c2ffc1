/** The words of the staff page. Chinese first; a word that is missing in English does not compile. */
import type { Language, Role } from "../shared/session";

const zh = {
  title: "人员", add: "新增坐席", edit: "修改", search: "按姓名、登录名或分机查找（/）", inactive: "显示已停用",
  name: "姓名", login: "登录名", loginHint: "2–32 位小写字母或数字，登录时使用", role: "角色", ext: "分机", queues: "队列", skills: "技能", state: "状态",
  wrapUp: "话后时间", asQueue: "按队列", seconds: "秒", seat: "话机", browser: "浏览器", desk_phone: "桌面话机", language: "语言",
  roles: { agent: "坐席", lead: "班组长", supervisor: "主管", ops: "运维", admin: "管理员", department: "部门人员" } as Record<Role, string>,
  inService: "在用", retired: "已停用", retire: "停用", restore: "恢复使用", retireAsk: (name: string) => `停用${name}？正在进行的通话不会被切断。`,
  queueHint: "级别 1 最先接，2 次之", skillHint: "级别 1–10，10 最强；语言也是技能", addSkill: "添加技能", level: "级别", remove: "移除",
  save: "保存", cancel: "取消", saved: (name: string) => `${name}已保存，立即生效`, made: (name: string, ext: string) => `${name}已开通，分机 ${ext}`,
  password: "密码（只显示这一次）", copy: "请交给本人；登录后点右上角的姓名修改。", reset: "重设密码", resetAsk: (name: string) => `为${name}重设密码？原密码和已有的登录立即失效。`, resetDone: (name: string) => `${name}的新密码`, close: "关闭", one: "新增后立即可用：账号、分机、队列、技能和话机一次完成。",
  empty: "还没有人员", noMatch: "没有符合条件的人员", retry: "重试", gaps: (which: string[]) => `这些队列没有合适的人：${which.join("；")}`, gapNobody: (queue: string) => `${queue}没有坐席`, gapTogether: (queue: string) => `${queue}没有人同时具备所要求的技能`, count: (n: number) => `${n} 人`,
  gap: (queue: string, what: string) => `${queue}：缺 ${what}`, noQueues: "未分配队列，不会接到来电",
};

export type Text = typeof zh;

const en: Text = {
  title: "Staff", add: "Add an agent", edit: "Change", search: "Name, login or extension (/)", inactive: "Show retired",
  name: "Name", login: "Login", loginHint: "2–32 lower-case letters or digits, to sign in with", role: "Role", ext: "Ext.", queues: "Queues", skills: "Skills", state: "State",
  wrapUp: "Wrap-up", asQueue: "as the queue", seconds: "s", seat: "Phone", browser: "Browser", desk_phone: "Desk phone", language: "Language",
  roles: { agent: "Agent", lead: "Team lead", supervisor: "Supervisor", ops: "Operations", admin: "Administrator", department: "Department" },
  inService: "In service", retired: "Retired", retire: "Retire", restore: "Bring back", retireAsk: (name) => `Retire ${name}? A conversation under way is not cut.`,
  queueHint: "Level 1 is rung first, then 2", skillHint: "Levels 1–10, 10 is best; a language is a skill too", addSkill: "Add a skill", level: "Level", remove: "Remove",
  save: "Save", cancel: "Cancel", saved: (name) => `${name} is saved and counts at once`, made: (name, ext) => `${name} is ready, extension ${ext}`,
  password: "Password (shown this once)", copy: "Hand it over; they change it behind their name at the top right.", reset: "New password", resetAsk: (name) => `Give ${name} a new password? The old one and every sign-in of theirs end at once.`, resetDone: (name) => `New password of ${name}`, close: "Close", one: "Ready at once: account, extension, queues, skills and phone in one action.",
  empty: "Nobody yet", noMatch: "Nobody matches", retry: "Try again", gaps: (which) => `Nobody fits these queues: ${which.join("; ")}`, gapNobody: (queue) => `${queue} has no agents`, gapTogether: (queue) => `nobody in ${queue} has all the skills it asks for at once`, count: (n) => `${n} people`,
  gap: (queue, what) => `${queue}: lacks ${what}`, noQueues: "In no queue: gets no calls",
};

export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
