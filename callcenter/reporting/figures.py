"""The service figures of anything: counts that add up, and the rates made of them. Pure.

``definitions.py`` says them in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

SERVICE_LEVEL_S: Final = 20.0
"""For queues that are no longer defined, and for all queues together: the trade's 80/20."""
SERVICE_TARGET: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """One queue's, hotline's or hour's figures, or (``queue`` empty) all callers'. Everything kept is a count or a sum:
    a total is the sum of its rows, and its rates are made anew. Rates are None while there is nothing to rate."""

    queue: str = ""
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    flowed_out: int = 0
    """Left the line otherwise: by a key, by overflow into the flow, to voicemail."""
    waiting: int = 0
    waiting_late: int = 0
    """Of those waiting, who already wait for longer than the service level's seconds."""
    in_time: int = 0
    answered_wait_s: float = 0.0
    longest_s: float = 0.0
    """The longest wait of anybody, whatever became of them."""
    calls: int = 0
    """That came in, whether or not they reached a queue."""
    refused: int = 0
    menu: int = 0
    """Ended in the menu, without a queue."""
    handled: int = 0
    """Stays that an agent answered: what the times below are spread over."""
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_s: float = 0.0
    ratings: int = 0
    score: int = 0
    outbound: int = 0
    reached: int = 0

    @property
    def offered(self) -> int:
        """Callers who entered the queue, without short abandons."""
        return self.answered + self.abandoned + self.flowed_out + self.waiting

    @property
    def connect_rate(self) -> float | None:
        """answered / (offered - waiting): a caller whose wait lasts counts for nothing yet."""
        return _over(self.answered, self.offered - self.waiting)

    @property
    def service_level(self) -> float | None:
        """Share answered within the level's seconds, of all whose fate is known:
        in_time / (answered + abandoned + flowed out + waiting for longer than the level's seconds)."""
        return _over(self.in_time, self.due)

    @property
    def due(self) -> int:
        """What the service level is a share of."""
        return self.offered - self.waiting + self.waiting_late

    @property
    def abandon_rate(self) -> float | None:
        """abandoned / (offered - waiting)."""
        return _over(self.abandoned, self.offered - self.waiting)

    @property
    def asa_s(self) -> float | None:
        """Average speed of answer: mean seconds from entering the queue to the conversation, of the answered."""
        return _over(self.answered_wait_s, self.answered)

    @property
    def aht_s(self) -> float | None:
        """Average handle time: seconds of talk, hold and wrap-up for each answered stay."""
        return _over(self.talk_s + self.hold_s + self.wrap_s, self.handled)

    def shown(self) -> dict[str, Any]:
        """As JSON; rates from 0 to 1."""
        return {
            "queue": self.queue,
            "offered": self.offered,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "short_abandoned": self.short_abandoned,
            "flowed_out": self.flowed_out,
            "connect_rate": rounded(self.connect_rate),
            "service_level": rounded(self.service_level),
            "asa_s": rounded(self.asa_s, 1),
        }

    def report(self) -> dict[str, Any]:
        """All of it, as JSON; by the names of ``definitions.py``."""
        return {
            "calls": self.calls,
            "refused": self.refused,
            "menu": self.menu,
            "offered": self.offered,
            "answered": self.answered,
            "in_time": self.in_time,
            "due": self.due,
            "abandoned": self.abandoned,
            "short_abandoned": self.short_abandoned,
            "flowed_out": self.flowed_out,
            "waiting": self.waiting,
            "connect_rate": rounded(self.connect_rate),
            "abandon_rate": rounded(self.abandon_rate),
            "service_level": rounded(self.service_level),
            "asa_s": rounded(self.asa_s, 1),
            "longest_s": round(self.longest_s, 1) if self.offered or self.short_abandoned else None,
            "aht_s": rounded(self.aht_s, 1),
            "talk_s": rounded(_over(self.talk_s, self.handled), 1),
            "hold_s": rounded(_over(self.hold_s, self.handled), 1),
            "wrap_s": rounded(_over(self.wrap_s, self.handled), 1),
            "rating": rounded(_over(self.score, self.ratings), 2),
            "ratings": self.ratings,
            "outbound": self.outbound,
            "reached": self.reached,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFigures:
    """What one agent, or all of them, did in a stretch of time. Seconds are exact parts of it; counts add up."""

    answered: int = 0
    offers: int = 0
    missed: int = 0
    """Offers that rang in vain."""
    transfers: int = 0
    outbound: int = 0
    reached: int = 0
    ratings: int = 0
    score: int = 0
    staffed_s: float = 0.0
    """In any state but offline."""
    ready_s: float = 0.0
    ring_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_s: float = 0.0
    break_s: float = 0.0
    lost_s: float = 0.0
    """Set aside because offers rang in vain."""

    @property
    def handle_s(self) -> float:
        return self.talk_s + self.hold_s + self.wrap_s

    @property
    def aht_s(self) -> float | None:
        """(talk + hold + wrap-up) / (answered + calls of their own that were answered)."""
        return _over(self.handle_s, self.answered + self.reached)

    @property
    def occupancy(self) -> float | None:
        """(talk + hold + wrap-up) / (the same + ready + ringing): breaks count for nothing."""
        return _over(self.handle_s, self.handle_s + self.ready_s + self.ring_s)

    def report(self) -> dict[str, Any]:
        """As JSON; by the names of ``definitions.py``. Times are sums, in seconds."""
        return {
            "answered": self.answered,
            "offers": self.offers,
            "missed": self.missed,
            "transfers": self.transfers,
            "outbound": self.outbound,
            "reached": self.reached,
            "aht_s": rounded(self.aht_s, 1),
            "occupancy": rounded(self.occupancy),
            "staffed_s": round(self.staffed_s),
            "ready_s": round(self.ready_s),
            "ring_s": round(self.ring_s),
            "talking_s": round(self.talk_s),
            "holding_s": round(self.hold_s),
            "wrapping_s": round(self.wrap_s),
            "break_s": round(self.break_s),
            "lost_s": round(self.lost_s),
            "rating": rounded(_over(self.score, self.ratings), 2),
            "ratings": self.ratings,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFigures:
    """What agents wrote."""

    written: int = 0
    cases: int = 0
    """Of these, with a case opened."""
    handled: int = 0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_s: float = 0.0

    def report(self, of: int) -> dict[str, Any]:
        """As JSON; ``of``: all that were written, to tell the share."""
        return {
            "written": self.written,
            "share": rounded(_over(self.written, of)),
            "cases": self.cases,
            "aht_s": rounded(_over(self.talk_s + self.hold_s + self.wrap_s, self.handled), 1),
            "talk_s": rounded(_over(self.talk_s, self.handled), 1),
            "hold_s": rounded(_over(self.hold_s, self.handled), 1),
            "wrap_s": rounded(_over(self.wrap_s, self.handled), 1),
        }


_LARGEST: Final = frozenset({"longest_s"})


Figures = TypeVar("Figures", ServiceFigures, AgentFigures, OutcomeFigures)


def total(kind: type[Figures], rows: Iterable[Figures]) -> Figures:
    """The rows together: counts and seconds are summed, the longest is the longest of all."""
    listed = list(rows)
    made: dict[str, Any] = {}
    for field in fields(kind):
        values = [getattr(row, field.name) for row in listed]
        if field.name != "queue":
            made[field.name] = max(values, default=0.0) if field.name in _LARGEST else sum(values)
    return kind(**made)


def _over(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
