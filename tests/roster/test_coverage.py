"""Coverage by quarters of an hour, by queue and skill, over nights and changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callcenter.roster.coverage import (
    HOUSE_MINIMUMS,
    QUARTER,
    Minimum,
    Worker,
    coverage,
    needed_at,
    quarters,
    shortfalls,
)
from callcenter.roster.shifts import EARLY, MIDDLE, NIGHT, Span, day_span, span_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 2)


def crew(number: int) -> dict[str, Worker]:
    return {f"a{n}": Worker(agent_id=f"a{n}") for n in range(number)}


def house_day(day: date, zone: ZoneInfo) -> list[tuple[str, Span]]:
    """Eight early, two at night, and last night's two."""
    found = [(f"a{n}", span_of(EARLY, day, zone)) for n in range(8)]
    found += [(f"a{n}", span_of(NIGHT, day, zone)) for n in (8, 9)]
    return found + [(f"a{n}", span_of(NIGHT, day - timedelta(days=1), zone)) for n in (10, 11)]


def test_eight_by_day_and_two_by_night_are_enough() -> None:
    covered = coverage(house_day(DAY, SHANGHAI), crew(12), HOUSE_MINIMUMS, day_span(DAY, SHANGHAI), SHANGHAI)
    assert len(covered) == 96
    assert {quarter.have for quarter in covered} == {8, 2}
    assert shortfalls(covered) == ()


def test_a_missing_early_shift_is_one_stretch_with_its_hours() -> None:
    spans = house_day(DAY, SHANGHAI)[1:]
    spans.append(("a0", span_of(MIDDLE, DAY, SHANGHAI)))
    (short,) = shortfalls(coverage(spans, crew(12), HOUSE_MINIMUMS, day_span(DAY, SHANGHAI), SHANGHAI))
    assert (short.have, short.missing) == (7, 1)
    assert short.span == Span(datetime(2026, 3, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 1, tzinfo=UTC))


def test_queue_and_skill_have_minimums_of_their_own() -> None:
    workers = {
        "a": Worker(agent_id="a", queues=frozenset({"general"}), skills={"en": 3}),
        "b": Worker(agent_id="b", queues=frozenset({"general", "vip"}), skills={"en": 1}),
    }
    spans = [(name, span_of(EARLY, DAY, SHANGHAI)) for name in ("a", "b", "unknown")]
    minimums = [
        Minimum(begins=time(10), ends=time(11), need=2, queue="general"),
        Minimum(begins=time(10), ends=time(11), need=2, queue="vip"),
        Minimum(begins=time(10), ends=time(11), need=2, skill="en", level=2),
    ]
    covered = coverage(spans, workers, minimums, day_span(DAY, SHANGHAI), SHANGHAI)
    assert [(short.minimum.queue, short.minimum.skill, short.have) for short in shortfalls(covered)] == [
        ("vip", "", 1),
        ("", "en", 1),
    ]


def test_a_day_with_a_change_of_the_clocks_has_its_own_number_of_quarters() -> None:
    for day, number in ((date(2026, 3, 29), 92), (date(2026, 10, 25), 100)):
        covered = coverage(house_day(day, BERLIN), crew(12), HOUSE_MINIMUMS, day_span(day, BERLIN), BERLIN)
        assert len(covered) == number
        assert shortfalls(covered) == ()


def test_who_comes_late_in_a_quarter_counts_from_the_next() -> None:
    begins = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
    minimum = Minimum(begins=time(8), ends=time(9), need=1)
    span = Span(begins, begins + timedelta(hours=2))
    covered = coverage([("a0", span)], crew(1), [minimum], day_span(DAY, SHANGHAI), SHANGHAI)
    assert [quarter.have for quarter in covered] == [0, 1, 1, 1]


def test_the_minimum_of_an_instant() -> None:
    for hour, needed in ((0, 2), (7, 2), (8, 8), (19, 8), (20, 2), (23, 2)):
        now = datetime(2026, 3, 2, hour, 30, tzinfo=SHANGHAI)
        assert needed_at(HOUSE_MINIMUMS, now.astimezone(UTC), SHANGHAI) == needed


starts = st.integers(0, 2880).map(lambda minutes: datetime(2026, 3, 28, tzinfo=UTC) + timedelta(minutes=minutes))


@given(st.lists(st.tuples(st.sampled_from(["a0", "a1", "a2"]), starts, st.integers(1, 700)), max_size=8))
def test_each_quarter_counts_those_whose_shift_holds_all_of_it(given_spans: list[tuple[str, datetime, int]]) -> None:
    spans = [(who, Span(begins, begins + timedelta(minutes=length))) for who, begins, length in given_spans]
    minimum = Minimum(begins=time(0), ends=time(0), need=1)
    within = day_span(date(2026, 3, 29), BERLIN)
    covered = coverage(spans, crew(3), [minimum], within, BERLIN)
    assert [quarter.at for quarter in covered] == quarters(within)
    for quarter in covered:
        there = [1 for _, span in spans if span.begins <= quarter.at and quarter.at + QUARTER <= span.ends]
        assert quarter.have == len(there)
    short = shortfalls(covered)
    assert sum(one.span.seconds for one in short) == 900 * sum(quarter.missing > 0 for quarter in covered)
    assert all(a.span.ends < b.span.begins for a, b in pairwise(short))
