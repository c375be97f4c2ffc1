"""Every decision and every wait can be told in words, in both languages, from what was kept at the time."""

from __future__ import annotations

from datetime import timedelta
from string import Formatter
from typing import Any

import pytest

from callcenter.acd import messages as m
from callcenter.acd.actions import Decision
from callcenter.acd.explain import Explanation, Names, why_agent, why_waited
from callcenter.acd.messages import AgentState as S
from callcenter.acd.messages import OverflowWhen
from callcenter.acd.sentences import REASONS, WORDS, duration
from callcenter.acd.waiting import NOBODY_RUNG
from callcenter.ids import AgentId, CallId, OfferId
from tests.acd.floor import TestDesk, queue

NAMES = Names(agents={"anna": "Anna", "ben": "Ben", "cora": "Cora"}, queues={"general": "General", "spare": "Spare"})


def wait_of(d: TestDesk, call: str) -> Explanation:
    story = d.rules.story(CallId(call))
    assert story is not None
    return why_waited(story, d.rules.decisions(), d.now, NAMES, d.rules.blocked_by(CallId(call)))


def said(told: Explanation, *codes: str) -> list[str]:
    return [en for reason, en in zip(told.reasons, told.en, strict=True) if reason.code in codes]


def win_of(d: TestDesk, call: str) -> Explanation:
    decision = d.rules.decision(d.offer(call).offer_id)
    assert decision is not None
    return why_agent(decision, NAMES)


def test_both_languages_fill_in_the_same_details() -> None:
    for code, (zh, en) in REASONS.items():
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} - {"s", "were"} for text in (zh, en)]
        # An English sentence may leave out a name that the Chinese one needs for its grammar, not more.
        assert fields[0] == fields[1] or code == "no_agent_on_duty", code
    assert all(zh and en for zh, en in WORDS.values())
    standing = (
        "offered",
        "asleep",
        "held",
        "no_agent_on_duty",
        "free_without_skill",
        "excluded",
        "all_busy",
        "leaving",
    )
    assert {f"now_{code}" for code in standing} <= WORDS.keys()
    assert {f"first_by_{order.value}" for order in m.QueueOrder} | {"first_by_points", "first_by_kept"} <= WORDS.keys()
    not_reached = ("busy", "no_answer", "rejected", "unallocated", "unreachable", "agent_ended", "switch_lost")
    assert {*not_reached, *NOBODY_RUNG} <= WORDS.keys()


@pytest.mark.parametrize("kind", [S, m.OfferFailure, m.LeaveCause, OverflowWhen])
def test_every_code_that_may_stand_in_a_sentence_has_words(kind: type[S]) -> None:
    assert {str(code.value) for code in kind} <= WORDS.keys()


def test_a_caller_answered_at_once() -> None:
    d = TestDesk()
    d.agent("anna")
    d.call("c")
    d.answer("c")
    told = wait_of(d, "c")
    assert [r.code for r in told.reasons] == ["at_once", "waited", "answered"]
    assert told.en[-1] == "Was answered by Anna."


def test_a_caller_whose_ring_was_in_vain_is_told_by_the_sum_first_and_by_how_things_stand_last() -> None:
    d = TestDesk()
    d.agent("anna")
    d.call("c")
    d.wait(20)
    d.miss("c")
    d.wait(5)
    told = wait_of(d, "c")
    assert [r.code for r in told.reasons] == ["waits", "at_once", "missed", "no_agent_on_duty", "now"]
    assert told.en[-1] == "At this moment: nobody is on duty."
    assert told.zh[-1] == "此刻：没有坐席在岗。"


