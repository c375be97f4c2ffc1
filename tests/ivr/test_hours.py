"""Opening hours over midnight, on holidays, on make-up workdays, and where nobody knows the holidays yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.ivr.hours import DAY, KNOWN_YEARS, Calendar, Interval, judge, next_open
from tests.ivr.support import SHIPPED

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = SHIPPED.calendars["office"]
NIGHT = Calendar(name="night", week=((Interval(20 * 60, 8 * 60 + DAY),),) * 5 + ((), ()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("when", "is_open", "holiday"),
    [
        ("2026-11-23T08:59", False, ""),
        ("2026-11-23T09:00", True, ""),
        ("2026-11-23T12:00", False, ""),
        ("2026-11-23T17:59", True, ""),
        ("2026-11-22T10:00", False, ""),
        ("2026-10-01T10:00", False, "国庆节"),
        ("2026-02-17T10:00", False, "春节"),
        ("2026-09-20T10:00", True, ""),  # a Sunday that is worked
        ("2026-12-31T11:00", True, ""),
        ("2026-12-31T14:00", False, ""),
    ],
)
def test_an_office_follows_the_public_holidays(when: str, is_open: bool, holiday: str) -> None:
    verdict = judge(OFFICE, at(when))
    assert (verdict.open, verdict.holiday, verdict.warning) == (is_open, holiday, "")


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-23T19:59", False),
        ("2026-11-23T20:00", True),
        ("2026-11-24T00:00", True),
        ("2026-11-24T07:59", True),
        ("2026-11-24T08:00", False),
        ("2026-11-28T03:00", True),  # Saturday morning still belongs to Friday's night
        ("2026-11-28T21:00", False),
        ("2026-11-30T03:00", False),  # Monday morning would belong to Sunday's
    ],
)
def test_a_night_ends_on_the_next_morning(when: str, is_open: bool) -> None:
    assert judge(NIGHT, at(when)).open is is_open


def test_a_year_without_a_holiday_calendar_is_judged_by_the_weekday_and_says_so() -> None:
    verdict = judge(OFFICE, at(f"{max(KNOWN_YEARS) + 1}-10-01T10:00"))
    assert "no public-holiday calendar" in verdict.warning
    assert verdict.holiday == ""


def test_the_next_opening_is_found_over_a_holiday_week() -> None:
    assert next_open(OFFICE, at("2026-09-30T19:00")) == at("2026-10-08T09:00")
    assert next_open(OFFICE, at("2026-11-23T10:00")) == at("2026-11-23T10:00")
    assert next_open(Calendar(name="never", week=((),) * 7), at("2026-11-23T10:00")) is None


def test_the_clock_change_moves_the_instant_and_not_the_wall_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    week = Calendar(name="day", week=((Interval(8 * 60, 20 * 60),),) * 7)
    for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25)):
        minutes = sum(
            judge(
                week, (datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=m)).astimezone(berlin)
            ).open
            for m in range(-180, 1440 + 180)
        )
        assert minutes == 12 * 60
