"""The reasons of :mod:`callcenter.acd.explain` in words, Chinese and English. Pure."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("zh-CN", "en")

REASONS: Final[dict[str, tuple[str, str]]] = {
    # --- why did this caller wait? ---
    "waited": ("共等候 {seconds}。", "Waited {seconds} in all."),
    "waits": ("已等候 {seconds}，仍在等候。", "Has waited {seconds} and still waits."),
    "at_once": ("到达时即有坐席空闲，立即振铃。", "An agent was free and rung at once."),
    "ahead": ("进入“{queue}”时前面还有 {count} 位。", "Entered “{queue}” behind {count} other{s}."),
    "no_agent_on_duty": ("当时“{queue}”没有坐席在岗。", "Nobody of “{queue}” was on duty."),
    "all_busy": (
        "当时在岗的 {on_duty} 位坐席都不空闲：{states}。",
        "Of {on_duty} agent{s} on duty none was free: {states}.",
    ),
    "free_without_skill": (
        "有 {count} 位坐席空闲，但技能不足（要求 {skills}）。",
        "{count} agent{s} {were} free but lacked a skill (asked for: {skills}).",
    ),
    "free_but_not_for_it": (
        "有 {count} 位坐席空闲，但此通电话不能转给他们（刚转出此电话，或为演练分组）。",
        "{count} agent{s} {were} free but may not take this call (they transferred it, or a drill keeps them apart).",
    ),
    "free_but_leaving": (
        "有 {count} 位空闲坐席即将下班：等满 {seconds} 仍无他人可接才由其接听。",
        "{count} free agent{s} {were} about to leave, and spared it for {seconds} or until nobody else could take it.",
    ),
    "ready_but_away": (
        "有 {count} 位坐席就绪，但页面或话机已断开。",
        "{count} agent{s} {were} ready, but with page or telephone away.",
    ),
    "asleep": (
        "回电未到允许的时间或在两次尝试之间，暂停 {seconds}。",
        "The call-back slept for {seconds}: no permitted hour, or between two attempts.",
    ),
    "held": (
        "为熟悉该客户的{agent}保留了 {seconds}。",
        "Was kept for {agent}, who knows the customer, for {seconds}.",
    ),
    "asked_for": ("指定由{agent}接听，等候其空闲 {seconds}。", "Asked for {agent} and waited {seconds} for them."),
    "overtaken": (
        "期间有 {count} 位后到的来电因优先级更高先被接听。",
        "{count} later caller{s} of higher priority {were} served first.",
    ),
    "others_fitted": (
        "期间有 {count} 位后到的来电先被接听：接听的坐席不符合本次来电的要求。",
        "{count} later caller{s} {were} served first by agents who could not take this one.",
    ),
    "other_queue": (
        "期间这些坐席先接听了其他队列的 {count} 位来电（{why}）。",
        "{count} caller{s} of other queues {were} served first by agents of both ({why}).",
    ),
    "came_back": (
        "转接未被接听，退回给转出者{agent}，等候其空闲 {seconds}。",
        "The transfer was not taken: it came back to {agent} and waited {seconds} for them.",
    ),
    "let_back": (
        "没有其他坐席可接，转出此电话的坐席也可以再接。",
        "Nobody else was there for it: whoever had given it away might take it again.",
    ),
    "missed": (
        "{agent}未接（{failure}），振铃 {seconds}。",
        "{agent} let it ring for {seconds} ({failure}).",
    ),
    "withdrawn": ("给{agent}的来电被收回（{why}）。", "The offer to {agent} was taken back ({why})."),
    "relaxed": ("等候 {seconds} 后放宽技能要求：{skills}。", "After {seconds} less was asked for: {skills}."),
    "moved": ("等候 {seconds} 后转入“{queue}”（{why}）。", "After {seconds} it moved to “{queue}” ({why})."),
    "moved_by": ("等候 {seconds} 后由{by}转入“{queue}”。", "After {seconds} {by} moved it to “{queue}”."),
    "prioritised": (
        "等候 {seconds} 后{by}将优先级改为 {priority}。",
        "After {seconds} {by} set its priority to {priority}.",
    ),
    "given": ("等候 {seconds} 后{by}指定由{agent}接听。", "After {seconds} {by} gave it to {agent}."),
    "callback_kept": ("客户选择保留位置、等待回电。", "The customer kept the place and asked to be called back."),
    "callback_failed": ("第 {attempt} 次回电未接通（{why}）。", "Call-back attempt {attempt} failed ({why})."),
    "callback_put_off": (
        "回电暂缓（{why}），未拨打客户，不计次数。",
        "The call-back was put off ({why}): the customer was not rung, and no attempt is counted.",
    ),
    "now": ("此刻：{why}。", "At this moment: {why}."),
    "answered": ("由{agent}接听。", "Was answered by {agent}."),
    "left": ("未接通即离开（{why}）。", "Left without an answer ({why})."),
    "turned_away": (
        "“{queue}”未接纳此来电（{why}），返回流程。",
        "“{queue}” did not take it ({why}): back to the flow.",
    ),
    "expired": ("等候超限，返回流程（{why}）。", "The wait was over its limit: back to the flow ({why})."),
    "callback_over": ("回电结束：{why}。", "The call-back ended: {why}."),
    # --- why did this agent get it? ---
    "got_call": (
        "{agent}接到“{queue}”的来电，该来电已等候 {seconds}，优先分 {points}。",
        "{agent} got a call of “{queue}” that had waited {seconds}, with {points} points.",
    ),
    "consulted": ("{by}向{agent}咨询。", "{by} asked {agent} for advice."),
    "points_of_vip": ("其中重要客户加 {points} 分。", "Of these {points} for being a VIP."),
    "points_of_wait": ("其中久候加 {points} 分。", "Of these {points} for the wait."),
    "went_before": (
        "先于此坐席的其他队列 {queues} 的来电（{why}）。",
        "Went before callers of their other queues {queues} ({why}).",
    ),
    "by_leaving": (
        "即将下班，但此来电已等满服务水平时间，且没有其他人可接。",
        "Was about to leave, but it had waited as long as its service level and nobody else could take it.",
    ),
    "by_asked_for": ("来电指定由{agent}接听。", "The call was for {agent}."),
    "by_came_back": (
        "{agent}转出此电话而无人接听，电话退回。",
        "{agent} had put it through, and it was not taken.",
    ),
    "by_sticky": (
        "{agent}熟悉该客户（受理中的工单或上次通话）。",
        "{agent} knows the customer (open case or last call).",
    ),
    "by_longest_idle": ("空闲时间最长（{seconds}）。", "Had been free for longest ({seconds})."),
    "by_least_occupied": ("占用率最低（{score}）。", "Had the lowest occupancy ({score})."),
    "by_round_robin": ("轮流分配，轮到此人。", "It was their turn."),
    "by_fewest_calls": ("登录后接听最少（{score} 通）。", "Had answered the fewest calls since log-in ({score})."),
    "by_best_skill": ("所需技能最强（超出要求 {score} 级）。", "Had the best skills for it ({score} levels above)."),
    "by_ring_all": ("所有空闲坐席同时振铃。", "All who were free rang at once."),
    "by_joined_ring": (
        "{agent}在其他坐席振铃时变为空闲，加入振铃。",
        "{agent} became free while others rang for it, and joined them.",
    ),
    "rang_too": ("同时振铃的还有：{agents}。", "With them rang: {agents}."),
    "only_one": ("没有其他可接听的坐席。", "Nobody else could take it."),
    "next_were": ("其后依次是：{agents}。", "Next would have been: {agents}."),
    "passed_over": ("未分配给 {agents}：{why}。", "Passed over {agents}: {why}."),
    "others_were": ("该队列坐席状态：{states}。", "The queue's agents at that moment: {states}."),
    "needs": ("要求技能：{skills}。", "Asked for: {skills}."),
    "needs_relaxed": ("因久候放宽后的技能要求：{skills}。", "After the wait it asked only for: {skills}."),
    "needs_dropped": ("因久候，不再要求技能。", "After the wait no skill was asked for any more."),
    "missed_before": ("此前有 {count} 位坐席未接此来电。", "{count} agent{s} had let it ring before."),
}
"""Code → (Chinese, English); names in braces are the reason's details."""

