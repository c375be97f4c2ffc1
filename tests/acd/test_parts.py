"""The desk's small parts, each against the plain way of saying the same."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from callcenter.acd import messages as m
from callcenter.acd import rules
from callcenter.acd.gaps import Gap, find_gaps
from callcenter.acd.queue import Line, WaitingCall
from callcenter.acd.skills import SkillCodes
from callcenter.acd.timers import NEVER, Timers
from callcenter.ids import AgentId, CallId
from tests.acd.floor import START, queue

LEVELS = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 12), max_size=5)


def test_every_command_has_its_rule() -> None:
    assert rules._ACTS.keys() == set(get_args(m.Command))


@given(st.lists(st.tuples(LEVELS, st.booleans(), LEVELS, st.booleans()), min_size=1, max_size=5))
def test_one_and_says_whether_all_levels_are_there(
    pairs: list[tuple[dict[str, int], bool, dict[str, int], bool]],
) -> None:
    codes = SkillCodes()
    for has, drill, needs, drilled in pairs:
        able = drill == drilled and all(min(has.get(skill, 0), 10) >= min(level, 10) for skill, level in needs.items())
        assert (codes.needs(needs, drill=drilled) & codes.lacks(has, drill=drill) == 0) == able


def test_a_skill_first_heard_of_later_is_one_that_earlier_agents_lack() -> None:
    codes = SkillCodes()
    lacks = codes.lacks({"fr": 5}, drill=False)
    assert codes.needs({"new": 1}, drill=False) & lacks


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.integers(0, 50)), max_size=200), st.integers(0, 60))
def test_timers_are_a_dictionary_of_instants(steps: list[tuple[str, int | None]], now: int) -> None:
    timers: Timers[str] = Timers()
    plain: dict[str, int] = {}
    for key, at in steps:
        timers.set(key, None if at is None else START + timedelta(seconds=at))
        if at is None:
            plain.pop(key, None)
        else:
            plain[key] = at
        earliest = min(plain.values(), default=None)
        assert timers.earliest == (NEVER if earliest is None else START + timedelta(seconds=earliest))
    due = timers.due(START + timedelta(seconds=now))
    assert due == [key for at, key in sorted((at, key) for key, at in plain.items()) if at <= now]
    assert len(timers) == len(plain) - len(due)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30), st.integers(0, 2)), max_size=40), st.data())
def test_a_line_finds_first_what_stands_first(calls: list[tuple[int, int, int]], data: st.DataObject) -> None:
    line = Line()
    waiting: list[WaitingCall] = []
    for number, (priority, ago, needs) in enumerate(calls):
        request = m.CallQueued(call_id=CallId(str(number)), queue="q", since=START, priority=priority)
        call = WaitingCall(request=request, number=number, queue="q", entered_at=START, needs=needs)
        call.key = (-float(priority), -float(ago), number)
        line.add(call)
        line.open(call)
        waiting.append(call)
    gone = data.draw(st.sets(st.sampled_from(waiting), max_size=10)) if waiting else set()
    for call in gone:
        line.remove(call)
    left = sorted((c for c in waiting if c not in gone), key=lambda c: c.key)
    assert list(line) == left
    assert [line.position(call) for call in left] == list(range(1, len(left) + 1))
    for lacks in range(4):
        able = [call for call in left if not call.needs & lacks]
        assert line.first(lacks, AgentId("x")) is (able[0] if able else None)


def profile(name: str, skills: dict[str, int], *queues: str) -> m.AgentProfile:
    return m.AgentProfile(
        agent_id=AgentId(name), name=name, extension="1", seat="s", queues=dict.fromkeys(queues, 1), skills=skills
    )


def test_gaps_between_what_queues_ask_for_and_what_people_can() -> None:
    queues = (
        queue("fine", skills={"fr": 3}),
        queue("empty"),
        queue("unheard", skills={"law": 1}),
        queue("high", skills={"fr": 9}, relax_every_s=60),
        queue("both", skills={"fr": 4, "gas": 4}),
        queue("drills", drill=True),
        queue("abroad", language_level=5),
    )
    names = ("fine", "unheard", "high", "both", "drills", "abroad")
    people = (profile("anna", {"fr": 5, "zh-CN": 8}, *names), profile("ben", {"gas": 5, "en": 4}, *names))
    assert find_gaps(queues, people) == (
        Gap("empty", "no_agents"),
        Gap("unheard", "skill_missing", "law", 1, 0),
        Gap("high", "level_missing", "fr", 9, 5, relaxes=True),
        Gap("both", "never_together"),
        Gap("drills", "no_agents"),
        Gap("abroad", "level_missing", "en", 5, 4),
    )
