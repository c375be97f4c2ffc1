"""What a drill found. Every figure is counted from what callers, phones, pages, the database or Asterisk say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from callcenter.drill.phone import Talk

_OVERLAP_S = 0.05
"""A phone may learn this late that it rings no more."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds; None when there was nothing to measure."""

    p50: float | None
    p99: float | None
    n: int


def spread(values_ms: Iterable[float]) -> Spread:
    """Percentiles by the nearest rank."""
    ordered = sorted(values_ms)
    if not ordered:
        return Spread(None, None, 0)

    def at(share: float) -> float:
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)

    return Spread(at(0.5), at(0.99), len(ordered))


@dataclass(slots=True, kw_only=True)
class DrillReport:
    """``answer_ms``: a caller's INVITE until the hotline answers. ``offer_ms``: the desk's offer until the agent's
    telephone has the INVITE. ``pop_lead_ms``: how long before that INVITE the pop was on the page. ``bridge_ms``:
    the telephone is picked up until the page shows the conversation. ``handover_ms``: an agent's telephone is
    hung up until it has the INVITE of a caller who was waiting by then."""

    placed: int = 0
    answered: int = 0
    failed: int = 0
    lost_calls: int = 0
    """Calls that did not come to their ordinary end: not answered, cut, or unknown to the database."""
    recorded: int = 0
    outcomes: int = 0
    silent: int = 0
    """Conversations in which the agent's telephone never heard the caller's tone."""
    double_offers: int = 0
    pop_before_ring: int = 0
    """Rings for which the pop was on the page before; must be ``rings``."""
    rings: int = 0
    leftover_channels: int = 0
    leftover_bridges: int = 0
    leftover_agents: int = 0
    """Agents who are not ready again after the last call."""
    answer_ms: Spread = field(default_factory=lambda: spread(()))
    offer_ms: Spread = field(default_factory=lambda: spread(()))
    pop_lead_ms: Spread = field(default_factory=lambda: spread(()))
    bridge_ms: Spread = field(default_factory=lambda: spread(()))
    handover_ms: Spread = field(default_factory=lambda: spread(()))
    media_gap_ms: dict[str, float] = field(default_factory=dict)
    """Longest time without the caller's tone within one conversation, at the agents' telephones."""
    service: dict[str, float] = field(default_factory=dict)
    """The service's process meanwhile: ``cpu_percent`` of one core, ``rss_mb`` at the end; empty where it is not on
    this machine."""
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was lost, doubled or left over."""
        return (
            self.placed > 0
            and self.answered == self.recorded == self.outcomes == self.placed
            and self.pop_before_ring == self.rings
            and not any(
                (
                    self.failed,
                    self.lost_calls,
                    self.silent,
                    self.double_offers,
                    self.leftover_channels,
                    self.leftover_bridges,
                    self.leftover_agents,
                )
            )
        )

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


def doubled(talks: Sequence[Talk]) -> int:
    """How often two telephones rang or talked for one caller at the same time."""
    by_caller: dict[str, list[Talk]] = defaultdict(list)
    for talk in talks:
        by_caller[talk.caller].append(talk)
    found = 0
    for mine in by_caller.values():
        mine.sort(key=lambda talk: talk.invited_at)
        for before, after in pairwise(mine):
            found += before.ended_at is None or after.invited_at < before.ended_at - _OVERLAP_S
    return found


def handovers_ms(talks: Sequence[Talk], waiting_since: dict[str, float]) -> list[float]:
    """From a telephone's hang-up to its next INVITE, where that caller was waiting by then (epoch seconds)."""
    by_seat: dict[str, list[Talk]] = defaultdict(list)
    for talk in talks:
        by_seat[talk.seat].append(talk)
    found = []
    for mine in by_seat.values():
        mine.sort(key=lambda talk: talk.invited_at)
        for before, after in pairwise(mine):
            since, free = waiting_since.get(after.caller), before.ended_wall
            if since is not None and free is not None and since < free:
                found.append((after.invited_wall - free) * 1000)
    return found
