"""How much of their time those on the roster cannot take calls: shrinkage, and what it adds to the agents needed. Pure.

In two parts, each a share of its own whole: *out of office*, of the time rostered, in which they were not logged on
(sick, late, gone early), and *in office*, of the time logged on, in which no call could come (meals, rest, meetings,
training, paperwork, offers that rang in vain). Leave that is planned is off the roster already and in neither.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callcenter.reporting.forecast import HALF_HOURS

LARGEST: Final = 0.5
"""No part is believed to be more, nor any half hour's: a roster that nobody keeps to would ask for a crowd."""
IN_OFFICE: Final = 0.15
"""Where neither records nor the house say: an hour of meal and two rests of a long shift, and a little besides."""
OUT_OF_OFFICE: Final = 0.05
AT_WORK_DAYS: Final = 7
AT_WORK_S: Final = 100 * 3600.0
"""So many days and seconds logged on are enough to tell how much of them are breaks."""
ROSTERED_DAYS: Final = 28
ROSTERED_S: Final = 500 * 3600.0
"""People are seldom sick: it takes longer to know how often."""
_WEIGHS_S: Final = 20 * 3600.0
"""A half hour of the day with so many seconds on record stands midway between the whole day's share and its own."""


class Source(StrEnum):
    """What a share was taken from."""

    MEASURED = "measured"
    HOUSE = "house"
    """A supervisor entered it."""
    DEFAULT = "default"
    """There is too little on record, or it cannot be believed, and nobody entered one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the house entered, 0 … :data:`LARGEST`; None: take the records."""

    in_office: float | None = None
    out_of_office: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is on record of the weeks before."""

    days: int = 0
    """On which somebody was logged on."""
    at_work_s: Sequence[float] = (0.0,) * HALF_HOURS
    """Logged on, by half hour of the site's day."""
    away_s: Sequence[float] = (0.0,) * HALF_HOURS
    """Of it, where no call could come."""
    reasons_s: Mapping[str, float] = field(default_factory=dict)
    """The same by reason."""
    rostered_days: int = 0
    """On which a shift began."""
    rostered_s: float = 0.0
    """In shifts; those of who fell sick counted back in."""
    missed_s: float = 0.0
    """Of it, not logged on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    share: float
    """0 … :data:`LARGEST`."""
    source: Source
    measured: float | None
    """What the records say, used or not; None: too little is on record."""
    days: int
    """On record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinkage:
    in_office: Part
    out_of_office: Part
    by_half_hour: tuple[float, ...]
    """In office, for each half hour of the site's day."""
    reasons: Mapping[str, float]
    """Measured, share of the time logged on."""

    def of(self, half_hour: int) -> float:
        """Of the time rostered, both parts together."""
        return 1 - (1 - self.out_of_office.share) * (1 - self.by_half_hour[half_hour])

    @property
    def whole(self) -> float:
        """The same over the day."""
        return 1 - (1 - self.out_of_office.share) * (1 - self.in_office.share)


def scheduled(productive: int, shrinkage: float) -> int:
    """How many must be on the roster so that ``productive`` can take calls: productive / (1 - shrinkage), rounded up.

    P. Reynolds, *The Essentials of Staff Shrinkage* (SWPP On Target, fall 2016); B. Cleveland's rostered staff factor
    (*Where is Everybody?*, ICMI 2008) is the same by half hour, and like it takes the share away to be what it was.
    """
    return math.ceil(productive / (1 - shrinkage) - 1e-9)


def shrinkage(recorded: Recorded, given: Given) -> Shrinkage:
    """What the house entered goes before what was measured, and that before the default."""
    at_work_s, away_s = sum(recorded.at_work_s), sum(recorded.away_s)
    known = recorded.days >= AT_WORK_DAYS and at_work_s >= AT_WORK_S
    inside = _part(away_s / at_work_s if known else None, given.in_office, IN_OFFICE, recorded.days)
    enough = recorded.rostered_days >= ROSTERED_DAYS and recorded.rostered_s >= ROSTERED_S
    absent = recorded.missed_s / recorded.rostered_s if enough else None
    by_half_hour = tuple(
        min(LARGEST, (away + inside.share * _WEIGHS_S) / (at_work + _WEIGHS_S))
        for away, at_work in zip(recorded.away_s, recorded.at_work_s, strict=True)
    )
    return Shrinkage(
        in_office=inside,
        out_of_office=_part(absent, given.out_of_office, OUT_OF_OFFICE, recorded.rostered_days),
        by_half_hour=by_half_hour if inside.source is Source.MEASURED else (inside.share,) * HALF_HOURS,
        reasons={reason: seconds / at_work_s for reason, seconds in recorded.reasons_s.items()} if known else {},
    )


def _part(measured: float | None, given: float | None, default: float, days: int) -> Part:
    if given is not None:
        return Part(share=given, source=Source.HOUSE, measured=measured, days=days)
    if measured is not None and measured <= LARGEST:
        return Part(share=measured, source=Source.MEASURED, measured=measured, days=days)
    return Part(share=default, source=Source.DEFAULT, measured=measured, days=days)
