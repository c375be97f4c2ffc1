"""Kinds of shifts, who works which on which date, and what is wrong with a roster. Pure.

A shift belongs to the date it began on: the night of 31 March ends on 1 April and is still March's. Its times are
wall-clock times of the site; a day on which the clocks change makes it an hour shorter or longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Final

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftKind:
    code: str
    title: str
    title_en: str = ""
    begins: time
    """Wall-clock time of the site, without a zone."""
    ends: time
    """Before ``begins``: on the next day. Equal to it is no shift."""
    on_call: bool = False
    """Reachable, not on duty: counts for no minimum and makes nobody late."""

    @property
    def over_midnight(self) -> bool:
        return self.ends < self.begins


EARLY: Final = ShiftKind(code="early", title="早班", title_en="Early", begins=time(8), ends=time(20))
MIDDLE: Final = ShiftKind(code="middle", title="中班", title_en="Middle", begins=time(9), ends=time(21))
NIGHT: Final = ShiftKind(code="night", title="夜班", title_en="Night", begins=time(20), ends=time(8))
HOUSE: Final = (EARLY, MIDDLE, NIGHT)
"""The three shifts of the house."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``begins`` up to, without, ``ends``; aware UTC."""

    begins: datetime
    ends: datetime

    @property
    def seconds(self) -> float:
        return (self.ends - self.begins).total_seconds()

    def holds(self, at: datetime) -> bool:
        return self.begins <= at < self.ends

    def meets(self, other: Span) -> bool:
        return self.begins < other.ends and other.begins < self.ends

    def common(self, other: Span) -> float:
        """Seconds that both have."""
        shared = min(self.ends, other.ends) - max(self.begins, other.begins)
        return max(0.0, shared.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Assignment:
    agent_id: str
    day: date
    shift: str
    """Code of the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Whole days on which an agent does not work."""

    agent_id: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, in both languages. ``row`` is the line of the list it was found in, from 1."""

    code: str
    zh: str
    en: str
    row: int = 0


def instant(day: date, wall: time, zone: tzinfo) -> datetime:
    """A wall-clock time as aware UTC. Of an hour that comes twice it is the first; an hour that the clocks skip
    is counted on from before the change, as the ``datetime`` module does for ``fold=0``."""
    return datetime.combine(day, wall, zone).astimezone(UTC)


def span_of(kind: ShiftKind, day: date, zone: tzinfo) -> Span:
    """When the shift of this date begins and ends."""
    return Span(instant(day, kind.begins, zone), instant(day + DAY if kind.over_midnight else day, kind.ends, zone))


def day_span(day: date, zone: tzinfo) -> Span:
    """A whole date of the site: 23, 24 or 25 hours."""
    return Span(instant(day, time(), zone), instant(day + DAY, time(), zone))


def days(first: date, last: date) -> list[date]:
    """Both ends included."""
    return [first + DAY * n for n in range((last - first).days + 1)]


def check_kind(kind: ShiftKind) -> tuple[Problem, ...]:
    """What is wrong with a kind of shift."""
    if kind.begins == kind.ends:
        at = f"{kind.begins:%H:%M}"
        return (
            Problem(
                code="zero_length",
                zh=f"班次 {kind.code} 的开始和结束都是 {at}，长度为零",
                en=f"shift {kind.code} begins and ends at {at}: it has no length",
            ),
        )
    return ()


def check(
    assignments: Iterable[Assignment],
    kinds: Mapping[str, ShiftKind],
    agents: Mapping[str, str],
    zone: tzinfo,
    absences: Iterable[Absence] = (),
) -> tuple[Problem, ...]:
    """Everything that is wrong with a roster, not only the first thing. ``agents``: id → name of all there are."""
    problems: list[Problem] = []
    away: dict[str, list[Absence]] = defaultdict(list)
    for absence in absences:
        away[absence.agent_id].append(absence)
    placed: dict[str, list[tuple[Span, int, Assignment]]] = defaultdict(list)
    for row, one in enumerate(assignments, start=1):
        name = agents.get(one.agent_id)
        kind = kinds.get(one.shift)
        if name is None:
            problems.append(
                Problem(
                    code="unknown_agent",
                    zh=f"{one.day} 没有坐席 {one.agent_id}",
                    en=f"{one.day}: there is no agent {one.agent_id}",
                    row=row,
                )
            )
        if kind is None:
            known = ", ".join(sorted(kinds))
            problems.append(
                Problem(
                    code="unknown_shift",
                    zh=f"{one.day} 没有班次 {one.shift}；已有：{known}",
                    en=f"{one.day}: there is no shift {one.shift}; there are: {known}",
                    row=row,
                )
            )
        if name is None or kind is None:
            continue
        span = span_of(kind, one.day, zone)
        if span.begins >= span.ends:
            problems.append(
                Problem(
                    code="zero_length",
                    zh=f"{name} {one.day} 的班次 {one.shift} 长度为零",
                    en=f"{name}, {one.day}: shift {one.shift} has no length",
                    row=row,
                )
            )
            continue
        if any(absence.holds(one.day) for absence in away[one.agent_id]):
            problems.append(
                Problem(
                    code="on_leave",
                    zh=f"{name} {one.day} 休假，不能排 {kind.title}",
                    en=f"{name} is on leave on {one.day} and cannot work {kind.title_en or kind.title}",
                    row=row,
                )
            )
        placed[one.agent_id].append((span, row, one))
    for agent_id, found in placed.items():
        found.sort(key=lambda entry: (entry[0], entry[1]))
        furthest = found[0] if found else None
        for earlier, later in pairwise(found):
            if furthest is None or earlier[0].ends > furthest[0].ends:
                furthest = earlier
            if later[0].begins < furthest[0].ends:
                problems.append(_overlap(agents[agent_id], furthest[2], later[2], kinds, max(later[1], furthest[1])))
    return tuple(sorted(problems, key=lambda problem: problem.row))


def _overlap(name: str, first: Assignment, second: Assignment, kinds: Mapping[str, ShiftKind], row: int) -> Problem:
    a, b = kinds[first.shift], kinds[second.shift]
    return Problem(
        code="overlap",
        zh=f"{name}：{first.day} {a.title} 与 {second.day} {b.title} 时间重叠",
        en=f"{name}: {a.title_en or a.title} of {first.day} and {b.title_en or b.title} of {second.day} overlap",
        row=row,
    )
