"""Adherence, draining and the hand-over between shifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.roster.adherence import Standing, Stay, adherence_of, standing
from callcenter.roster.coverage import Minimum, Worker
from callcenter.roster.handover import AgentDuty, Duty, HandoverRules, duties, next_edge
from callcenter.roster.shifts import EARLY, MIDDLE, NIGHT, Span, day_span, span_of

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 31)
RULES = HandoverRules()
ANYBODY = Minimum(begins=time(), ends=time(), need=1)
EARLY_SPAN, MIDDLE_SPAN, NIGHT_SPAN = (span_of(kind, DAY, ZONE) for kind in (EARLY, MIDDLE, NIGHT))


def local(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("state", "hour", "minute", "expected"),
    [
        ("offline", 7, 59, Standing.OFF),
        ("ready", 7, 59, Standing.OUTSIDE),
        ("offline", 8, 4, Standing.OFF),
        ("offline", 8, 6, Standing.LATE),
        ("talking", 8, 6, Standing.ON_SHIFT),
        ("break", 12, 0, Standing.ON_BREAK),
        ("not_responding", 12, 0, Standing.MISSING),
        ("ready", 20, 0, Standing.OUTSIDE),
        ("offline", 20, 0, Standing.OFF),
    ],
)
def test_how_an_agent_stands_to_the_roster(state: str, hour: int, minute: int, expected: Standing) -> None:
    assert standing(EARLY_SPAN, state, local(hour, minute)) is expected


def test_a_break_beyond_its_allowance_is_overdue() -> None:
    assert standing(EARLY_SPAN, "break", local(12), overdue=True) is Standing.OVERDUE
    assert standing(None, "offline", local(12)) is Standing.OFF


def stay(state: str, begins: datetime, ends: datetime) -> Stay:
    return Stay(state=state, span=Span(begins, ends))


def test_a_day_that_begins_late_and_ends_early() -> None:
    stays = [
        stay("ready", local(8, 30), local(12)),
        stay("break", local(12), local(13)),
        stay("talking", local(13), local(19, 30)),
    ]
    found = adherence_of("a", DAY, day_span(DAY, ZONE), [EARLY_SPAN], [], stays, local(23))
    assert (found.late_s, found.left_early_s, found.break_s) == (1800, 1800, 3600)
    assert found.adherence == pytest.approx(11 / 12)
    assert found.outside_s == 0


def test_what_a_break_is_longer_than_allowed_is_no_adherence() -> None:
    def on(reason: str, hour: int, minute: int, minutes: int) -> Stay:
        begin = local(hour, minute)
        return Stay(state="break", span=Span(begin, begin + timedelta(minutes=minutes)), reason=reason)

    stays = [
        on("logged_in", 8, 0, 20),  # five minutes are for getting ready
        stay("ready", local(8, 20), local(12)),
        on("meal", 12, 0, 50),
        on("training", 12, 50, 70),  # no limit
        on("meal", 14, 0, 22),
        stay("ready", local(14, 22), local(20)),
    ]
    found = adherence_of("a", DAY, day_span(DAY, ZONE), [EARLY_SPAN], [], stays, local(23), {"meal": 3600, "rest": 900})
    assert (found.break_s, found.overdue_s) == (162 * 60, (15 + 12) * 60)
    assert found.adherence == pytest.approx(1 - 27 / 720)
    assert found.conformance == found.adherence


def test_a_night_belongs_to_the_date_it_began_on() -> None:
    stays = [stay("ready", NIGHT_SPAN.begins, NIGHT_SPAN.ends)]
    first = adherence_of("a", DAY, day_span(DAY, ZONE), [NIGHT_SPAN], [], stays, local(12, day=date(2026, 4, 1)))
    assert (first.adherence, first.conformance, first.outside_s) == (1.0, 1.0, 0)
    next_day = date(2026, 4, 1)
    second = adherence_of("a", next_day, day_span(next_day, ZONE), [], [NIGHT_SPAN], stays, local(12, day=next_day))
    assert (second.scheduled_s, second.outside_s, second.adherence) == (0, 0, None)


def test_the_rest_of_a_running_shift_is_not_missed_yet() -> None:
    stays = [stay("ready", local(8), local(10))]
    found = adherence_of("a", DAY, day_span(DAY, ZONE), [EARLY_SPAN], [], stays, local(10))
    assert (found.scheduled_s, found.adherence, found.left_early_s) == (7200, 1.0, 0)


def test_nobody_came() -> None:
    found = adherence_of("a", DAY, day_span(DAY, ZONE), [EARLY_SPAN], [], [], local(23))
    assert (found.adherence, found.late_s, found.left_early_s) == (0.0, 43200, 0)


def at(
    now: datetime, spans: dict[str, list[Span]], needed: int = 0, rules: HandoverRules = RULES, **queues: str
) -> tuple[AgentDuty, ...]:
    """All are there; so many are needed, and where queues are named (agent=queue) one of each."""
    people = {name: Worker(agent_id=name, queues=frozenset(queues.get(name, "").split())) for name in spans}
    each = sorted({name for served in queues.values() for name in served.split()})
    needs = [Minimum(begins=time(), ends=time(), need=needed)] if needed else []
    return duties(people, spans, [*needs, *(replace(ANYBODY, queue=name) for name in each)], now, rules)


def test_who_alone_serves_a_queue_stays_though_others_leave_later() -> None:
    spans = {"a": [EARLY_SPAN], "b": [EARLY_SPAN], "c": [EARLY_SPAN]}
    marks = {mark.agent_id: mark.duty for mark in at(local(19, 55), spans, 1, a="general", b="general", c="gas")}
    assert [name for name, duty in marks.items() if duty is Duty.ON] == ["a", "c"]
    spans |= {"n": [NIGHT_SPAN]}
    marks = {mark.agent_id: mark.duty for mark in at(local(20), spans, 1, a="general", n="general gas")}
    assert [name for name, duty in marks.items() if duty is Duty.ON] == ["n"]


def test_at_the_shift_change_nobody_drains_below_the_minimum_and_late_leavers_stay() -> None:
    spans = {f"e{n}": [EARLY_SPAN] for n in range(8)} | {"m0": [MIDDLE_SPAN]}
    marks = {mark.agent_id: mark.duty for mark in at(local(19, 52), spans, 8)}
    assert [name for name, duty in marks.items() if duty is Duty.DRAINING] == ["e7"]
    # The night is there and two are enough: all others go.
    spans |= {"n0": [NIGHT_SPAN], "n1": [NIGHT_SPAN]}
    marks = {mark.agent_id: mark.duty for mark in at(local(20), spans, 2)}
    assert [name for name, duty in marks.items() if duty is Duty.ON] == ["m0", "n0", "n1"]


def test_the_middle_shift_stays_until_the_night_has_come() -> None:
    spans = {"m0": [MIDDLE_SPAN], "m1": [MIDDLE_SPAN], "m2": [MIDDLE_SPAN]}
    marks = [mark.duty for mark in at(local(20, 55), spans, 2)]
    assert marks == [Duty.ON, Duty.ON, Duty.DRAINING]


def test_who_is_still_there_is_kept_while_the_next_shift_is_late_and_no_longer() -> None:
    """Callers at eight in the morning are not let wait because the early shift comes at five past."""
    spans = {f"n{n}": [Span(NIGHT_SPAN.begins - timedelta(days=1), EARLY_SPAN.begins)] for n in range(2)}
    kept = {minute: [mark.duty for mark in at(local(8, minute), spans, 8)] for minute in (0, 9, 10)}
    assert kept == {0: [Duty.ON] * 2, 9: [Duty.ON] * 2, 10: [Duty.DRAINING] * 2}
    spans |= {f"e{n}": [EARLY_SPAN] for n in range(7)}
    marks = {mark.agent_id: mark.duty for mark in at(local(8, 5), spans, 8)}
    assert [name for name, duty in marks.items() if duty is Duty.DRAINING] == ["n1"], "one is missing still"
    assert {mark.duty for mark in at(local(8, 5), spans, 7) if mark.agent_id in ("n0", "n1")} == {Duty.DRAINING}


@pytest.mark.parametrize(
    ("hour", "minute", "duty"),
    [
        (7, 59, Duty.OFF),
        (8, 0, Duty.ON),
        (19, 49, Duty.ON),
        (19, 50, Duty.DRAINING),
        (20, 0, Duty.DRAINING),
        (21, 59, Duty.DRAINING),
        (22, 0, Duty.OFF),
    ],
)
def test_the_duty_of_one_agent_over_a_day(hour: int, minute: int, duty: Duty) -> None:
    (mark,) = at(local(hour, minute), {"a": [EARLY_SPAN]})
    assert mark.duty is duty


def test_who_goes_on_into_the_next_shift_does_not_drain() -> None:
    (mark,) = at(local(19, 55), {"a": [EARLY_SPAN, NIGHT_SPAN]})
    assert mark.duty is Duty.ON


def test_the_next_edge() -> None:
    spans = [EARLY_SPAN, NIGHT_SPAN]
    edges = []
    now = local(7)
    while (found := next_edge(spans, [], now)) is not None:
        edges.append(found)
        now = found
    shown = [f"{edge.astimezone(ZONE):%H:%M}" for edge in edges]
    assert shown == ["08:00", "19:50", "20:00", "20:10", "22:00", "07:50", "08:00", "08:10", "10:00"]
    assert next_edge(spans, [local(9)], local(8)) == local(9)


@given(st.integers(0, 14), st.integers(0, 14), st.integers(0, 6), st.integers(0, 10), st.integers(0, 36 * 60))
def test_the_minimum_is_kept_as_long_as_enough_are_there(
    early: int, middle: int, night: int, needed: int, minutes: int
) -> None:
    spans = {f"e{n}": [EARLY_SPAN] for n in range(early)}
    spans |= {f"m{n}": [MIDDLE_SPAN] for n in range(middle)} | {f"n{n}": [NIGHT_SPAN] for n in range(night)}
    now = local(0) + timedelta(minutes=minutes)
    marks = at(now, spans, needed)
    assert {mark.agent_id for mark in marks} == set(spans)
    running = sum(any(span.holds(now) for span in own) for own in spans.values())
    on = sum(mark.duty is Duty.ON for mark in marks)
    assert on >= min(needed, running)
    before = at(now, spans, needed, HandoverRules(drain=timedelta(0)))
    assert on <= sum(mark.duty is Duty.ON for mark in before)
