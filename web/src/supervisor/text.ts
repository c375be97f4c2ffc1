/** The words of the supervisor's page. Chinese first; a word that is missing in English does not compile. */
import type { Language } from "../shared/session";
import { earEn, earZh } from "./earText";

const zh = {
  ...earZh,
  states: {
    offline: "离线", ready: "空闲", reserved: "分配中", ringing: "振铃", talking: "通话", hold: "保持", consulting: "咨询",
    wrap_up: "话后", break: "小休", not_responding: "未应答",
  },
  groups: { ready: "空闲", offered: "振铃", talking: "通话", wrap_up: "话后", break: "小休", not_responding: "未应答", away: "失联" },
  lines: "线路", peak: (n: number) => `今日峰值 ${n}`, full: "线路已满", waiting: "等候", people: "人", longest: "最长等候", testPhone: "试拨电话", longestShort: "最长",
  serviceLevel: "服务水平", level: "服务水平", within: (target: number, s: number) => `目标 ${target}% / ${s} 秒`, connect: "接通率", target: (n: number) => `目标 ${n}%`,
  answered: "已接", of: (n: number) => `进线 ${n}`, abandoned: "放弃", short: (n: number) => `另有短放弃 ${n}`, asa: "平均应答", seconds: "秒",
  onDuty: "在岗坐席", freeNow: (n: number) => `空闲 ${n}`, definitions: "指标口径：今日 0 点起，演练不计",
  queues: "队列", queue: "队列", free: "空闲 / 在岗", rate: "接通", callers: "等候来电", noCallers: "没有来电在等候",
  allQueues: "全部", drill: "演练", place: "位次", number: "号码", waited: "已等", priority: "优先级", whyNow: "当前原因", needs: "技能",
  withheld: "未显示号码", callback: "回电", vip: "VIP", more: (n: number) => `还有 ${n} 位`,
  reasons: {
    offered: "正在振铃", asleep: "回电暂停中", held: "为熟悉的坐席保留", no_agent_on_duty: "没有坐席在岗", all_busy: "坐席全忙",
    free_without_skill: "空闲坐席技能不足", excluded: "空闲坐席不可接此电话", leaving: "空闲坐席即将下班",
  } as Record<string, string>,
  heldFor: (name: string) => `为${name}保留`,
  agents: "坐席", agent: "坐席", ext: "分机", state: "状态", time: "时长", doing: "正在处理", all: "全部", search: "按姓名或分机查找（/）",
  noAgents: "没有坐席在线", noMatch: "没有符合条件的坐席", phoneAway: "话机未注册", pageAway: "页面未连接", overdue: "小休超时",
  pending: (what: string) => `之后${what}`, forcedBy: (name: string) => `由${name}设置`, offShift: "班外", draining: "即将下班",
  why: "为什么", whyHint: "查看原因（Enter）", whyCaller: "这位来电人为什么在等？", whyAgent: "为什么是这位坐席接到？", whyNone: "还没有记录：没有等候过，或时间太久已不保留。",
  direct: "调度", putFirst: "提到最前", toAnyone: "不再指定坐席", toQueue: "转到其他队列", toAgent: "指定坐席接听", move: "转入", give: "指定",
  freeOf: (free: number, duty: number) => `空闲 ${free} / 在岗 ${duty}`, directRings: "正在向坐席振铃；若未接听，可再调度。", directed: (name: string) => `${name}：已调度，已等的时间照算`,
  directRefused: {
    not_waiting: "这位来电人已不在等候。", ringing: "正在向坐席振铃，请稍后再试。", agent_off_duty: "这位坐席不在岗。", drill_apart: "演练与真实来电分开。", unknown_queue: "没有这个队列。",
  } as Record<string, string>,
  noOffers: "这位坐席还没有接到过来电。", setState: "状态", release: "恢复就绪",
  toReady: "置为就绪", toBreak: "置为小休", toOffline: "置为离线", ask: (name: string, what: string) => `将${name}${what}？`,
  askCall: "正在进行的通话不会被切断，通话和话后处理结束后生效。", askNow: "立即生效，坐席会看到是谁设置的。", ok: "确定", cancel: "取消",
  done: (name: string) => `${name}的状态已设置`, failed: "没有成功", stateChanged: "坐席的状态刚刚变了，请看清后再试。", phoneNotRegistered: "坐席的话机没有注册，不能就绪。",
  pageNotHere: "坐席的页面没有连接，不能就绪。", notLoggedIn: "坐席已离线。",
  decisions: "最近分配", noDecisions: "还没有分配过来电", paused: "已暂停滚动", waitedFor: (s: string) => `等候 ${s}`,
  by: {
    asked_for: "指定坐席", leaving: "下班前", sticky: "熟悉客户", longest_idle: "空闲最久", least_occupied: "占用率最低", round_robin: "轮流", fewest_calls: "接听最少",
    best_skill: "技能最强", ring_all: "同时振铃", joined_ring: "加入振铃", came_back: "转接退回",
  } as Record<string, string>,
  shortOf: (from: string, to: string, need: number, have: number, what: string) => `人手不足：${from}–${to}${what ? `（${what}）` : ""}需 ${need} 人，排班 ${have} 人`,
  shortMore: (n: number) => `，另有 ${n} 段`, shortNow: (need: number, here: number, what: string) => `此刻${what && `（${what}）`}在线 ${here} 人，最低 ${need} 人`, between: "；", absent: (names: string[]) => `当班未到：${names.join("、")}`, until: (at: string) => `${at} 下班`,
  connecting: "正在连接…", lost: "实时连接已断开，正在自动重连；显示的是断开前的状态。", noFigures: "数据库暂时不可用，今日指标暂停更新", supervisor: "主管设置",
};

