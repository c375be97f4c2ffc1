/** The words of the messages' page. */
import type { Language } from "../shared/session";

const zh = {
  title: "留言", number: "号码", search: "查询", queue: "队列", anyQueue: "全部队列", time: "时间", who: "来电人", length: "时长", state: "状态", purpose: "类别", note: "处理说明",
  states: { open: "待处理", new: "未听", heard: "已听", done: "已处理", all: "全部" } as Record<string, string>,
  purposes: { voicemail: "留言", comment: "评价留言" } as Record<string, string>,
  none: "没有待处理的留言", noneFound: "没有符合条件的留言", retry: "重试", more: "更多", markDone: "标为已处理", reopen: "重新打开", notePlaceholder: "处理结果，例如：已回电，客户已知晓",
  call: "查看通话", away: "系统离线时录下", unknown: "未知客户", withheld: "号码未显示", by: "处理人", unread: "条未听留言", customer: "客户的来往记录",
};
type Text = typeof zh;
const en: Text = {
  title: "Messages", number: "Number", search: "Search", queue: "Queue", anyQueue: "All queues", time: "Time", who: "Caller", length: "Length", state: "State", purpose: "Kind", note: "What came of it",
  states: { open: "To answer", new: "Not heard", heard: "Heard", done: "Done", all: "All" },
  purposes: { voicemail: "Voicemail", comment: "Comment on a rating" },
  none: "No messages to answer", noneFound: "No messages match", retry: "Try again", more: "More", markDone: "Mark as done", reopen: "Reopen", notePlaceholder: "What came of it, e.g. called back, customer informed",
  call: "The call", away: "Recorded while the system was away", unknown: "Unknown customer", withheld: "Number withheld", by: "Seen to by", unread: "messages not heard", customer: "This customer's calls",
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
export type { Text };