def test_a_caller_who_waited_because_all_were_busy_and_another_was_more_urgent() -> None:
    d = TestDesk()
    d.agent("anna")
    d.call("first")
    d.answer("first")
    d.call("second")
    d.call("third")
    d.wait(30)
    d.call("urgent", priority=9)
    d.wait(35)
    d.finish("anna")
    assert d.answer("urgent") == "anna"
    d.wait(10)
    d.finish("anna")
    d.answer("second")
    told = wait_of(d, "second")
    assert [r.code for r in told.reasons] == ["waited", "all_busy", "overtaken", "answered"]
    assert told.en == (
        "Waited 1 min 15 s in all.",
        "Of 1 agent on duty none was free: talking 1.",
        "1 later caller of higher priority was served first.",
        "Was answered by Anna.",
    )
    assert told.zh[0] == "共等候 1 分 15 秒。"
    assert wait_of(d, "third").en[:2] == (
        "Has waited 1 min 15 s and still waits.",
        "Entered “General” behind 1 other.",
    )


def test_a_caller_who_waited_for_a_skill() -> None:
    d = TestDesk(queue(relax=(m.RelaxStep(after_s=40, to=2),)))
    d.agent("anna", skills={"fr": 3})
    d.call("c", skills={"fr": 8})
    d.wait(1)
    d.call("later")
    d.answer("later")
    d.finish("anna")
    d.wait(39)
    assert d.answer("c") == "anna"
    told = wait_of(d, "c")
    codes = [r.code for r in told.reasons]
    assert codes == ["waited", "free_without_skill", "relaxed", "others_fitted", "answered"]
    assert told.en[1] == "1 agent was free but lacked a skill (asked for: fr ≥ 8)."
    assert told.en[2] == "After 40 s less was asked for: fr ≥ 2."


def test_nobody_on_duty_a_missed_ring_and_a_caller_who_gave_up() -> None:
    d = TestDesk()
    d.call("c")
    d.wait(15)
    d.agent("anna")
    d.wait(20)
    d.miss("c")
    d.wait(5)
    d.tell(m.CallLeft(call_id=CallId("c"), cause=m.LeaveCause.CALLER_HUNG_UP))
    told = wait_of(d, "c")
    assert told.en == (
        "Waited 40 s in all.",
        "Nobody of “General” was on duty.",
        "Anna let it ring for 20 s (no answer).",
        "Left without an answer (the caller hung up).",
    )
    assert told.zh[2] == "Anna未接（无人应答），振铃 20 秒。"


def test_why_this_agent_and_not_that_one() -> None:
    d = TestDesk()
    d.agent("ben", skills={"fr": 2})
    d.wait(10)
    d.agent("anna", skills={"fr": 7})
    d.wait(10)
    d.agent("cora", skills={"fr": 9})
    d.wait(5)
    d.call("c", skills={"fr": 5})
    told = win_of(d, "c")
    assert told.en == (
        "Anna got a call of “General” that had waited 0 s, with 5 points.",
        "Had been free for longest (15 s).",
        "Asked for: fr ≥ 5.",
        "Next would have been: Cora.",
        "Passed over Ben: skill missing.",
        "The queue's agents at that moment: ready 3.",
    )
    assert told.zh[1] == "空闲时间最长（15 秒）。"


@pytest.mark.parametrize("strategy", list(m.Strategy))
def test_every_strategy_has_its_sentence(strategy: m.Strategy) -> None:
    d = TestDesk(queue(strategy=strategy))
    d.agent("anna")
    d.agent("ben")
    d.call("c")
    assert win_of(d, "c").reasons[1].code == f"by_{strategy.value}"


def test_kept_for_the_one_who_knows_the_customer() -> None:
    d = TestDesk(queue(sticky_s=60))
    d.agent("anna")
    d.agent("ben")
    d.call("x", target_agent=AgentId("anna"))
    d.answer("x")
    d.call("c", preferred_agent=AgentId("anna"))
    d.wait(20)
    d.finish("anna")
    assert win_of(d, "c").reasons[1].code == "by_sticky"
    d.answer("c")
    assert "Was kept for Anna, who knows the customer, for 20 s." in wait_of(d, "c").en
    assert "by_asked_for" in [r.code for r in why_agent(d.rules.decisions()[0]).reasons]


def test_a_decision_from_an_older_journal_can_still_be_told() -> None:
    """Decisions kept before they carried more than candidates and reason."""
    told = why_agent(Decision(candidates=("anna",), excluded=(), reason="longest_idle"))
    assert told.en[1] == "Had been free for longest (0 s)."


