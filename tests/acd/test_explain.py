"""Every decision and every wait can be told in words, in both languages, from what was kept at the time."""

from __future__ import annotations

from string import Formatter

import pytest

from callcenter.acd import messages as m
from callcenter.acd.actions import Decision
from callcenter.acd.explain import Explanation, Names, why_agent, why_waited
from callcenter.acd.messages import AgentState as S
from callcenter.acd.messages import OverflowWhen
from callcenter.acd.sentences import REASONS, WORDS
from callcenter.ids import AgentId, CallId
from tests.acd.floor import TestDesk, queue

NAMES = Names(agents={"anna": "Anna", "ben": "Ben", "cora": "Cora"}, queues={"general": "General"})


def wait_of(d: TestDesk, call: str) -> Explanation:
    story = d.rules.story(CallId(call))
    assert story is not None
    return why_waited(story, d.rules.decisions(), d.now, NAMES)


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
    standing = ("offered", "asleep", "held", "no_agent_on_duty", "free_without_skill", "excluded", "all_busy")
    assert {f"now_{code}" for code in standing} <= WORDS.keys()


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
    story = d.rules.story(CallId("c"))
    assert story is not None
    told = why_waited(story, d.rules.decisions(), d.now, NAMES, d.rules.blocked_by(CallId("c")))
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
