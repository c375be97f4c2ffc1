/** The words of the customers' pages. */
import type { Language } from "../shared/session";

const zh = {
  search: "姓名、公司或号码（/）", go: "查询", more: "更多", retry: "重试", back: "返回列表", none: "还没有客户", noMatch: "没有符合条件的客户", keys: "J / K 上下移动，回车打开",
  name: "姓名", company: "公司", numbers: "号码", language: "语言", owner: "负责人", since: "客户起始日", updated: "更新", notes: "备注", facts: "资料", number: "号码", label: "用途", vip: "VIP", noCalls: "不致电",
  languages: { "zh-CN": "中文", en: "英文" } as Record<string, string>, nobody: "无", take: "我来负责", sinceRecord: (day: string) => `建档日 ${day}`, vipHint: "由班组长及以上标记", ownerHint: "由班组长及以上指派",
  noCallsHint: "不再安排回访；呼叫前会再问一次", notesHint: "须知、偏好…（离开即保存，Esc 撤销）", noNumbers: "没有号码", add: "添加号码", remove: "删除", removeSure: (number: string) => `删除号码 ${number}？以后此号来电不再认出这位客户`, save: "保存", cancel: "取消", saved: "已保存",
  call: "拨打", gone: "没有这位客户",
  changed: "有人刚刚修改了这位客户，已载入最新内容。您的这一项没有保存：", standsNow: (words: string) => `。现在是：${words || "（空）"}。再保存一次即覆盖，Esc 放弃`, taken: (number: string) => `号码 ${number} 属于另一位客户：`, takenOpen: "打开该客户", noNumber: "号码不正确：请填写数字，境外号码以 + 和国家代码开头", leadsOnly: "VIP 与负责人由班组长及以上修改", seen: "知道了",
  contacts: "来往记录", noContacts: "没有通话", cases: "工单", noCases: "没有工单", visits: "回访", noVisits: "没有回访", inbound: "来电", outbound: "去电", missed: "未接通", under: "进行中", comma: "，",
  newTitle: "新建客户", create: "建立", nameNeeded: "请填写姓名", created: "建档",
};
type Text = typeof zh;
const en: Text = {
  search: "Name, company or number (/)", go: "Search", more: "More", retry: "Try again", back: "Back to the list", none: "No customers yet", noMatch: "No customers match", keys: "J / K to move, Enter opens",
  name: "Name", company: "Company", numbers: "Numbers", language: "Language", owner: "Owner", since: "Customer since", updated: "Changed", notes: "Notes", facts: "Record", number: "Number", label: "Label", vip: "VIP", noCalls: "No calls",
  languages: { "zh-CN": "Chinese", en: "English" }, nobody: "Nobody", take: "I take it", sinceRecord: (day) => `Record: ${day}`, vipHint: "Marked by team leads and above", ownerHint: "Given by team leads and above",
  noCallsHint: "No return visits; asks before a call", notesHint: "What to know… (kept on leaving, Esc undoes)", noNumbers: "No numbers", add: "Add number", remove: "Remove", removeSure: (number) => `Remove ${number}? Calls from it will no longer show this customer`, save: "Save", cancel: "Cancel", saved: "Saved",
  call: "Call", gone: "There is no such customer",
  changed: "Somebody has just changed this customer. The newest is loaded; this change of yours is not saved: ", standsNow: (words) => `. It says now: ${words || "nothing"}. Save it again to replace that, Esc to drop yours`, taken: (number) => `${number} belongs to another customer: `, takenOpen: "open them", noNumber: "That is not a telephone number: digits, from abroad with + and the country's code", leadsOnly: "VIP and owner are for team leads and above to change", seen: "Seen",
  contacts: "Calls", noContacts: "No calls", cases: "Cases", noCases: "No cases", visits: "Return visits", noVisits: "No return visits", inbound: "Inbound", outbound: "Outbound", missed: "Not answered", under: "Going on", comma: ", ",
  newTitle: "New customer", create: "Create", nameNeeded: "Give a name", created: "Made",
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
export type { Text };