# --- odd cases ---


def test_who_is_about_to_leave_is_not_called_busy_and_takes_the_call_when_nobody_else_can() -> None:
    d = TestDesk(queue(service_level_s=20))
    d.agent("anna")
    d.tell(m.DutyMarked(agent_id=AgentId("anna"), duty="draining"))
    d.call("c")
    told = wait_of(d, "c")
    assert [r.code for r in told.reasons] == ["waits", "free_but_leaving", "now"]
    assert told.zh[1] == "有 1 位空闲坐席即将下班：等满 20 秒 仍无他人可接才由其接听。"
    assert told.en[2] == "At this moment: who is free is about to leave; others are waited for."
    d.wait(20)
    assert win_of(d, "c").reasons[1].code == "by_leaving"


def test_who_is_ready_at_a_page_that_is_away_is_said_to_be_away() -> None:
    d = TestDesk()
    d.agent("anna")
    d.agent("ben")
    d.tell(m.AgentPresence(agent_id=AgentId("anna"), page=False))
    d.call("first")
    d.answer("first")
    d.call("c")
    assert said(wait_of(d, "c"), "all_busy", "ready_but_away") == [
        "Of 1 agent on duty none was free: talking 1.",
        "1 agent was ready, but with page or telephone away.",
    ]


def test_why_a_call_waited_on_when_it_was_kept_for_nobody_any_more() -> None:
    d = TestDesk(queue(sticky_s=30))
    d.agent("anna")
    d.agent("ben")
    d.call("one", target_agent=AgentId("anna"))
    d.answer("one")
    d.call("two")
    d.answer("two")
    d.call("c", preferred_agent=AgentId("anna"))
    d.wait(100)
    d.finish("ben")
    assert d.answer("c") == "ben"
    told = wait_of(d, "c")
    assert [r.code for r in told.reasons] == ["waited", "held", "all_busy", "answered"]
    assert told.reasons[2].at == told.reasons[0].at - timedelta(seconds=70)  # type: ignore[operator]


def test_why_a_call_waited_on_where_it_was_sent_and_who_went_before_it_there() -> None:
    over = (m.Overflow(when=OverflowWhen.WAIT, over=30, to="spare"),)
    d = TestDesk(queue(overflow=over), queue("spare"))
    d.agent("anna")
    d.agent("ben", "spare")
    for first in ("general", "spare"):
        d.call(f"first-{first}", first)
        d.answer(f"first-{first}")
    d.call("c")
    d.wait(40)
    d.call("urgent", "spare", priority=9)
    d.finish("ben")
    told = wait_of(d, "c")
    assert [r.code for r in told.reasons] == ["waits", "all_busy", "moved", "all_busy", "overtaken", "now"]


@pytest.mark.parametrize(
    ("order", "general", "spare", "why"),
    [
        ("service_level", {"service_level_s": 60}, {"service_level_s": 5}, "nearer to the end of its service level"),
        ("weight", {}, {"weight": 9}, "longer wait by the queue's weight"),
        ("longest_wait", {}, {"vip_bonus": 1}, "more points"),
    ],
)
def test_who_was_served_before_from_another_queue(
    order: str, general: dict[str, int], spare: dict[str, int], why: str
) -> None:
    d = TestDesk(queue(**general), queue("spare", **spare), order=order)
    d.agent("anna", "general", "spare")
    d.call("first")
    d.answer("first")
    d.call("c")
    d.wait(2)
    d.call("other", "spare", vip=why == "more points")
    if why != "more points":
        d.wait(3)
    d.finish("anna")
    assert d.offered_to("other") == "anna"
    assert said(wait_of(d, "c"), "other_queue") == [
        f"1 caller of other queues was served first by agents of both ({why})."
    ]
    assert said(win_of(d, "other"), "went_before") == [f"Went before callers of their other queues “General” ({why})."]


