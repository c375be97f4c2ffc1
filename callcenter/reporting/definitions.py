"""What each figure means, in words: pages show them, sheets carry them, ``docs/figures.md`` is made of them.

``python -m callcenter.reporting.definitions > docs/figures.md`` writes the document; a test sees that it is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"
    """0 to 1."""
    SECONDS = "seconds"
    """An average or a wait: minutes and seconds."""
    SPAN = "span"
    """A sum of time: hours and minutes."""
    SCORE = "score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    code: str
    title: str
    title_en: str
    unit: Unit
    means: str
    means_en: str


def _of(code: str, unit: Unit, title: str, title_en: str, means: str, means_en: str) -> Definition:
    return Definition(code=code, unit=unit, title=title, title_en=title_en, means=means, means_en=means_en)


U = Unit
SERVICE: Final = (
    _of("calls", U.COUNT, "来电", "Calls in", "打进来的全部来电：含菜单中结束的和未能接入的；演练不计（下同）。", "All calls that came in, also those that ended in the menu or were not let in. Fire drills count nowhere."),
    _of("refused", U.COUNT, "未接入", "Not let in", "线路已满或号码不存在，只听到提示的来电。", "Calls that were only told that all lines are busy or that there is no such number."),
    _of("menu", U.COUNT, "菜单内结束", "Ended in the menu", "没有进入队列就结束的来电：自助办理完、菜单内挂断、只留言等。", "Calls that ended without coming to a queue: served by the menu, hung up in it, left a message."),
    _of("offered", U.COUNT, "进线", "Offered", "进入队列的来电，短放弃除外：已接 + 放弃 + 流出 + 仍在等候。", "Callers who entered a queue, short abandons apart: answered + abandoned + flowed out + still waiting."),
    _of("answered", U.COUNT, "已接", "Answered", "与坐席通上话的来电。", "Callers who came to talk with an agent."),
    _of("connect_rate", U.SHARE, "接通率", "Connect rate", "已接 ÷（进线 − 仍在等候）。目标 90%。", "answered / (offered − still waiting). The target is 90 %."),
    _of("service_level", U.SHARE, "服务水平", "Service level", "在规定秒数内接起的比例：规定时间内已接 ÷（已接 + 放弃 + 流出 + 等候已超过规定秒数的）。按队列统计用该队列自己的秒数（queues.yaml 的 service_level），其他统计用 20 秒。每次来电按它进入队列时的秒数判断，之后修改不影响历史。", "Share answered within X seconds: answered in time / (answered + abandoned + flowed out + waiting for longer than X). Of a queue X is its own (service_level in queues.yaml), elsewhere 20 s. Each stay is judged by the seconds that held when it began: a later change leaves history as it is."),
    _of("in_time", U.COUNT, "及时接起", "In time", "在规定秒数内接起的来电：服务水平的分子。", "Answered within the service level's seconds: what the service level is made of."),
    _of("abandoned", U.COUNT, "放弃", "Abandoned", "等候超过 5 秒后，在接通前自己挂断的来电。", "Callers who hung up while they waited, after more than 5 s."),
    _of("abandon_rate", U.SHARE, "放弃率", "Abandon rate", "放弃 ÷（进线 − 仍在等候）。", "abandoned / (offered − still waiting)."),
    _of("short_abandoned", U.COUNT, "短放弃", "Short abandons", "进入队列 5 秒以内挂断的来电；单独列出，不计入进线和各项比率。", "Callers who hung up within 5 s of entering the queue. Told apart: neither offered nor in any rate."),
    _of("flowed_out", U.COUNT, "流出", "Flowed out", "没有接通、但以其他方式离开等候的来电：按键要求回电或留言、等候超时或队列已满转入流程。", "Callers who left the line otherwise: by a key (call-back, message), by overflow into the flow."),
    _of("waiting", U.COUNT, "仍在等候", "Still waiting", "此刻仍在队列中的来电；只在范围包含现在时出现。", "Callers who are in line now; only where the range holds this moment."),
    _of("asa_s", U.SECONDS, "平均应答", "ASA", "已接来电从进入队列到开始通话的平均时间（含振铃）。", "Average speed of answer: mean time from entering the queue to the conversation, ringing included, of the answered."),
    _of("longest_s", U.SECONDS, "最长等候", "Longest wait", "任何一位来电人的最长等候，不论结果。", "The longest that anybody waited, whatever became of them."),
    _of("aht_s", U.SECONDS, "平均处理", "AHT", "平均处理时长：（通话 + 保持 + 话后）÷ 已接次数。转到第二个队列的来电按两次接听计算。", "Average handle time: (talk + hold + wrap-up) / stays answered. A caller handed on to a second queue was handled twice."),
    _of("talk_s", U.SECONDS, "平均通话", "Talk", "处理时长中与客户通话（含三方通话）的部分，每次平均。", "The part of AHT in conversation with the customer, conferences included."),
    _of("hold_s", U.SECONDS, "平均保持", "Hold", "处理时长中客户被保持（含咨询同事期间）的部分，每次平均。", "The part of AHT in which the customer was held, also while a colleague was asked."),
    _of("wrap_s", U.SECONDS, "平均话后", "Wrap-up", "处理时长中话后处理的部分，每次平均。", "The part of AHT spent in wrap-up."),
    _of("rating", U.SCORE, "满意度", "Rating", "来电人评分的平均值；多个问题一起平均。", "Mean of the scores that callers gave, all questions together."),
    _of("ratings", U.COUNT, "评分数", "Ratings", "收到的评分个数。", "How many scores were given."),
    _of("outbound", U.COUNT, "去电", "Outbound", "我们打出的电话，包括回电和回访。", "Calls that we made, call-backs and return visits included."),
    _of("reached", U.COUNT, "去电接通", "Reached", "其中被叫已接听的。", "Those of them that were answered."),
)  # fmt: skip
AGENTS: Final = (
    _of("staffed_s", U.SPAN, "签入", "Staffed", "离线以外所有状态的时间。跨午夜的状态在两天各计自己的部分。", "Time in any state but offline. A state that lasts over midnight counts on each day with its own part."),
    _of("answered", U.COUNT, "已接", "Answered", "接起的来电（不含同事的咨询）。", "Offers of callers that the agent answered; consultations apart."),
    _of("offers", U.COUNT, "分配", "Offers", "分配到这位坐席、话机振铃的次数。", "How often the agent's telephone rang for a caller."),
    _of("missed", U.COUNT, "未应答", "Missed", "振铃到时未接或话机无响应的次数；主动转给下一位、多人同振而他人先接的不计。", "Offers that rang in vain or found no telephone; not those passed on, nor a ring of all that somebody else answered."),
    _of("transfers", U.COUNT, "转接", "Transfers", "把来电转给队列、同事或外线的次数。", "Callers handed on: to a queue, a colleague or a number outside."),
    _of("outbound", U.COUNT, "去电", "Outbound", "由这位坐席打出的电话。", "Calls that the agent made."),
    _of("reached", U.COUNT, "去电接通", "Reached", "其中被叫已接听的。", "Those of them that were answered."),
    _of("aht_s", U.SECONDS, "平均处理", "AHT", "（通话 + 保持 + 话后）÷（已接 + 去电接通）。", "(talk + hold + wrap-up) / (answered + reached)."),
    _of("occupancy", U.SHARE, "占用率", "Occupancy", "（通话 + 保持 + 话后）÷（通话 + 保持 + 话后 + 空闲 + 振铃）；小休不计。", "(talk + hold + wrap-up) / (talk + hold + wrap-up + ready + ringing); breaks count for nothing."),
    _of("ready_s", U.SPAN, "空闲", "Ready", "可以接电话而没有电话的时间。", "Time ready for a call without one."),
    _of("ring_s", U.SPAN, "振铃", "Ringing", "话机为分配来的电话振铃的时间。", "Time in which an offer was on its way or rang."),
    _of("talking_s", U.SPAN, "通话", "Talk", "在通话中的时间。", "Time in conversation."),
    _of("holding_s", U.SPAN, "保持", "Hold", "客户被保持的时间，含咨询同事期间。", "Time with the customer on hold, also while a colleague was asked."),
    _of("wrapping_s", U.SPAN, "话后", "Wrap-up", "话后处理的时间。", "Time in wrap-up."),
    _of("break_s", U.SPAN, "小休", "Break", "小休时间，可按原因展开。", "Time on a break; it can be told by reason."),
    _of("lost_s", U.SPAN, "未应答暂停", "Not responding", "因连续未应答而被暂停分配的时间。", "Time set aside because offers rang in vain."),
    _of("rating", U.SCORE, "满意度", "Rating", "最后与来电人通话的是这位坐席时，来电人评分的平均值。", "Mean score of the callers who talked with this agent last."),
    _of("ratings", U.COUNT, "评分数", "Ratings", "收到的评分个数。", "How many scores were given."),
)  # fmt: skip
OUTCOMES: Final = (
    _of("written", U.COUNT, "记录数", "Written", "这段时间内填写的处理结果；一通电话的每位坐席各填一份。", "Outcomes written in that time; each agent of a call writes one."),
    _of("share", U.SHARE, "占比", "Share", "在这段时间全部处理结果中的比例。", "Of all outcomes of that time."),
    _of("cases", U.COUNT, "受理单", "Cases", "其中开了受理单的。", "Those of them with which a case was opened."),
    _of("aht_s", U.SECONDS, "平均处理", "AHT", "填写这种结果的坐席在那些来电上的平均处理时长。", "Average handle time of the agents who wrote it, in those calls."),
    _of("talk_s", U.SECONDS, "平均通话", "Talk", "其中通话的部分。", "Its part in conversation."),
    _of("hold_s", U.SECONDS, "平均保持", "Hold", "其中保持的部分。", "Its part on hold."),
    _of("wrap_s", U.SECONDS, "平均话后", "Wrap-up", "其中话后的部分。", "Its part in wrap-up."),
)  # fmt: skip

DEPARTMENTS: Final = (
    _of("written", U.COUNT, "转来的记录", "Routed here", "这段时间内写明由该部门处理的处理结果。", "Outcomes of that time that name the department as who must act."),
    _of("cases", U.COUNT, "受理单", "Cases", "其中开了受理单的。", "Those of them with which a case was opened."),
    _of("resolved", U.COUNT, "已办结", "Resolved", "这些受理单中，报表生成时已办结的。", "Of these cases, those resolved when the report was made."),
    _of("resolved_share", U.SHARE, "办结率", "Resolved share", "已办结 ÷ 受理单。", "resolved / cases."),
)  # fmt: skip

RULES: Final = (
    ("统计单位", "Unit", "按队列统计时，数的是“进入队列的次数”：转到第二个队列的来电在两个队列各计一次。按时间、热线、线路统计时，数的是来电人：从第一次进入队列起算等候，有人接过就算已接。", "By queue, stays are counted: a caller who is transferred to a second queue counts in both. By time, hotline or trunk, callers are counted: they wait from their first queue on, and are answered if anybody ever answered them."),
    ("归属时间", "When", "来电计入它进入队列的时间所在的区间；没有进入队列的计入来电时间。坐席的时间在区间边界处准确切开。日期和小时都是站点时区。", "A call belongs to the interval in which it came to the queue, or else in which it began. Agents' times are cut exactly where an interval ends. Days and hours are the site's."),
    ("合计", "Totals", "合计由各行的原始次数和秒数重新计算，不是平均值的平均；没有可计算的写作“—”。", "Totals are made anew from the rows' counts and seconds, never averages of averages. Where there is nothing to rate stands a dash."),
    ("汇总", "Sums", "两天以前的日子每天汇总一次，之后的更改（例如重放的日志）用 callcenter reports rebuild 重新汇总；最近的日子直接由通话计算。今天的数字与现场页一致。", "Days older than two are summed once; `callcenter reports rebuild` makes them anew from the calls. The last days are read from the calls themselves, and today's figures are those of the floor's page."),
)  # fmt: skip


def document() -> str:
    """``docs/figures.md``."""
    lines = [
        "# Figures · 指标口径",
        "",
        "Made from `callcenter/reporting/definitions.py`, which pages and sheets show too.",
    ]
    for title, title_en, means, means_en in RULES:
        lines += ["", f"**{title_en} · {title}.** {means_en}  ", means]
    for head, group in (
        ("Service figures · 服务指标", SERVICE),
        ("Agents · 坐席指标", AGENTS),
        ("Outcomes · 处理结果", OUTCOMES),
        ("Departments, in monthly reports · 部门（月报）", DEPARTMENTS),
    ):
        lines += ["", f"## {head}", "", "| figure | what it is |", "| --- | --- |"]
        lines += [
            f"| **{one.title_en}** · {one.title} (`{one.code}`) | {one.means_en}<br>{one.means} |" for one in group
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
