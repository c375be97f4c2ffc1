"""Which trunk a call outside takes, and which next when that one fails. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callcenter.trunks.model import Trunk

NO_WAY: Final = frozenset({6, 25, 27, 34, 38, 41, 42, 43, 44, 47, 58, 66, 88, 96, 102, 111, 127})
"""Q.850 causes that speak of the way: out of order, congestion, no channel, the carrier's time-out. Busy (17), no
answer (19), refused (21) and the like are answers: nobody is called again over another carrier for them."""
NO_SUCH_NUMBER: Final = frozenset({1, 2, 3, 20})
"""What carriers say of numbers they cannot reach, too: the next is tried, but this one is not blamed."""
_NO_RESPONSE: Final = 18


class Ending(StrEnum):
    """What the end of a call that we made says of its trunk."""

    WENT = "went"
    NOT_HERE = "not_here"
    FAILED = "failed"


def ending(cause: int, *, rang: bool, answered: bool) -> Ending:
    """From the Q.850 cause of the leg's end, and from whether it had rung or been answered."""
    if rang or answered:
        return Ending.WENT
    if cause in NO_WAY or cause == _NO_RESPONSE:
        return Ending.FAILED
    return Ending.NOT_HERE if cause in NO_SUCH_NUMBER else Ending.WENT


class Health(StrEnum):
    UP = "up"
    UNKNOWN = "unknown"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A trunk at this moment."""

    trunk: Trunk
    health: Health = Health.UP
    in_service: bool = True
    in_use: int = 0

    @property
    def free(self) -> bool:
        """A call that we make never takes a reserved line: they are for callers."""
        return not self.trunk.max_lines or self.in_use < self.trunk.max_lines - self.trunk.reserve


def route(number: str, candidates: Iterable[Candidate], spread: str, own: str = "") -> list[Trunk]:
    """The trunks to try for a number (as dialled), best first; none when all are down, full or closed to it.

    By health (one that has not answered yet goes last), then ``own``, the trunk of the hotline that is shown: its
    carrier takes that number as the caller's, others may not. Then by priority, cost and weight: ``spread`` (the
    call's id) decides, so that the same call always gets the same order and many calls are shared in proportion.
    """
    usable = [
        one
        for one in candidates
        if one.in_service and one.health is not Health.DOWN and one.free and one.trunk.fits(number)
    ]
    usable.sort(
        key=lambda one: (
            one.health is Health.UNKNOWN,
            one.trunk.name != own,
            one.trunk.priority,
            one.trunk.cost,
            _lot(spread, one.trunk),
            one.trunk.name,
        )
    )
    return [one.trunk for one in usable]


def _lot(spread: str, trunk: Trunk) -> float:
    """Weighted rendezvous hashing: smallest wins, each trunk with its weight's share."""
    drawn = int.from_bytes(hashlib.sha256(f"{spread}/{trunk.name}".encode()).digest()[:8])
    return -math.log((drawn + 1) / (2**64 + 1)) / trunk.weight
