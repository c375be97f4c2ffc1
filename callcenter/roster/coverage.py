"""How many are on the roster in each quarter of an hour, against how many there must be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from itertools import accumulate
from typing import Final

from callcenter.acd.model import AgentProfile
from callcenter.roster.shifts import Span

QUARTER: Final = timedelta(minutes=15)
Whose = tuple[str, str, int]
"""Whom minimums count: those of a queue, with a skill, at that level or better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """At least ``need`` agents from ``begins`` to ``ends`` (wall clock; at or before it: over midnight)."""

    begins: time
    ends: time
    need: int
    queue: str = ""
    """Empty: whatever they serve."""
    skill: str = ""
    level: int = 1
    """The least level of that skill."""

    @property
    def whose(self) -> Whose:
        return self.queue, self.skill, self.level if self.skill else 1

    def applies(self, wall: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= wall < self.ends
        return wall >= self.begins or wall < self.ends


HOUSE_MINIMUMS: Final = (
    Minimum(begins=time(8), ends=time(20), need=8),
    Minimum(begins=time(20), ends=time(8), need=2),
)
"""Eight by day, two through the night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """An agent as far as coverage cares."""

    agent_id: str
    name: str = ""
    queues: frozenset[str] = frozenset()
    skills: Mapping[str, int] = field(default_factory=dict)

    def counts_for(self, minimum: Minimum) -> bool:
        if minimum.queue and minimum.queue not in self.queues:
            return False
        return not minimum.skill or self.skills.get(minimum.skill, 0) >= minimum.level


def worker_of(profile: AgentProfile) -> Worker:
    """An agent at the desk."""
    return Worker(agent_id=profile.agent_id, name=profile.name, queues=frozenset(profile.queues), skills=profile.skills)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """All minimums for the same people over a stretch of time, a number for each of its quarters of an hour."""

    queue: str
    skill: str
    level: int
    need: tuple[int, ...]
    """The highest of the minimums; 0 where none applies."""
    have: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """One quarter of an hour under one minimum."""

    at: datetime
    minimum: Minimum
    have: int

    @property
    def missing(self) -> int:
        return max(0, self.minimum.need - self.have)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A stretch of quarters in a row in which a minimum is not kept."""

    minimum: Minimum
    span: Span
    have: int
    """The fewest there are in it."""

    @property
    def missing(self) -> int:
        return self.minimum.need - self.have


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortNow:
    """A minimum that is not kept at this moment by those who are here."""

    minimum: Minimum
    here: int


def quarters(span: Span) -> list[datetime]:
    """The instants at which quarters begin, from the first whole one in the span."""
    first = _ceil(span.begins)
    return [first + QUARTER * n for n in range(max(0, (span.ends - first) // QUARTER))]


def next_quarter(at: datetime) -> datetime:
    """The first instant after ``at`` at which a quarter begins."""
    return _ceil(at + timedelta(microseconds=1))


def _ceil(at: datetime) -> datetime:
    over = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at if not over else at - over + QUARTER


def coverage(
    spans: Iterable[tuple[str, Span]],
    workers: Mapping[str, Worker],
    minimums: Sequence[Minimum],
    within: Span,
    zone: tzinfo,
) -> tuple[Quarter, ...]:
    """Each quarter under each minimum that applies to it, in order of time. ``spans``: (agent id, shift); who is
    not among ``workers`` counts for nothing. Only whole quarters count: who comes at 8:05 is there from 8:15."""
    at = quarters(within)
    have = _headcounts(at, spans, workers, minimums)
    return tuple(
        Quarter(at=instant, minimum=minimum, have=have[minimum.whose][n])
        for n, instant in enumerate(at)
        for minimum in minimums
        if minimum.applies(instant.astimezone(zone).time())
    )


def tracks(
    spans: Iterable[tuple[str, Span]],
    workers: Mapping[str, Worker],
    minimums: Sequence[Minimum],
    within: Span,
    zone: tzinfo,
) -> tuple[Track, ...]:
    """The same put together by whom it counts, in order of queue, skill and level."""
    at = quarters(within)
    walls = [instant.astimezone(zone).time() for instant in at]
    found = []
    for whose, have in sorted(_headcounts(at, spans, workers, minimums).items()):
        asked = [one for one in minimums if one.whose == whose]
        need = (max((one.need for one in asked if one.applies(wall)), default=0) for wall in walls)
        queue, skill, level = whose
        found.append(Track(queue=queue, skill=skill, level=level, need=tuple(need), have=tuple(have)))
    return tuple(found)


def _headcounts(
    at: Sequence[datetime],
    spans: Iterable[tuple[str, Span]],
    workers: Mapping[str, Worker],
    minimums: Iterable[Minimum],
) -> dict[Whose, list[int]]:
    """For each kind of people whom minimums count: how many are on the roster in each of these quarters, which
    follow each other."""
    kinds = {minimum.whose: minimum for minimum in minimums}
    change = {whose: [0] * (len(at) + 1) for whose in kinds}
    for agent_id, span in spans:
        worker = workers.get(agent_id)
        if worker is None or not at:
            continue
        first = max(0, -((at[0] - span.begins) // QUARTER))
        last = min(len(at), (span.ends - at[0]) // QUARTER)
        if first >= last:
            continue
        for whose, minimum in kinds.items():
            if worker.counts_for(minimum):
                change[whose][first] += 1
                change[whose][last] -= 1
    return {whose: list(accumulate(steps[:-1])) for whose, steps in change.items()}


def shortfalls(covered: Iterable[Quarter]) -> tuple[Shortfall, ...]:
    """Where minimums are not kept, quarters in a row put together, in order of time."""
    open_: dict[Minimum, Shortfall] = {}
    found: list[Shortfall] = []
    for quarter in covered:
        running = open_.get(quarter.minimum)
        if running is not None and (not quarter.missing or running.span.ends != quarter.at):
            found.append(open_.pop(quarter.minimum))
            running = None
        if not quarter.missing:
            continue
        begins = running.span.begins if running else quarter.at
        have = min(running.have, quarter.have) if running else quarter.have
        open_[quarter.minimum] = Shortfall(minimum=quarter.minimum, span=Span(begins, quarter.at + QUARTER), have=have)
    return tuple(sorted([*found, *open_.values()], key=lambda short: (short.span, short.minimum.need)))


def within(shorts: Iterable[Shortfall], begins: datetime, ends: datetime) -> tuple[Shortfall, ...]:
    """Those that lie in a stretch of time at least in part, whole: where one began does not move with the clock."""
    return tuple(one for one in shorts if one.span.begins < ends and one.span.ends > begins)


def short_now(here: Iterable[Worker], minimums: Iterable[Minimum], now: datetime, zone: tzinfo) -> tuple[ShortNow, ...]:
    """What those who are here leave uncovered; of several minimums for the same people the highest."""
    here = tuple(here)
    counts = ((one, sum(worker.counts_for(one) for worker in here)) for one in minimums_at(minimums, now, zone))
    return tuple(ShortNow(minimum=one, here=count) for one, count in counts if count < one.need)


def minimums_at(minimums: Iterable[Minimum], now: datetime, zone: tzinfo) -> tuple[Minimum, ...]:
    """Those that apply at an instant; of several for the same people the highest."""
    wall = now.astimezone(zone).time()
    asked: dict[Whose, Minimum] = {}
    for one in minimums:
        if one.applies(wall) and (one.whose not in asked or asked[one.whose].need < one.need):
            asked[one.whose] = one
    return tuple(one for _, one in sorted(asked.items()))


def needed_at(minimums: Iterable[Minimum], now: datetime, zone: tzinfo) -> int:
    """How many agents of any kind there must be at an instant."""
    return max((one.need for one in minimums_at(minimums, now, zone) if not one.queue and not one.skill), default=0)
