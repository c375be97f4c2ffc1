"""How many agents the forecast asks for, against how many are on the roster. Pure.

A minimum is law, and whoever falls short of it is told loudly (:mod:`callcenter.roster.coverage`). What is here is
advice: where the minimums are kept and the callers expected would still wait for too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from itertools import groupby

from callcenter.roster.coverage import QUARTER, Minimum, Track, Worker, quarters, tracks
from callcenter.roster.shifts import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Agents asked for by the callers expected in a queue, or (``queue`` empty) in all of them together."""

    queue: str = ""
    days: Mapping[date, Sequence[int]]
    """Of each of the site's days that is forecast, the agents to have on the roster for each half hour of its wall
    clock (48)."""
    on_calls: Mapping[date, Sequence[int]] = field(default_factory=dict)
    """How many of them the calls ask for; the others are for breaks and absence. Empty: all of them."""

    def at(self, instant: datetime, zone: tzinfo) -> int | None:
        """For this instant; None: its day is not forecast."""
        return _at(self.days, instant, zone)

    def over(self, within: Span, zone: tzinfo) -> tuple[int | None, ...]:
        """For each quarter of an hour of a stretch of time."""
        return tuple(self.at(instant, zone) for instant in quarters(within))

    def on_calls_over(self, within: Span, zone: tzinfo) -> tuple[int | None, ...]:
        """The same of those on calls."""
        return tuple(_at(self.on_calls or self.days, instant, zone) for instant in quarters(within))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thin:
    """A stretch of quarters in a row in which every minimum for these people is kept, and fewer are on the roster than
    the forecast asks for."""

    queue: str
    span: Span
    asked: int
    on_calls: int
    """How many of them the calls ask for."""
    have: int
    """All where most are missing."""
    agent_hours: float
    """How many are missing in all of it."""

    @property
    def missing(self) -> int:
        return self.asked - self.have


def _at(days: Mapping[date, Sequence[int]], instant: datetime, zone: tzinfo) -> int | None:
    wall = instant.astimezone(zone)
    asked = days.get(wall.date())
    return None if asked is None else asked[half_hour(wall)]


def half_hour(wall: datetime) -> int:
    """Which of the 48 of its day, by the clock on the wall."""
    return wall.hour * 2 + wall.minute // 30


def anyone_of(queue: str, need: int) -> Minimum:
    """A demand as one would write it as a minimum: so many of that queue, at any time."""
    return Minimum(begins=time(), ends=time(), need=need, queue=queue)


def thin_stretches(
    demands: Iterable[Demand],
    spans: Sequence[tuple[str, Span]],
    workers: Mapping[str, Worker],
    minimums: Iterable[Minimum],
    within: Span,
    zone: tzinfo,
) -> tuple[Thin, ...]:
    """Where a roster is thin, in order of time. ``spans``: (agent id, shift), as for ``coverage``.

    A quarter that falls short of a minimum for the same people is a shortfall, and not told a second time.
    """
    listed = list(minimums)
    found: list[Thin] = []
    for demand in demands:
        ours = [one for one in listed if (one.queue, one.skill) == (demand.queue, "")]
        (track,) = tracks(spans, workers, [*ours, anyone_of(demand.queue, 0)], within, zone)
        found += _of_track(track, demand, within, zone)
    return tuple(sorted(found, key=lambda one: (one.span, one.queue)))


def _of_track(track: Track, demand: Demand, within: Span, zone: tzinfo) -> Iterator[Thin]:
    """The stretches of one track, whose numbers are those of ``within``."""
    calls = demand.on_calls_over(within, zone)
    rows = zip(quarters(within), demand.over(within, zone), calls, track.have, track.need, strict=True)
    short = [
        (at, asked, on_calls or 0, have)
        for at, asked, on_calls, have, need in rows
        if asked is not None and need <= have < asked
    ]
    for _, group in groupby(enumerate(short), key=lambda entry: entry[1][0] - QUARTER * entry[0]):
        stretch = [entry for _, entry in group]
        _, asked, on_calls, have = max(stretch, key=lambda entry: entry[1] - entry[3])
        yield Thin(
            queue=demand.queue,
            span=Span(stretch[0][0], stretch[-1][0] + QUARTER),
            asked=asked,
            on_calls=on_calls,
            have=have,
            agent_hours=sum(wanted - there for _, wanted, _, there in stretch) * QUARTER.total_seconds() / 3600,
        )