def test_the_longer_wait_in_another_queue_is_said() -> None:
    d = TestDesk(queue(), queue("spare"))
    d.agent("anna", "general", "spare")
    d.call("first")
    d.answer("first")
    d.call("longer", "spare")
    d.wait(1)
    d.call("c")
    d.finish("anna")
    assert said(win_of(d, "longer"), "went_before") == [
        "Went before callers of their other queues “General” (had waited longer)."
    ]
    assert len(said(wait_of(d, "c"), "other_queue")) == 1


def test_what_points_are_made_of() -> None:
    d = TestDesk(queue(ageing=0.02, vip_bonus=3))
    d.call("c", vip=True)
    d.wait(60)
    d.agent("anna")
    assert said(win_of(d, "c"), "got_call", "points_of_vip", "points_of_wait") == [
        "Anna got a call of “General” that had waited 1 min, with 9.2 points.",
        "Of these 3 for being a VIP.",
        "Of these 1.2 for the wait.",
    ]


def test_a_skill_that_is_no_longer_asked_for_is_said() -> None:
    d = TestDesk(queue(skills={"fr": 5}, relax=(m.RelaxStep(after_s=30, to=0),)))
    d.agent("anna")
    d.call("c")
    d.wait(30)
    assert said(win_of(d, "c"), "needs", "needs_dropped") == ["After the wait no skill was asked for any more."]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"overflow": (m.Overflow(when=OverflowWhen.NO_AGENT),)}, "nobody on duty"),
        ({"max_length": 0}, "the queue was full"),
    ],
)
def test_a_call_that_a_queue_did_not_take_is_told_like_a_wait(settings: dict[str, Any], why: str) -> None:
    d = TestDesk(queue(**settings))
    d.call("c")
    assert wait_of(d, "c").en[-1] == f"“General” did not take it ({why}): back to the flow."
    assert d.last(m.WaitOver).ended_at == d.now, "it is kept"


def test_a_call_back_that_sleeps_is_put_off_and_fails() -> None:
    d = TestDesk()
    d.agent("anna")
    d.callback("b", begin=d.now + timedelta(hours=1), pause_s=300)
    d.wait(3600)
    d.answer("b")
    d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="no_trunk"))
    d.wait(300)
    d.answer("b")
    d.tell(m.CallbackFailed(offer_id=d.offer("b").offer_id, reason="rejected"))
    assert said(wait_of(d, "b"), "asleep", "callback_put_off", "callback_failed") == [
        "The call-back slept for 1 h: no permitted hour, or between two attempts.",
        "The call-back was put off (no trunk was free): the customer was not rung, and no attempt is counted.",
        "The call-back slept for 5 min: no permitted hour, or between two attempts.",
        "Call-back attempt 1 failed (rejected).",
        "The call-back slept for 5 min: no permitted hour, or between two attempts.",
    ]


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [(0.2, "0 秒", "0 s"), (60, "1 分", "1 min"), (3661, "1 小时 1 分 1 秒", "1 h 1 min 1 s"), (7200, "2 小时", "2 h")],
)
def test_durations_in_words(seconds: float, zh: str, en: str) -> None:
    assert (duration(seconds, "zh-CN"), duration(seconds, "en")) == (zh, en)


def test_a_colleague_who_is_asked_got_no_call() -> None:
    d = TestDesk(queue(ageing=0.02), queue("spare", ageing=0.02))
    d.agent("anna")
    d.agent("ben", "spare")
    d.call("c")
    d.answer("c")
    for asked in ({"queue": "spare"}, {"queue": "general", "to_agent": AgentId("ben")}):
        d.wait(30)
        d.tell(m.ConsultAsked(call_id=CallId("c"), agent_id=AgentId("anna"), **asked))  # type: ignore[arg-type]
        told = why_agent(d.rules.decisions()[-1], NAMES)
        assert told.en[0] == "Anna asked Ben for advice."
        assert ("by_longest_idle" in [r.code for r in told.reasons]) == ("to_agent" not in asked)
        assert d.rules.decisions()[-1].points == 5, "a question has waited for nothing"
        d.tell(m.OfferFailed(offer_id=d.seen("ben").offer_id or OfferId(""), failure=m.OfferFailure.CALLER_GONE))