WORDS: Final[dict[str, tuple[str, str]]] = {
    "offline": ("离线", "offline"),
    "ready": ("空闲", "ready"),
    "reserved": ("已预留", "reserved"),
    "ringing": ("振铃中", "ringing"),
    "talking": ("通话中", "talking"),
    "hold": ("保持中", "on hold"),
    "consulting": ("咨询中", "consulting"),
    "wrap_up": ("话后处理", "in wrap-up"),
    "break": ("小休", "on a break"),
    "not_responding": ("未应答暂停", "not responding"),
    "phone_not_registered": ("话机未注册", "telephone not registered"),
    "page_away": ("工作页面已关闭", "page away"),
    "excluded": ("刚转出此电话", "has just transferred it"),
    "skill_missing": ("技能不足", "skill missing"),
    "draining": ("即将下班，不再接新来电", "about to leave, takes no new calls"),
    "drill_apart": ("演练与真实来电分开", "drills are kept apart"),
    "not_the_one_asked_for": ("来电另有指定坐席", "the call was kept for somebody else"),
    "not_in_queue": ("不在此队列", "not in this queue"),
    "no_answer": ("无人应答", "no answer"),
    "rang_out": ("多人振铃，无人接听", "several rang, nobody answered"),
    "declined": ("拒接", "declined"),
    "unreachable": ("话机不可达", "telephone not reached"),
    "busy": ("忙线", "busy"),
    "caller_gone": ("来电者已挂机", "the caller had gone"),
    "caller_hung_up": ("来电者挂机", "the caller hung up"),
    "exit_key": ("来电者按键退出", "left by key"),
    "overflow": ("溢出", "overflow"),
    "callback": ("改为回电", "call-back"),
    "switch_lost": ("交换机重启", "the switch restarted"),
    "ended": ("通话结束", "the call ended"),
    "forgotten": ("核对时发现通话已不存在", "found to be over"),
    "wait": ("等候过久", "waited too long"),
    "length": ("排队过长", "too many waiting"),
    "estimated_wait": ("预计等候过长", "the estimated wait was too long"),
    "no_agent": ("无坐席在岗", "nobody on duty"),
    "agent_away": ("坐席页面或话机断开", "page or telephone gone"),
    "forced": ("班长更改状态", "a supervisor changed the state"),
    "now_offered": ("正在振铃", "an agent's telephone rings"),
    "now_asleep": ("回电暂停中，或不在允许的时间", "the call-back pauses, or it is no permitted hour"),
    "now_held": ("为一位坐席保留", "it is kept for one agent"),
    "now_no_agent_on_duty": ("没有坐席在岗", "nobody is on duty"),
    "now_all_busy": ("在岗坐席全忙", "all agents on duty are busy"),
    "now_free_without_skill": ("空闲坐席技能不足", "who is free lacks a skill"),
    "now_leaving": ("空闲坐席即将下班，先等他人", "who is free is about to leave; others are waited for"),
    "first_by_points": ("优先分更高", "more points"),
    "first_by_kept": ("为该坐席保留", "kept for that agent"),
    "first_by_longest_wait": ("等候更久", "had waited longer"),
    "first_by_weight": ("按队列权重等候更久", "longer wait by the queue's weight"),
    "first_by_service_level": ("更接近其服务水平时限", "nearer to the end of its service level"),
    "queue_full": ("队列已满", "the queue was full"),
    "outside_hours": ("不在允许致电的时间", "no hour at which customers may be called"),
    "no_trunk": ("没有可用线路", "no trunk was free"),
    "unavailable": ("数据库不可用", "the database was away"),
    "rejected": ("对方拒接", "rejected"),
    "unallocated": ("空号", "no such number"),
    "interrupted": ("服务重启而中断", "cut off by a restart"),
    "lines_busy": ("线路全忙", "all lines were busy"),
    "number_not_allowed": ("号码不允许拨打", "the number may not be dialled"),
    "now_excluded": ("空闲坐席不可接此电话", "who is free may not take it"),
    "answered_elsewhere": ("已由其他坐席接听", "somebody else has answered"),
    "offer_lost": ("来电邀请丢失", "the offer was lost"),
    "in_another_call": ("坐席在另一通话中", "the agent was in another call"),
    "reached": ("已接通", "reached"),
    "gave_up": ("多次未接通", "no attempt succeeded"),
    "hours_over": ("已过允许回电的时间", "no permitted hour was left"),
    "agent_ended": ("坐席提前挂断", "the agent hung up first"),
    "cancelled": ("已取消", "cancelled"),
    "refused": ("未能进入队列", "refused by the queue"),
}
"""Codes that stand inside sentences."""


def word(code: str, language: str) -> str:
    """A code in words; one that is not known stands for itself."""
    pair = WORDS.get(code)
    return pair[LANGUAGES.index(language)] if pair else code


def sentence(code: str, details: dict[str, str], language: str) -> str:
    one = "1" in (details.get("count"), details.get("on_duty"))
    return REASONS[code][LANGUAGES.index(language)].format(
        **details, s="" if one else "s", were="was" if one else "were"
    )


def duration(seconds: float, language: str) -> str:
    """``95`` → 1 分 35 秒, 1 min 35 s."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    units = ("小时", "分", "秒") if language == "zh-CN" else ("h", "min", "s")
    parts = [f"{number} {unit}" for number, unit in zip((hours, minutes, rest), units, strict=True) if number]
    return " ".join(parts) or f"0 {units[-1]}"
