"""What runs beside the desk: break allowances, and the comparison of desk, calls and Asterisk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.model import StateBegun
from callcenter.acd.rules import DeskRules
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call, Talk
from callcenter.cti.breaks import BreakTimes
from callcenter.cti.watch import LostPages, MissingLegs, truth_of
from callcenter.ids import AgentId, CallId
from callcenter.reporting.today import live_lines
from tests.acd.floor import queue

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ANNA = AgentId("anna")
PROFILE = acd.AgentProfile(agent_id=ANNA, name="Anna", extension="1", seat="s", queues={"general": 1}, skills={})


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def a_call(**fields: object) -> Call:
    call = Call(
        id=CallId("one"), node="a", channel="caller", caller_number="1", dialled="2", trunk="t", hotline="2", flow="f",
        flow_version="1", language="zh-CN", drill=False, phase=Phase.TALKING, arrived_at=T0,
        talk=Talk(agent=PROFILE, channel="leg", since=T0),
    )  # fmt: skip
    return replace(call, **fields)  # type: ignore[arg-type]


@pytest.fixture
def rules() -> DeskRules:
    rules = DeskRules()
    rules.apply(acd.QueuesDefined(queues=(queue(),)), T0)
    rules.apply(acd.AgentLoggedIn(profile=PROFILE), T0)
    rules.apply(acd.AgentPresence(agent_id=ANNA, phone=True, page=True), T0)
    return rules


def test_a_break_uses_up_its_allowance_until_the_next_working_day(rules: DeskRules) -> None:
    breaks = BreakTimes()
    breaks.allowances = {"meal": 1800.0, "training": None}

    def does(command: acd.Command, seconds: float) -> None:
        for action in rules.apply(command, at(seconds)):
            if isinstance(action, acd.AgentSnapshot):
                breaks.follow(action)

    assert breaks.left_s(ANNA, "meal") == 1800
    does(acd.AgentBreak(agent_id=ANNA, reason="meal"), 0)
    does(acd.AgentReady(agent_id=ANNA), 1000)
    assert breaks.left_s(ANNA, "meal") == 800
    does(acd.AgentBreak(agent_id=ANNA, reason="training"), 1000)
    does(acd.AgentBreak(agent_id=ANNA, reason="meal"), 2000)
    does(acd.AgentReady(agent_id=ANNA), 4000)
    assert (breaks.left_s(ANNA, "meal"), breaks.left_s(ANNA, "training")) == (0.0, None)
    does(acd.AgentLoggedOut(agent_id=ANNA), 5000)
    does(acd.AgentLoggedIn(profile=PROFILE), 6000)
    assert breaks.left_s(ANNA, "meal") == 0, "logging out and in again gives nothing back"
    does(acd.AgentLoggedOut(agent_id=ANNA), 7000)
    does(acd.AgentLoggedIn(profile=PROFILE), 7000 + 4 * 3600)
    assert breaks.left_s(ANNA, "meal") == 1800
    assert (breaks.known("meal"), breaks.known("fishing")) == (True, False)


def test_what_was_used_of_a_break_is_the_same_after_a_restart(rules: DeskRules) -> None:
    breaks, log, last = BreakTimes(), [], []
    for command, seconds in (
        (acd.AgentReady(agent_id=ANNA), 0),
        (acd.AgentBreak(agent_id=ANNA, reason="meal"), 600),
        (acd.AgentReady(agent_id=ANNA), 1500),
        (acd.AgentLoggedOut(agent_id=ANNA), 1600),
        (acd.AgentLoggedIn(profile=PROFILE), 1700),
        (acd.AgentPresence(agent_id=ANNA, phone=True, page=True), 1700),
        (acd.AgentBreak(agent_id=ANNA, reason="meal"), 2000),
    ):
        for action in rules.apply(command, at(seconds)):
            if isinstance(action, acd.AgentSnapshot):
                breaks.follow(action)
                last.append(action)
                log.append(StateBegun(ANNA, action.state, action.reason, action.since))
    again = BreakTimes()
    again.follow(last[-1])  # the desk goes on with the break before the log is read
    again.recall(log)
    assert again.recalled
    for later in (2100, 2000 + 1000):
        assert again.used_s(ANNA, at(later)) == breaks.used_s(ANNA, at(later))
    assert again.used_s(ANNA, at(2100))["meal"] == 1000
    again.allowances = {"meal": 1800.0}
    assert again.left_s(ANNA, "meal") == 900


def test_an_agent_whose_call_is_over_is_freed_by_what_the_calls_know(rules: DeskRules) -> None:
    rules.apply(acd.TalkStarted(agent_id=ANNA, call_id=CallId("one"), queue="general"), T0)
    assert not rules.apply(truth_of([a_call()]), at(10))
    found = [a for a in rules.apply(truth_of([]), at(20)) if isinstance(a, acd.IncidentFound)]
    assert [(one.kind, one.agent_id, one.call_id) for one in found] == [("agent_freed", ANNA, "one")]
    agent = rules.agent(ANNA)
    assert agent is not None
    assert agent.state is acd.AgentState.WRAP_UP


def test_a_call_that_is_about_to_tell_the_desk_is_not_judged(rules: DeskRules) -> None:
    """Its agent has just answered: the call knows, the desk not yet. Freed, the agent would be offered another call."""
    one = CallId("one")
    rules.apply(acd.AgentReady(agent_id=ANNA), T0)
    rules.apply(acd.CallQueued(call_id=one, queue="general", since=T0, priority=5), T0)
    agent = rules.agent(ANNA)
    assert agent is not None
    assert agent.state is acd.AgentState.RESERVED
    answered = truth_of([a_call()], frozenset({one}))
    assert not rules.apply(answered, at(10))
    assert rules.waits(one) is not None
    told = [
        action.kind for action in rules.apply(truth_of([a_call()]), at(10)) if isinstance(action, acd.IncidentFound)
    ]
    assert told, "a call that is at rest is judged"


def test_a_channel_that_asterisk_misses_twice_is_told_to_its_call() -> None:
    legs = MissingLegs()
    assert legs.look([a_call()], frozenset({"caller", "leg"})) == []
    assert legs.look([a_call()], frozenset({"caller"})) == []
    assert legs.look([a_call()], frozenset({"caller", "leg"})) == []  # it was only late
    assert legs.look([a_call()], frozenset({"leg"})) == []
    assert legs.look([a_call()], frozenset({"leg"})) == [("one", m.CallerGone(cause=16))]
    legs.look([a_call()], frozenset({"caller"}))
    assert legs.look([a_call()], frozenset({"caller"})) == [("one", m.LegGone(channel="leg", cause=16))]
    legs.forget()
    assert legs.look([a_call()], frozenset({"caller"})) == []


def test_who_is_ready_at_a_page_that_stays_away_is_signed_out(rules: DeskRules) -> None:
    pages = LostPages()
    rules.apply(acd.AgentReady(agent_id=ANNA), T0)
    assert pages.look(rules.agents(), at(0)) == []
    rules.apply(acd.AgentPresence(agent_id=ANNA, page=False), at(10))
    assert pages.look(rules.agents(), at(10)) == []
    assert pages.look(rules.agents(), at(180)) == []
    assert pages.look(rules.agents(), at(190)) == [ANNA]
    rules.apply(acd.AgentLoggedOut(agent_id=ANNA, cause="page_gone"), at(190))
    assert pages.look(rules.agents(), at(400)) == [], "once is enough"


@pytest.mark.parametrize("why", ["the page comes back", "on a break"])
def test_who_is_not_ready_or_comes_back_is_left_alone(rules: DeskRules, why: str) -> None:
    pages = LostPages()
    begun = acd.AgentReady(agent_id=ANNA) if why != "on a break" else acd.AgentBreak(agent_id=ANNA, reason="meal")
    rules.apply(begun, T0)
    rules.apply(acd.AgentPresence(agent_id=ANNA, page=False), T0)
    assert pages.look(rules.agents(), T0) == []
    if why != "on a break":
        rules.apply(acd.AgentPresence(agent_id=ANNA, page=True), at(100))
        assert pages.look(rules.agents(), at(100)) == []
        rules.apply(acd.AgentPresence(agent_id=ANNA, page=False), at(110))
    assert pages.look(rules.agents(), at(200)) == []


def test_lines_in_use_are_real_calls_that_were_let_in() -> None:
    calls = [a_call(), a_call(drill=True), a_call(end_reason="lines_busy"), a_call(trunk="b", end_reason="goodbye")]
    assert [line.trunk for line in live_lines(calls)] == ["t", "b"]
