"""How many callers the next days bring: from the same half hours of the weeks before. Pure.

Each half hour of a week is the mean of that half hour in past weeks, newer ones counting more, times how much the house
grows or shrinks. A week is what call centres repeat; a holiday is not foreseen, and shows as an error afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WEEKS: Final = 8
"""So many are looked at."""
HALF_HOURS: Final = 48
"""Of a day. One that a change of the clocks leaves out has no calls."""
_FADES: Final = 0.85
"""What a week counts of the one after it."""
_LARGEST_TREND: Final = 0.15
"""Nothing grows or shrinks by more in two weeks, as far as a forecast may say."""

Day = Sequence[float]
"""Calls in each of its half hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    days: Mapping[date, tuple[float, ...]]
    trend: float
    """What was made of the mean: 1.05 is five per cent more."""
    weeks: int
    """That it is made from."""
    error: float | None
    """Of the week before: what was forecast missed, as a share of what came (WAPE by half hour); None: too little is
    known."""


def forecast(past: Mapping[date, Day], first: date, days: int) -> Forecast | None:
    """``past``: whole days before ``first``. None with less than one whole week."""
    known = _weeks(past, first)
    if not known:
        return None
    made = {first + timedelta(days=n): _day(past, first, n) for n in range(days)}
    trend = _trend(known)
    return Forecast(
        days={day: tuple(round(calls * trend, 2) for calls in slots) for day, slots in made.items()},
        trend=round(trend, 3),
        weeks=len(known),
        error=_error(past, first),
    )


def _weeks(past: Mapping[date, Day], first: date) -> list[float]:
    """Calls of each whole week before ``first``, the newest first."""
    found: list[float] = []
    for week in range(WEEKS):
        listed = [past.get(first - timedelta(days=7 * week + n)) for n in range(1, 8)]
        if any(day is None for day in listed):
            break
        found.append(sum(sum(day) for day in listed if day is not None))
    return found


def _day(past: Mapping[date, Day], first: date, ahead: int) -> list[float]:
    """The weighted mean of the same weekday in the weeks before."""
    sums, weight = [0.0] * HALF_HOURS, 0.0
    for week in range(1, WEEKS + 1):
        day = past.get(first + timedelta(days=ahead % 7 - 7 * week))
        if day is not None:
            share = _FADES ** (week - 1)
            weight += share
            sums = [had + share * calls for had, calls in zip(sums, day, strict=True)]
    return [calls / weight for calls in sums] if weight else sums


def _trend(weeks: Sequence[float]) -> float:
    """How the newer half of the weeks stands to the older, carried on by half, within bounds."""
    half = len(weeks) // 2
    newer, older = sum(weeks[:half]), sum(weeks[half : 2 * half])
    if half < 2 or not older:
        return 1.0
    return 1 + max(-_LARGEST_TREND, min(_LARGEST_TREND, (newer / older - 1) / 2))


def _error(past: Mapping[date, Day], first: date) -> float | None:
    """As if it had been made a week ago."""
    then = first - timedelta(days=7)
    known = _weeks(past, then)
    came = [past[then + timedelta(days=n)] for n in range(7)] if known else []
    every = sum(sum(day) for day in came)
    if not every:
        return None
    trend = _trend(known)
    missed = 0.0
    for n, day in enumerate(came):
        missed += sum(abs(calls - trend * said) for calls, said in zip(day, _day(past, then, n), strict=True))
    return round(missed / every, 4)
