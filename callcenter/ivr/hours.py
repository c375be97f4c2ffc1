"""Opening hours: a week, public holidays with their make-up workdays, and special days. Pure.

The calendar of the People's Republic comes from the ``chinesecalendar`` package (the State Council's yearly
notice). The notice for a year appears in the autumn before it; outside the years that are known a day is
judged by its weekday alone and the verdict says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from chinese_calendar.constants import Holiday
from chinese_calendar.constants import holidays as _HOLIDAYS
from chinese_calendar.constants import workdays as _MAKE_UP

DAY: Final = 24 * 60
KNOWN_YEARS: Final = frozenset(day.year for day in _HOLIDAYS)
_NAMES: Final = {holiday.value: str(holiday.chinese) for holiday in Holiday}
HOLIDAYS_ALSO: Final = ("china", "none")


@dataclass(frozen=True, slots=True)
class Interval:
    """Minutes of a day, ``start`` included; ``end`` above 1440 reaches into the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    name: str
    week: tuple[tuple[Interval, ...], ...]
    """Seven days, Monday first."""
    holidays: str = "none"
    """``china`` or ``none``."""
    holiday_hours: tuple[Interval, ...] = ()
    special: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    """Days that differ from every rule; an empty tuple is closed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    open: bool
    holiday: str = ""
    """The public holiday's name when the day is one."""
    warning: str = ""
    """Set when the holiday calendar does not know the year."""


ALWAYS: Final = Calendar(name="always", week=((Interval(0, DAY),),) * 7)


def china_holiday(day: date) -> str:
    """The name of the public holiday that ``day`` belongs to, or empty."""
    return _NAMES.get(_HOLIDAYS[day], _HOLIDAYS[day]) if day in _HOLIDAYS else ""


def hours_of(calendar: Calendar, day: date) -> tuple[tuple[Interval, ...], str, str]:
    """A day's intervals, the holiday's name, and a warning."""
    if day in calendar.special:
        return calendar.special[day], "", ""
    if calendar.holidays == "china":
        if day.year not in KNOWN_YEARS:
            warning = f"no public-holiday calendar for {day.year}: judged by the weekday"
            return calendar.week[day.weekday()], "", warning
        name = china_holiday(day)
        if name:
            return calendar.holiday_hours, name, ""
        if day in _MAKE_UP:
            return calendar.week[0], "", ""
    return calendar.week[day.weekday()], "", ""


def judge(calendar: Calendar, local: datetime) -> Verdict:
    """Whether it is open at ``local``, a time on the site's wall clock."""
    today = local.date()
    minute = local.hour * 60 + local.minute
    intervals, holiday, warning = hours_of(calendar, today)
    if any(interval.start <= minute < interval.end for interval in intervals):
        return Verdict(True, holiday, warning)
    before, _, _ = hours_of(calendar, today - timedelta(days=1))
    late = minute + DAY
    if any(interval.start <= late < interval.end for interval in before):
        return Verdict(True, holiday, warning)
    return Verdict(False, holiday, warning)


def next_open(calendar: Calendar, local: datetime, *, days: int = 30) -> datetime | None:
    """The first wall-clock time from ``local`` on at which it is open; None: not within ``days``."""
    if judge(calendar, local).open:
        return local
    for ahead in range(days + 1):
        day = local.date() + timedelta(days=ahead)
        for interval in sorted(hours_of(calendar, day)[0], key=lambda i: i.start):
            at = datetime.combine(day, datetime.min.time(), tzinfo=local.tzinfo) + timedelta(minutes=interval.start)
            if at >= local:
                return at
    return None
