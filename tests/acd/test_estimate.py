"""The estimated wait: from measured hand-overs, and only when it can be trusted."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from callcenter.acd import messages as m
from callcenter.acd.estimate import MIN_SAMPLES, HandoverRate
from callcenter.acd.messages import OverflowWhen
from callcenter.ids import AgentId, CallId
from tests.acd.floor import START, TestDesk, queue


def measured(intervals: list[float]) -> tuple[HandoverRate, float]:
    rate, at = HandoverRate(), 0.0
    rate.handed_over(START, START)
    for interval in intervals:
        at += interval
        rate.handed_over(START, START + timedelta(seconds=at))
    return rate, at


def test_steady_hand_overs_give_place_times_interval() -> None:
    rate, at = measured([30.0] * 60)
    assert rate.estimate(3, START + timedelta(seconds=at + 1)) == pytest.approx(90, rel=0.01)


def test_too_few_are_not_told() -> None:
    rate, at = measured([30.0] * (MIN_SAMPLES - 2))
    assert rate.estimate(1, START + timedelta(seconds=at)) is None


def test_wild_ones_are_told_only_to_those_far_behind() -> None:
    """Exponential intervals: the next one is anybody's guess, the sum of ten is not."""
    pick = random.Random(1)
    told: dict[int, list[float]] = {1: [], 10: []}
    for _ in range(100):
        rate, at = measured([pick.expovariate(1 / 30) for _ in range(60)])
        for place, estimates in told.items():
            seconds = rate.estimate(place, START + timedelta(seconds=at))
            if seconds is not None:
                estimates.append(seconds)
    assert len(told[1]) < 25
    assert len(told[10]) > 95
    assert all(120 < seconds < 600 for seconds in told[10])


def test_the_rate_follows_a_change() -> None:
    rate, at = measured([10.0] * 40 + [60.0] * 25)
    assert rate.estimate(4, START + timedelta(seconds=at)) == pytest.approx(240, rel=0.1)


def test_a_rate_nobody_has_confirmed_for_long_is_not_told() -> None:
    rate, at = measured([30.0] * 40)
    assert rate.estimate(1, START + timedelta(seconds=at + 119)) is not None
    assert rate.estimate(1, START + timedelta(seconds=at + 121)) is None


def busy_desk(*queues: m.QueueSettings) -> TestDesk:
    """One agent who hands over every 30 s while others wait, ten times."""
    d = TestDesk(*queues or (queue(announce_position_every_s=20),))
    d.agent("anna")
    for number in range(14):
        d.call(f"c{number:02}")
    d.answer("c00")
    for number in range(1, 11):
        d.wait(30)
        d.finish("anna")
        d.answer(f"c{number:02}")
    return d


def test_the_announcement_carries_it() -> None:
    d = busy_desk()
    place, seconds = d.rules.position(CallId("c13"), d.now) or (0, None)
    assert place == 3
    assert seconds == pytest.approx(90, rel=0.01)
    d.told.clear()
    d.wait(20)
    told = {a.call_id: a for a in d.told if isinstance(a, m.PositionChanged)}
    assert told[CallId("c13")].position == 3
    assert told[CallId("c13")].estimated_wait_s == pytest.approx(90, rel=0.01)


def test_calls_that_found_a_free_agent_are_not_measured() -> None:
    d = TestDesk()
    d.agent("anna")
    for number in range(20):
        d.call(f"c{number}")
        d.answer(f"c{number}")
        d.wait(1)
        d.finish("anna")
    assert all(rate.samples == 0 for rate in d.rules.snapshot().rates)


def measured_line(over: float = 1000) -> TestDesk:
    """Anna has served a call every half minute while others waited, and three wait now."""
    rule = m.Overflow(when=OverflowWhen.ESTIMATED_WAIT, over=over, to="spare")
    d = TestDesk(queue(overflow=(rule,)), queue("spare"))
    d.agent("anna", skills={"fr": 5})
    for number in range(9):
        d.call(f"c{number}")
        if number == 2:
            d.answer("c0")
        if number > 2:
            d.wait(30)
            d.finish("anna")
            d.answer(f"c{number - 2}")
    assert d.rules.position(CallId("c7")) == (1, 30.0)
    return d


def test_nothing_is_said_when_nobody_is_there_who_could_keep_it() -> None:
    d = measured_line(over=100)
    d.tell(m.AgentBreak(agent_id=AgentId("anna"), reason="meal"))
    d.finish("anna", wrap_up=True)
    d.tell(m.WrapUpDone(agent_id=AgentId("anna")))
    assert d.rules.position(CallId("c7")) == (1, None)
    for number in range(4):
        d.call(f"more{number}")
    assert not [a for a in d.told if isinstance(a, m.CallMoved)], "nor is anybody sent elsewhere by it"


def test_nothing_is_said_to_whom_the_measured_rate_says_nothing_about() -> None:
    d = measured_line()
    d.call("law", skills={"law": 3}, priority=6)
    d.call("asked-for", target_agent=AgentId("anna"), priority=7)
    assert d.rules.position(CallId("law")) == (2, None), "nobody on duty has the skill"
    assert d.rules.position(CallId("asked-for")) == (1, None), "they wait for one person, not for the line"
    d.call("french", skills={"fr": 3}, priority=9)
    assert d.rules.position(CallId("french")) == (1, 30.0)


def test_a_call_back_is_a_hand_over_like_any_other_and_its_sleep_no_wait() -> None:
    """Every other place in line is a call-back: who stands at place n waits for n agents all the same."""
    d = TestDesk()
    d.agent("anna")
    d.call("first")
    d.callback("slept", hours=9, begin=START + timedelta(hours=1))
    d.answer("first")
    d.wait(3600)
    for number in range(12):
        if number % 2:
            d.callback(f"c{number}")
        else:
            d.call(f"c{number}")
    for name in ("slept", *(f"c{number}" for number in range(9))):
        d.wait(30)
        d.finish("anna")
        offer = d.offer(name)
        d.answer(name)
        if offer.callback is not None:
            d.tell(m.CallbackReached(offer_id=offer.offer_id))
    (rate,) = d.rules.snapshot().rates
    assert (rate.samples, rate.mean_s) == (10, 30.0)
    assert d.rules.position(CallId("c10")) == (2, 60.0)


def test_a_call_back_that_finds_a_free_agent_is_not_measured() -> None:
    d = TestDesk()
    d.agent("anna")
    d.callback("b", begin=START + timedelta(hours=1))
    d.wait(3600)
    d.answer("b")
    assert all(rate.samples == 0 for rate in d.rules.snapshot().rates)


def test_overflow_by_estimated_wait() -> None:
    overflow = (m.Overflow(when=OverflowWhen.ESTIMATED_WAIT, over=100, to="spare"),)
    d = busy_desk(queue(overflow=overflow), queue("spare"))
    d.call("fourth")
    assert d.last(m.CallMoved).reason == "estimated_wait"
    assert [c.call_id for c in d.rules.waiting("spare")] == ["fourth"]
    d.wait(30)
    d.finish("anna")
    d.answer("c11")
    d.call("third")
    assert [c.call_id for c in d.rules.waiting("general")] == ["c12", "c13", "third"]


def test_it_survives_a_restart() -> None:
    d = busy_desk()
    again = TestDesk(queue(announce_position_every_s=20))
    again.now = d.now
    again.tell(d.rules.snapshot())
    assert again.rules.position(CallId("c13"), d.now) == d.rules.position(CallId("c13"), d.now)
