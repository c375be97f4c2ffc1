/** The words of the reports. Chinese first; a word that is missing in English does not compile. */
import type { Language } from "../shared/session";
import type { By, Interval, Range, View } from "./model";

const zh = {
  views: { figures: "报表", monthly: "月报", forecast: "预测与人力" } as Record<View, string>,
  ranges: { today: "今天", yesterday: "昨天", this_week: "本周", last_week: "上周", this_month: "本月", last_month: "上月" } as Record<Range, string>,
  bys: { time: "时间", queue: "队列", hotline: "热线", trunk: "线路", agent: "坐席", outcome: "处理结果" } as Record<By, string>,
  intervals: { whole: "合计", "15m": "15 分钟", "30m": "30 分钟", hour: "小时", day: "天", week: "周", month: "月" } as Record<Interval, string>,
  by: "按", interval: "每", range: "日期", queue: "全部队列", hotline: "全部热线", trunk: "全部线路", agent: "全部坐席", before: "上一段", after: "下一段",
  course: "走势", hours: "来电时段", total: "合计", none: "这段时间没有记录", retry: "重试", refresh: "刷新", csv: "导出 CSV", xlsx: "导出 XLSX", more: "其他格式", definitions: "指标口径",
  comparedWith: (from: string, to: string) => `与 ${from === to ? from : `${from} 至 ${to}`} 相比`, sharePoints: "百分点", testPhone: "试拨电话",
  keys: "按 1–6 选择日期范围，[ 和 ] 前后移动，R 刷新，? 打开指标口径。", keysHow: "快捷键", calls: "查看这些通话", breaks: "小休",
  lines: (n: number) => `${n} 行`, weekdays: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"], arrivals: (n: number) => `${n} 个来电`, chart: "图表", of: "占签入",
  reasons: { range_too_long: "日期范围太长，请选更长的间隔或更短的范围。", too_much: "数据太多，查询超时。请缩短日期范围或选更长的间隔。", empty_range: "结束日期早于开始日期。", being_summed: "更早的日子还在汇总，请过几分钟再试。" } as Record<string, string>,
  stays: "按队列统计的是进入队列的次数；转到第二个队列的来电各计一次。",
  tooLittle: "通话记录还不到完整的一周，无法预测。", forecastHint: (weeks: number, aht: string, share: number, s: number) => `按最近 ${weeks} 周同一时段的来电推算；平均处理 ${aht}，目标 ${share}% / ${s} 秒内接起（Erlang C），占用率不超过 90%。`,
  error: (said: string) => `上周预测误差 ${said}`, trend: (said: string) => `趋势 ${said}`, day: "日期", expected: "预计来电", busiest: "最忙半小时", needed: "接电话", scheduled: "应排坐席", needMost: "最多应排", sum: (calls: number, more: number) => `接电话 ${calls} + 小休与缺勤 ${more}`, neededHours: "应排工时", rosteredHours: "排班工时", gaps: "不足时段", noGaps: "足够", gap: (n: number) => `${n} 个半小时`, rostered: "排班坐席", callsUnit: "来电", agentsUnit: "人", roster: "去排班",
  house: "全中心", monthlyHint: "每月 1 日自动生成上月的服务月报，按生成时的数据保存。", noMonthly: "还没有月报；每月 1 日自动生成上个月的。", month: "月份", madeAt: "生成时间", department: "范围", handled: "进线 / 记录", open: "查看", print: "打印", back: "返回", makeNow: "重新生成", makeAsk: (month: string) => `重新生成 ${month} 的全部月报？`, makeHint: "现有的月报会被替换。", made: (n: number) => `已生成 ${n} 份`, cancel: "取消", service: "服务月报",
  shrinkage: (whole: string, inside: string, absent: string) => `人力损耗 ${whole}：在岗 ${inside}，缺勤 ${absent}`, shrinkageOpen: "明细", shrinkageTitle: "人力损耗", inOffice: "在岗损耗", outOfOffice: "缺勤损耗", inOfficeHint: "已签入、但不能接电话的时间，占签入时间", outOfOfficeHint: "排了班、但没有签入的时间（病假、迟到、早退），占排班时间",
  reckoned: "采用", onRecord: "记录", own: "本中心设定", asRecorded: "按记录", save: "保存", close: "关闭", saved: "已保存",
  sources: { measured: (days: number) => `按 ${days} 天记录`, house: () => "本中心设定", default: (days: number) => `默认值；记录不足（${days} 天）` } as Record<"measured" | "house" | "default", (days: number) => string>, unbelieved: "默认值；记录过高，未采用",
  shrinkageHint: "应排人数 = 接电话人数 ÷（1 − 在岗损耗）÷（1 − 缺勤损耗），向上取整。在岗损耗按一天中的每半小时分别计算。计划内的休假和培训已不在班表上，不重复计算。", shrinkageOwn: "填写后以设定为准；留空按记录，记录不足时用默认值。", ofStaffed: "在岗损耗构成（占签入时间）",
};
export type Text = typeof zh;
const en: Text = {
  views: { figures: "Figures", monthly: "Monthly reports", forecast: "Forecast and staffing" },
  ranges: { today: "Today", yesterday: "Yesterday", this_week: "This week", last_week: "Last week", this_month: "This month", last_month: "Last month" },
  bys: { time: "Time", queue: "Queue", hotline: "Hotline", trunk: "Trunk", agent: "Agent", outcome: "Outcome" },
  intervals: { whole: "In all", "15m": "15 min", "30m": "30 min", hour: "Hour", day: "Day", week: "Week", month: "Month" },
  by: "By", interval: "Each", range: "Days", queue: "All queues", hotline: "All hotlines", trunk: "All trunks", agent: "All agents", before: "Earlier", after: "Later",
  course: "Course", hours: "When callers come", total: "Total", none: "Nothing in this time", retry: "Try again", refresh: "Refresh", csv: "Export CSV", xlsx: "Export XLSX", more: "Other formats", definitions: "Definitions",
  comparedWith: (from, to) => `Compared with ${from === to ? from : `${from} to ${to}`}`, sharePoints: "points", testPhone: "Test phone",
  keys: "1–6 choose the days, [ and ] go earlier and later, R refreshes, ? opens the definitions.", keysHow: "Keys", calls: "These calls", breaks: "Break",
  lines: (n) => `${n} ${n === 1 ? "row" : "rows"}`, weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], arrivals: (n) => `${n} ${n === 1 ? "caller" : "callers"}`, chart: "Chart", of: "of staffed",
  reasons: { range_too_long: "Too many days for this interval: choose a longer interval or fewer days.", too_much: "That took too long: choose fewer days or a longer interval.", empty_range: "The last day is before the first.", being_summed: "Earlier days are still being summed: try again in a few minutes." },
  stays: "By queue, stays are counted: a caller handed on to a second queue counts in both.",
  tooLittle: "There is less than a whole week of calls to forecast from.", forecastHint: (weeks, aht, share, s) => `From the same half hours of the last ${weeks} ${weeks === 1 ? "week" : "weeks"}; AHT ${aht}, ${share}% answered within ${s} s (Erlang C), nobody busy for more than 90%.`,
  error: (said) => `Last week's error ${said}`, trend: (said) => `Trend ${said}`, day: "Day", expected: "Callers", busiest: "Busiest half hour", needed: "On calls", scheduled: "To roster", needMost: "To roster at most", sum: (calls, more) => `${calls} on calls + ${more} for breaks and absence`, neededHours: "Hours to roster", rosteredHours: "Hours rostered", gaps: "Too few", noGaps: "enough", gap: (n) => `${n} half ${n === 1 ? "hour" : "hours"}`, rostered: "On the roster", callsUnit: "callers", agentsUnit: "agents", roster: "To the roster",
  house: "The house", monthlyHint: "The last month's service reports are made on the first of each month, and kept as they were made.", noMonthly: "No monthly report yet: the last month's are made on the first of each month.", month: "Month", madeAt: "Made", department: "Of", handled: "Offered / outcomes", open: "Open", print: "Print", back: "Back", makeNow: "Make anew", makeAsk: (month) => `Make all reports of ${month} anew?`, makeHint: "Those that are there will be replaced.", made: (n) => `${n} made`, cancel: "Cancel", service: "Monthly service report",
  shrinkage: (whole, inside, absent) => `Shrinkage ${whole}: in office ${inside}, out of office ${absent}`, shrinkageOpen: "Details", shrinkageTitle: "Shrinkage", inOffice: "In office", outOfOffice: "Out of office", inOfficeHint: "Logged on without being able to take a call, of the time logged on", outOfOfficeHint: "Rostered and not logged on (sick, late, gone early), of the time rostered",
  reckoned: "Used", onRecord: "On record", own: "The house's own", asRecorded: "As recorded", save: "Save", close: "Close", saved: "Saved",
  sources: { measured: (days) => `from ${days} days on record`, house: () => "as the house set it", default: (days) => `default: too little on record (${days} ${days === 1 ? "day" : "days"})` }, unbelieved: "default: what is on record is too high to be believed",
  shrinkageHint: "To roster = agents on calls / (1 − in office) / (1 − out of office), rounded up. In office is reckoned for each half hour of the day. Leave and training that are planned are off the roster already and are not counted again.", shrinkageOwn: "What is entered here counts; left empty, the records do, or the default while there are too few.", ofStaffed: "In office, by reason (of the time logged on)",
};
export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
