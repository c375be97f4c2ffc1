"""When customers are visited: monthly in the first year, quarterly afterwards, on days that there are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.visits.rules import TRIES, after_failure, months_later, next_visit, rate

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_a_month_has_its_own_end(day: date, months: int, then: date) -> None:
    assert months_later(day, months) == then


def test_twelve_times_in_the_first_year_and_four_times_in_each_that_follows() -> None:
    found, day = list[date](), date(2025, 8, 31)
    for _ in range(20):
        day = next_visit(date(2025, 8, 31), day)
        found.append(day)
    assert found[5] == date(2026, 2, 28)
    assert found[11] == date(2026, 8, 31)
    assert found[12:16] == [date(2026, 11, 30), date(2027, 2, 28), date(2027, 5, 31), date(2027, 8, 31)]


@given(days, st.integers(0, 9000))
def test_the_next_visit_is_the_first_one_after_that_day(since: date, later: int) -> None:
    after = since + timedelta(days=later)
    found = next_visit(since, after)
    assert after < found <= after + timedelta(days=93)
    if after < months_later(since, 12):
        assert found <= after + timedelta(days=31)
    assert found.day == since.day or (found + timedelta(days=1)).day == 1, "or the month has no such day"


def test_a_try_that_failed_is_made_again_another_day_and_not_for_ever() -> None:
    now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    tried = [after_failure(tries, now) for tries in range(1, TRIES + 1)]
    assert [at is None for at in tried] == [False, False, True]
    assert tried[0] is not None and tried[0] - now > timedelta(hours=12)


def test_who_declined_was_asked_and_what_is_not_due_yet_counts_for_nothing() -> None:
    assert rate(0, 0, 0, 0) is None
    assert rate(6, 2, 1, 1) == 0.8
