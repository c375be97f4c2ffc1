"""Plans keep every rule, and say in words what cannot be covered and how many people would do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from callcenter.roster.coverage import HOUSE_MINIMUMS, Minimum, Worker
from callcenter.roster.planning import PlanResult, PlanTask, Wish, WorkRules, needs_of, verdict, weeks_of
from callcenter.roster.shifts import HOUSE, Absence, Assignment, check, span_of
from callcenter.roster.solver import plan

ZONE = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
KINDS = {kind.code: kind for kind in HOUSE}
MONDAY = date(2026, 3, 2)


def task(people: int, first: date = MONDAY, days: int = 14, hours: float = 48.0) -> PlanTask:
    return PlanTask(
        first=first,
        last=first + timedelta(days=days - 1),
        zone=ZONE,
        kinds=HOUSE,
        minimums=HOUSE_MINIMUMS,
        workers=tuple(Worker(agent_id=f"a{n:02}", name=f"A{n}") for n in range(people)),
        rules=WorkRules(week_hours=hours),
        time_limit_s=5,
    )


def keeps_the_rules(asked: PlanTask, result: PlanResult) -> None:
    """Looks at the plan from outside, with none of the planner's own arithmetic."""
    names = {worker.agent_id: worker.name for worker in asked.workers}
    every = [*asked.before, *result.assignments]
    assert not check(every, KINDS, names, asked.zone, asked.absences)
    of_agent = defaultdict(list)
    for one in every:
        of_agent[one.agent_id].append((span_of(KINDS[one.shift], one.day, asked.zone), one.day))
    for entries in of_agent.values():
        entries.sort()
        for (earlier, _), (later, _) in pairwise(entries):
            assert later.begins - earlier.ends >= asked.rules.rest
        for week in weeks_of(asked.first, asked.last):
            monday = week[0] - timedelta(days=week[0].weekday())
            worked = sum(span.seconds for span, day in entries if monday <= day < monday + timedelta(days=7))
            assert worked <= asked.rules.week_hours * 3600
        days = {day for _, day in entries}
        for day in days:
            assert not all(day + timedelta(days=n) in days for n in range(asked.rules.days_in_row + 1))


def test_twenty_agents_cover_two_weeks_and_share_the_nights() -> None:
    asked = task(20)
    result = plan(asked)
    assert result.short == ()
    keeps_the_rules(asked, result)
    assert result.nights[1] - result.nights[0] <= 1
    assert result.weekends[1] - result.weekends[0] <= 1
    assert len(result.assignments) == 140  # eight by day and two by night: not one more than needed
    assert verdict(result, ZONE, {})[0].startswith("可以排满：20 名坐席")


@pytest.mark.parametrize(("hours", "needed"), [(40, 24), (48, 18), (60, 14)])
def test_twelve_agents_cannot_cover_the_house_and_it_says_how_many_would(hours: float, needed: int) -> None:
    asked = task(12, hours=hours)
    result = plan(asked)
    keeps_the_rules(asked, result)
    assert result.short
    assert all(short.have > 0 for short in result.short)  # no night without anybody
    assert (result.least_people, result.people_needed) == (needed, needed)
    zh, en = verdict(result, ZONE, {})
    assert f"要排满需要 {needed} 人（再加 {needed - 12} 人）" in zh
    assert f"{needed} people would do" in en
    enough = plan(replace(task(needed, hours=hours), seed=3))
    assert enough.short == ()


def test_leave_and_wishes() -> None:
    asked = replace(
        task(22),
        absences=(Absence(agent_id="a00", first=MONDAY, last=MONDAY + timedelta(days=13)),),
        wishes=(
            Wish(agent_id="a01", day=MONDAY),
            Wish(agent_id="a02", day=MONDAY, shift="night"),
            Wish(agent_id="a03", day=MONDAY + timedelta(days=5)),
        ),
    )
    result = plan(asked)
    keeps_the_rules(asked, result)
    assert result.short == ()
    assert (result.wishes_kept, result.wishes) == (3, 3)
    assert not [one for one in result.assignments if one.agent_id == "a00"]
    assert Assignment(agent_id="a02", day=MONDAY, shift="night") in result.assignments


def test_what_is_worked_before_counts_for_rest_week_and_the_first_morning() -> None:
    first = date(2026, 4, 1)  # a Wednesday
    before = tuple(Assignment(agent_id=f"a{n:02}", day=date(2026, 3, 31), shift="night") for n in (0, 1)) + tuple(
        Assignment(agent_id="a02", day=date(2026, 3, day), shift="early") for day in (30, 31)
    )
    asked = replace(task(20, first=first, days=7), before=before)
    result = plan(asked)
    keeps_the_rules(asked, result)
    assert result.short == ()
    missing_one = plan(replace(asked, before=before[1:]))
    assert [(short.have, short.span.seconds) for short in missing_one.short] == [(1, 8 * 3600)]


@pytest.mark.parametrize("worked", [date(2026, 3, 1), date(2026, 3, 4)])
def test_days_in_a_row_are_counted_over_both_ends_of_the_range(worked: date) -> None:
    by_day = Minimum(begins=time(9), ends=time(18), need=1)
    asked = replace(
        task(1, days=2),
        minimums=(by_day,),
        rules=WorkRules(days_in_row=2),
        before=(Assignment(agent_id="a00", day=worked, shift="early"),),
    )
    result = plan(asked)
    keeps_the_rules(asked, result)
    assert len(result.assignments) == 1


def test_a_skill_that_too_few_have_is_named() -> None:
    asked = task(20, days=7)
    english = Minimum(begins=time(9), ends=time(18), need=1, skill="en", level=3)
    workers = (replace(asked.workers[0], skills={"en": 5}), *asked.workers[1:])
    result = plan(replace(asked, minimums=(*asked.minimums, english), workers=workers))
    assert {short.minimum.skill for short in result.short} == {"en"}
    assert "en" in verdict(result, ZONE, {})[0]
    assert result.people_needed == 21


def test_a_minimum_that_nobody_can_keep_does_not_spoil_those_that_can_be_kept() -> None:
    asked = task(12, days=7)
    by_day, at_night = Minimum(begins=time(8), ends=time(20), need=3), Minimum(begins=time(20), ends=time(8), need=1)
    nobodys = Minimum(begins=time(9), ends=time(18), need=1, queue="complaint")
    result = plan(replace(asked, minimums=(by_day, at_night, nobodys)))
    keeps_the_rules(asked, result)
    assert {short.minimum.queue for short in result.short} == {"complaint"}


def test_over_a_change_of_the_clocks() -> None:
    asked = replace(task(20, first=date(2026, 3, 23)), zone=BERLIN)
    result = plan(asked)
    keeps_the_rules(asked, result)
    assert result.short == ()


def test_a_demand_is_told_once_with_its_length() -> None:
    needs = needs_of(task(1, days=1))
    assert sorted((need.need, need.quarters) for need in needs) == [(2, 4), (2, 12), (8, 4), (8, 44)]
