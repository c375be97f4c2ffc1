/** What an incident says, in the reader's language: Chinese by its kind and facts, English as the service wrote it. */
import type { Language } from "../shared/session";
import { site } from "../shared/time";
import type { Incident } from "./model";

type Facts = Incident["facts"];
type Sentence = (facts: Facts) => string;

const PARTS: Record<string, string> = { service: "服务", PostgreSQL: "数据库", Asterisk: "Asterisk" };
const STATES: Record<string, string> = {
  offline: "离线", ready: "就绪", reserved: "待振铃", ringing: "振铃", talking: "通话", hold: "保持", consulting: "咨询", wrap_up: "话后", break: "小休",
};
const ENTRIES: Record<string, string> = {
  event: "通话事件", incident: "事件", said: "事件", rating: "评分", outcome: "小结", state: "坐席状态", wait: "排队经过", decision: "派单依据", tally: "线路计数", audit: "操作记录", sound: "音质",
};
const SIDES: Record<string, string> = { customer: "客户", outside: "外线" };
const THINGS: Record<string, string> = { bridge: "桥", channel: "通道", caller: "来电通道" };

const percent = (share: unknown) => `${(Number(share) * 100).toFixed(0)}%`;
const seconds = (value: unknown, digits = 1) => `${Number(value).toFixed(digits)} 秒`;
const clock = (at: unknown, form = "HH:mm") => site(String(at)).format(form);
const people = (f: Facts) => [f.queue && `队列 ${f.queue}`, f.skill && `技能 ${f.skill}`].filter(Boolean).join("、");
const signed = (value: unknown) => `${Number(value) > 0 ? "+" : ""}${Number(value).toFixed(1)} 秒`;

/** How a process ended; the service tells it in English. */
function ended(told: unknown): string {
  const text = String(told);
  const signal = /^was ended by (\w+)$/.exec(text)?.[1];
  if (signal) return `被 ${signal} 终止`;
  const code = /^ended with exit code (-?\d+)$/.exec(text)?.[1];
  if (code) return `以退出码 ${code} 结束`;
  return text === "did nothing any more and was killed" ? "停止响应，已被终止" : "已结束";
}

/** Kind → the facts its sentence needs, and the sentence. */
const ZH: Record<string, [readonly string[], Sentence]> = {
  loop_lag: [["value"], (f) => `服务停顿了 ${seconds(f.value)}，事件和页面相应延迟`],
  clock_jump: [["value"], (f) => `本机时钟跳变 ${signed(f.value)}：回拨时服务按原时间继续，直到本机时钟追上；前跳时前后的等待时间偏长同样多`],
  journal_lag: [["value"], (f) => `记录等待写入数据库已 ${seconds(f.value, 0)}；通话照常，记录稍后补上`],
  disk_low: [["value"], (f) => `磁盘只剩 ${percent(f.value)}，写满后录音和数据库都会失败`],
  switch_away: [["value"], (f) => `连不上 Asterisk 已 ${seconds(f.value, 0)}，无法处理通话`],
  part_restarted: [["part", "ended", "away_s"], (f) => `${PARTS[String(f.part)] ?? f.part}${ended(f.ended)}，${seconds(f.away_s)}后恢复`],
  service_hung: [["away_s"], (f) => `服务停止响应，已被终止，${seconds(f.away_s)}后恢复`],
  trunk_down: [["trunk", "reason"], (f) => `线路 ${f.trunk} 中断：${f.reason === "no_answer" ? "OPTIONS 无应答" : "连续呼叫失败"}`],
  no_sound: [["party", "trunk", "seconds", "sent"], (f) => `${f.trunk ? `线路 ${f.trunk} 上的${SIDES[String(f.party)] ?? f.party}` : "坐席话机"}没有声音：接通 ${f.seconds} 秒，没有收到任何语音包${Number(f.sent) ? "" : "，也没能向它送出声音"}`],
  staff_short: [["here", "need"], (f) => `此刻${people(f) && `（${people(f)}）`}在线 ${f.here} 人，最低 ${f.need} 人`],
  roster_short: [["begins", "ends", "have", "need"], (f) => `${clock(f.begins, "MM-DD HH:mm")}–${clock(f.ends)}${people(f) && `（${people(f)}）`} 排班 ${f.have} 人，最低 ${f.need} 人`],
  desk_taken_over: [["node", "before"], (f) => `${f.node} 接管了调度，原主机 ${f.before} 未再续约`],
  switch_lost: [["kept", "owed"], (f) => `${f.owed} 位客户因 Asterisk 中断掉线，${f.kept} 位已排入优先回呼`],
  orphan_ended: [["what", "node"], (f) => `节点 ${f.node} 上发现无主的${THINGS[String(f.what)] ?? f.what}，已清理`],
  agent_freed: [["agent"], (f) => `${f.agent} 被一通已结束的通话占用，已释放`],
  call_corrected: [["agent"], (f) => `${f.agent} 的当前通话与记录不符，已更正`],
  agent_found_talking: [["agent", "state"], (f) => `${f.agent} 记录为${STATES[String(f.state)] ?? f.state}，实际在通话中，已更正`],
  offer_freed: [["agent"], (f) => `${f.agent} 被一次不存在的派单占用，已释放`],
  waiting_call_freed: [["queue"], (f) => `队列 ${f.queue} 中有一通已不存在的来电，已移除`],
  caller_gone_unheard: [[], () => "通话的客户通道在 Asterisk 中已不存在，按已挂断处理"],
  leg_gone_unheard: [[], () => "通话的坐席通道在 Asterisk 中已不存在，按已挂断处理"],
  task_died: [["part"], (f) => `服务的一个部件（${f.part}）出错，已重新启动，详见日志`],
  desk_command_failed: [["command"], (f) => `调度命令 ${f.command} 执行失败，详见日志`],
  spool_filling: [["share", "entries"], (f) => `本地缓存已用 ${percent(f.share)}，${f.entries} 条记录尚未写入数据库`],
  spool_disk_full: [["path"], (f) => `${f.path} 所在磁盘已满，记录暂存内存；请清理磁盘`],
  spool_entry_refused: [["entry", "number"], (f) => `一条${ENTRIES[String(f.entry)] ?? f.entry}（编号 ${f.number}）被数据库拒绝，已另存`],
  spool_broken: [[], () => "本地缓存无法读取，已另存；进行中的通话按数据库中的记录继续"],
  database_behind: [[], () => "数据库比已写入的少：可能由落后的副本接替，或恢复了备份；差额不在本机缓存中"],
  journal_unreadable: [[], () => "一通进行中的通话记录无法读取，客户将重新开始"],
  call_adopted: [[], () => "一通进行中的通话记录无法沿用，已按 Asterisk 和调度的实际状态接续"],
  desk_note_unreadable: [[], () => "一条调度记录无法读取：排队客户按通话记录继续，坐席需重新登录"],
  flows_gone: [[], () => "进行中的通话所用的旧流程已不可用，这些通话改用现行流程"],
  webhook_given_up: [["event", "reason"], (f) => `外部系统一天内没有接收通知（${f.event}）：${f.reason}，请检查 webhook_url`],
  recording_lost: [[], () => "一通录音无法保存"],
  recording_delayed: [[], () => "一通录音尚未封存，每分钟重试一次"],
};

/** The sentence; one of a kind or an age that this page does not know is shown as it was written. */
export function said(incident: Pick<Incident, "kind" | "text" | "facts">, language: Language): string {
  const known = language === "en" ? undefined : ZH[incident.kind];
  if (!known || !known[0].every((name) => name in (incident.facts ?? {}))) return incident.text;
  return known[1](incident.facts);
}
