"""When customers are visited by telephone, and what a try that failed leads to. Pure."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final

TRIES: Final = 3
PAUSE: Final = timedelta(hours=20)
"""After a try that nobody answered: not again today, and the next time at another hour of the day."""
REACHED_OUT: Final = frozenset({"no_answer", "busy", "rejected", "unallocated", "unreachable"})
"""How a call that nobody answered ends, if the customer was rung: only that is a try. An agent whose own telephone was
not answered, or a trunk that was away, says nothing of the customer."""
AHEAD: Final = timedelta(days=14)
"""So long before its day a visit is on the list: the shifts of the days ahead can be planned with it."""


def months_later(day: date, months: int) -> date:
    """The same day of a later month; where it has none, its last: a month after 31 January is 28 February, and two
    months after it 31 March again."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def in_month(months: int) -> bool:
    """Whether there is a visit so many months after somebody became a customer."""
    return 1 <= months <= 12 or (months > 12 and months % 3 == 0)


def next_visit(since: date, after: date) -> date:
    """The first visit of a customer since that day which falls after ``after``."""
    months = max(1, (after.year - since.year) * 12 + after.month - since.month)
    return next(day for n in count(months) if in_month(n) and (day := months_later(since, n)) > after)


def after_failure(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries that failed; None: it is given up until the next visit."""
    return None if tries >= TRIES else now + PAUSE


def rate(done: int, declined: int, missed: int, late: int) -> float | None:
    """The share of the visits that were due which took place; None: none was due. A customer who declined was asked."""
    due = done + declined + missed + late
    return (done + declined) / due if due else None
