"""Spans of shifts over midnight, month ends and changes of the clocks; rosters that must be refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.roster.shifts import (
    EARLY,
    HOUSE,
    MIDDLE,
    NIGHT,
    Absence,
    Assignment,
    ShiftKind,
    check,
    check_kind,
    day_span,
    span_of,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
KINDS = {kind.code: kind for kind in HOUSE}
AGENTS = {"a": "Li", "b": "Wang"}
DAY = date(2026, 3, 2)


def at(day: int, hour: int, month: int = 3, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "day", "zone", "begins", "ends"),
    [
        (EARLY, DAY, SHANGHAI, at(2, 0), at(2, 12)),
        (MIDDLE, DAY, SHANGHAI, at(2, 1), at(2, 13)),
        (NIGHT, DAY, SHANGHAI, at(2, 12), at(3, 0)),
        (NIGHT, date(2026, 3, 31), SHANGHAI, at(31, 12), at(1, 0, 4)),
        (NIGHT, date(2026, 12, 31), SHANGHAI, at(31, 12, 12), datetime(2027, 1, 1, tzinfo=UTC)),
        (NIGHT, date(2028, 2, 28), SHANGHAI, datetime(2028, 2, 28, 12, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
        # The clocks go forward in the night that begins on 28 March and back in that of 24 October.
        (NIGHT, date(2026, 3, 28), BERLIN, at(28, 19), at(29, 6)),
        (NIGHT, date(2026, 10, 24), BERLIN, at(24, 18, 10), at(25, 7, 10)),
        (EARLY, date(2026, 3, 29), BERLIN, at(29, 6), at(29, 18)),
    ],
)
def test_a_shift_is_a_span_of_aware_utc(
    kind: ShiftKind, day: date, zone: ZoneInfo, begins: datetime, ends: datetime
) -> None:
    found = span_of(kind, day, zone)
    assert (found.begins, found.ends) == (begins, ends)
    assert found.begins.utcoffset() == timedelta(0)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_has_the_hours_that_its_clocks_give_it(day: date, hours: int) -> None:
    assert day_span(day, BERLIN).seconds == hours * 3600


def plan(*entries: tuple[str, int, str]) -> list[Assignment]:
    return [Assignment(agent_id=who, day=date(2026, 3, day), shift=shift) for who, day, shift in entries]


@pytest.mark.parametrize(
    ("roster", "codes"),
    [
        (plan(("a", 2, "early"), ("a", 3, "early"), ("b", 2, "early")), []),
        (plan(("a", 2, "early"), ("a", 2, "night")), []),  # they meet and do not overlap: the planner minds the rest
        (plan(("a", 2, "early"), ("a", 2, "middle")), ["overlap"]),
        (plan(("a", 2, "early"), ("a", 2, "early")), ["overlap"]),
        (plan(("a", 2, "night"), ("a", 3, "early")), []),
        (plan(("a", 2, "middle"), ("a", 2, "night")), ["overlap"]),
        (plan(("x", 2, "early"), ("a", 2, "late")), ["unknown_agent", "unknown_shift"]),
        (plan(("x", 2, "late"), ("a", 2, "early"), ("a", 2, "middle")), ["unknown_agent", "unknown_shift", "overlap"]),
        (plan(("a", 2, "nothing")), ["zero_length"]),
        (plan(("b", 5, "early"), ("b", 6, "early"), ("b", 7, "early"), ("b", 8, "early")), ["on_leave", "on_leave"]),
    ],
)
def test_everything_wrong_with_a_roster_is_told_at_once(roster: list[Assignment], codes: list[str]) -> None:
    kinds = KINDS | {"nothing": ShiftKind(code="nothing", title="空", begins=time(8), ends=time(8))}
    away = [Absence(agent_id="b", first=date(2026, 3, 6), last=date(2026, 3, 7))]
    problems = check(roster, kinds, AGENTS, SHANGHAI, away)
    assert [problem.code for problem in problems] == codes
    assert all(problem.zh and problem.en and problem.row for problem in problems)


def test_a_long_shift_overlaps_every_later_one_inside_it() -> None:
    long = ShiftKind(code="long", title="长", begins=time(6), ends=time(5))
    short = ShiftKind(code="short", title="短", begins=time(7), ends=time(8))
    late = ShiftKind(code="late", title="晚", begins=time(22), ends=time(23))
    kinds = {kind.code: kind for kind in (long, short, late)}
    problems = check(plan(("a", 2, "long"), ("a", 2, "short"), ("a", 2, "late")), kinds, AGENTS, SHANGHAI)
    assert [(problem.code, "长" in problem.zh) for problem in problems] == [("overlap", True)] * 2


def test_a_shift_that_the_clocks_swallow_has_no_length() -> None:
    gone = ShiftKind(code="gone", title="无", begins=time(2), ends=time(3))
    found = check([Assignment(agent_id="a", day=date(2026, 3, 29), shift="gone")], {"gone": gone}, AGENTS, BERLIN)
    assert [problem.code for problem in found] == ["zero_length"]
    assert not check([Assignment(agent_id="a", day=date(2026, 3, 30), shift="gone")], {"gone": gone}, AGENTS, BERLIN)


def test_a_kind_of_shift_of_zero_length_is_refused() -> None:
    kind = ShiftKind(code="x", title="x", begins=time(8), ends=time(8))
    assert [problem.code for problem in check_kind(kind)] == ["zero_length"]
    assert not check_kind(NIGHT)


entries = st.builds(
    Assignment,
    agent_id=st.sampled_from(["a", "b", "x"]),
    day=st.dates(date(2026, 3, 25), date(2026, 4, 2)),
    shift=st.sampled_from(["early", "middle", "night", "none"]),
)


@given(st.lists(entries, max_size=12), st.sampled_from([SHANGHAI, BERLIN]))
def test_a_roster_is_accepted_exactly_when_no_two_shifts_of_one_agent_meet(
    roster: list[Assignment], zone: ZoneInfo
) -> None:
    known = [one for one in roster if one.agent_id in AGENTS and one.shift in KINDS]
    spans = [(one.agent_id, span_of(KINDS[one.shift], one.day, zone)) for one in known]
    clash = any(
        who == other and span.meets(later) for n, (who, span) in enumerate(spans) for other, later in spans[n + 1 :]
    )
    assert bool(check(roster, KINDS, AGENTS, zone)) == (clash or len(known) < len(roster))


@given(st.dates(date(2020, 1, 1), date(2035, 12, 30)), st.sampled_from(HOUSE), st.sampled_from([SHANGHAI, BERLIN]))
def test_a_shift_begins_and_ends_on_the_clock_and_nights_end_the_day_after(
    day: date, kind: ShiftKind, zone: ZoneInfo
) -> None:
    span = span_of(kind, day, zone)
    begins, ends = span.begins.astimezone(zone), span.ends.astimezone(zone)
    assert (begins.date(), begins.time()) == (day, kind.begins)
    assert (ends.date(), ends.time()) == (day + timedelta(days=kind.over_midnight), kind.ends)
