"""Whether agents are where their roster has them: at this moment, and over a day. Pure.

Adherence is the share of the scheduled time in which the agent was there (at work, or on a break within its allowance;
not lost to offers); conformance is all the time worked over the time scheduled, whenever it was worked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from callcenter.roster.shifts import Span

GRACE: Final = timedelta(minutes=5)
"""Coming or going within it is on time."""
PRESENT: Final = frozenset({"ready", "reserved", "ringing", "talking", "hold", "consulting", "wrap_up"})
ON_BREAK: Final = "break"
SIGNED_IN: Final = "logged_in"
"""The break that a log-in begins with: for so long as it takes to be ready it is not held against anybody."""
HERE: Final = PRESENT | {ON_BREAK}
"""At work: logged in and not lost to offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A stretch of time an agent spent in one state."""

    state: str
    span: Span
    reason: str = ""
    """Of a break."""


class Standing(StrEnum):
    """How an agent stands to the roster at one moment."""

    ON_SHIFT = "on_shift"
    ON_BREAK = "on_break"
    OVERDUE = "overdue"
    """From a break."""
    LATE = "late"
    """The shift runs and they are not logged in."""
    MISSING = "missing"
    """Logged in and not answering offers."""
    OUTSIDE = "outside"
    """At work without a shift."""
    OFF = "off"


def standing(shift: Span | None, state: str, now: datetime, *, overdue: bool = False) -> Standing:
    """``shift``: the one that runs now, if any; ``state``: the agent's, ``offline`` when not logged in."""
    if shift is None or not shift.holds(now):
        return Standing.OFF if state == "offline" else Standing.OUTSIDE
    if state in PRESENT:
        return Standing.ON_SHIFT
    if state == ON_BREAK:
        return Standing.OVERDUE if overdue else Standing.ON_BREAK
    if state == "offline":
        return Standing.LATE if now - shift.begins > GRACE else Standing.OFF
    return Standing.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAdherence:
    """Seconds, for the shifts that began on ``day``."""

    agent_id: str
    day: date
    scheduled_s: float
    present_s: float
    """Within the shift: ready, in calls, in wrap-up."""
    break_s: float
    """Within the shift."""
    overdue_s: float
    """Of it, beyond the allowances."""
    late_s: float
    """From the shift's begin to the first log-in, if beyond the grace."""
    left_early_s: float
    outside_s: float
    """Worked without a shift, from midnight to midnight of the site."""

    @property
    def adherence(self) -> float | None:
        """0 … 1; None when nothing was scheduled."""
        return (self.present_s + self.break_s - self.overdue_s) / self.scheduled_s if self.scheduled_s else None

    @property
    def conformance(self) -> float | None:
        """May be above 1."""
        worked = self.present_s + self.break_s - self.overdue_s + self.outside_s
        return worked / self.scheduled_s if self.scheduled_s else None


def adherence_of(
    agent_id: str,
    day: date,
    whole_day: Span,
    shifts: Sequence[Span],
    others: Sequence[Span],
    stays: Iterable[Stay],
    now: datetime,
    allowances: Mapping[str, float] = MappingProxyType({}),
) -> DayAdherence:
    """One agent's day so far. ``allowances``: reason of a break → seconds a shift; those without one have no limit.

    ``shifts`` began on this day; ``others`` are those of the days around it, so that last night's shift does not
    count as work without one. What is still to come (after ``now``) is neither scheduled nor missed yet.
    """
    due = [Span(shift.begins, min(shift.ends, now)) for shift in shifts if shift.begins < now]
    there = [stay for stay in stays if stay.state in HERE]
    present = sum(stay.span.common(shift) for stay in there if stay.state in PRESENT for shift in due)
    breaks = [stay for stay in there if stay.state == ON_BREAK]
    on_break = sum(stay.span.common(shift) for stay in breaks for shift in due)
    overdue = sum(_overdue(breaks, shift, allowances) for shift in due)
    late = early = 0.0
    for shift in due:
        inside = [stay.span for stay in there if stay.span.meets(shift)]
        arrived = max(shift.begins, min((span.begins for span in inside), default=shift.ends))
        if arrived - shift.begins > GRACE:
            late += (arrived - shift.begins).total_seconds()
    for shift in (one for one in shifts if one.ends <= now):
        left = max((stay.span.ends for stay in there if stay.span.meets(shift)), default=shift.ends)
        if shift.ends - left > GRACE:
            early += (shift.ends - left).total_seconds()
    worked = sum(stay.span.common(whole_day) for stay in there)
    in_shift = sum(_within(stay.span, whole_day, shift) for stay in there for shift in (*shifts, *others))
    return DayAdherence(
        agent_id=agent_id,
        day=day,
        scheduled_s=sum(shift.seconds for shift in due),
        present_s=present,
        break_s=on_break,
        overdue_s=overdue,
        late_s=late,
        left_early_s=early,
        outside_s=max(0.0, worked - in_shift),
    )


def _overdue(breaks: Iterable[Stay], shift: Span, allowances: Mapping[str, float]) -> float:
    """Seconds of breaks within the shift that are more than is allowed in it."""
    used: dict[str, float] = {}
    for stay in breaks:
        used[stay.reason] = used.get(stay.reason, 0.0) + stay.span.common(shift)
    allowed = {SIGNED_IN: GRACE.total_seconds(), **allowances}
    return sum(max(0.0, seconds - allowed[reason]) for reason, seconds in used.items() if reason in allowed)


def _within(stay: Span, day: Span, shift: Span) -> float:
    """Seconds of a stay that lie in the day and in the shift."""
    shared = min(stay.ends, day.ends, shift.ends) - max(stay.begins, day.begins, shift.begins)
    return max(0.0, shared.total_seconds())