export type Text = typeof zh;

const en: Text = {
  ...earEn,
  states: {
    offline: "Offline", ready: "Ready", reserved: "Reserved", ringing: "Ringing", talking: "Talking", hold: "On hold", consulting: "Consulting",
    wrap_up: "Wrap-up", break: "Break", not_responding: "No answer",
  },
  groups: { ready: "Ready", offered: "Ringing", talking: "Talking", wrap_up: "Wrap-up", break: "Break", not_responding: "No answer", away: "Lost" },
  lines: "Lines", peak: (n) => `today's peak ${n}`, full: "all lines in use", waiting: "Waiting", people: "", longest: "Longest wait", testPhone: "test phone", longestShort: "Longest",
  serviceLevel: "Service level", level: "SL", within: (target, s) => `${target}% in ${s} s`, connect: "Connect rate", target: (n) => `target ${n}%`,
  answered: "Answered", of: (n) => `of ${n} offered`, abandoned: "Abandoned", short: (n) => `and ${n} short`, asa: "ASA", seconds: "s",
  onDuty: "On duty", freeNow: (n) => `${n} ready`, definitions: "Figures since midnight, drills apart",
  queues: "Queues", queue: "Queue", free: "Ready / in", rate: "Connect", callers: "Waiting callers", noCallers: "Nobody is waiting",
  allQueues: "All", drill: "drill", place: "Place", number: "Number", waited: "Waited", priority: "Prio.", whyNow: "Why now", needs: "Skills",
  withheld: "number withheld", callback: "call-back", vip: "VIP", more: (n) => `${n} more`,
  reasons: {
    offered: "ringing an agent", asleep: "call-back pauses", held: "kept for who knows them", no_agent_on_duty: "nobody on duty", all_busy: "all agents busy",
    free_without_skill: "free agents lack a skill", excluded: "free agents may not take it", leaving: "free agents are leaving",
  },
  heldFor: (name) => `kept for ${name}`,
  agents: "Agents", agent: "Agent", ext: "Ext.", state: "State", time: "For", doing: "Doing", all: "All", search: "Name or extension (/)",
  noAgents: "No agent is signed in", noMatch: "No agent matches", phoneAway: "no phone", pageAway: "no page", overdue: "break overdue",
  pending: (what) => `then ${what}`, forcedBy: (name) => `set by ${name}`, offShift: "off shift", draining: "shift ends soon",
  why: "Why", whyHint: "Show why (Enter)", whyCaller: "Why is this caller waiting?", whyAgent: "Why did this agent get it?", whyNone: "Nothing is kept: it has not waited, or too long ago.",
  direct: "Direct", putFirst: "Put first", toAnyone: "For anyone again", toQueue: "To another queue", toAgent: "To one agent", move: "Move", give: "Give",
  freeOf: (free, duty) => `${free} ready of ${duty}`, directRings: "An agent's telephone rings. If nobody answers, it can be directed then.", directed: (name) => `${name}: done; the wait goes on counting`,
  directRefused: {
    not_waiting: "This caller does not wait any more.", ringing: "An agent's telephone rings: try again in a moment.", agent_off_duty: "This agent is not on duty.", drill_apart: "Drills are kept apart.", unknown_queue: "There is no such queue.",
  },
  noOffers: "This agent has got no call yet.", setState: "State", release: "Ready",
  toReady: "ready", toBreak: "on a break", toOffline: "offline", ask: (name, what) => `Set ${name} ${what}?`,
  askCall: "A conversation is never cut: it takes effect after the call and its wrap-up.", askNow: "It takes effect at once; the agent sees who did it.", ok: "OK", cancel: "Cancel",
  done: (name) => `${name}'s state is set`, failed: "That did not work", stateChanged: "The agent's state has just changed: look again.", phoneNotRegistered: "The agent's phone is not registered.",
  pageNotHere: "The agent's page is not connected.", notLoggedIn: "The agent is offline.",
  decisions: "Recent decisions", noDecisions: "No call has been offered yet", paused: "paused", waitedFor: (s) => `waited ${s}`,
  by: {
    asked_for: "asked for", leaving: "about to leave", sticky: "knows the customer", longest_idle: "longest idle", least_occupied: "least occupied", round_robin: "round robin", fewest_calls: "fewest calls",
    best_skill: "best skill", ring_all: "rang all", joined_ring: "joined the ring", came_back: "came back",
  },
  shortOf: (from, to, need, have, what) => `Short of people ${from}–${to}${what ? ` (${what})` : ""}: ${need} needed, ${have} on the roster`,
  shortMore: (n) => `, and ${n} more ${n === 1 ? "stretch" : "stretches"}`, shortNow: (need, here, what) => `${here} here now${what && ` (${what})`}, of at least ${need}`, between: ". ", absent: (names) => `On shift and not here: ${names.join(", ")}`, until: (at) => `until ${at}`,
  connecting: "Connecting…", lost: "The live connection is lost and comes back by itself; this is the state before.", noFigures: "The database is away: today's figures wait", supervisor: "set by a supervisor",
};

export const TEXT: Record<Language, Text> = { "zh-CN": zh, en };
