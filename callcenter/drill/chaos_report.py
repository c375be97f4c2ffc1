"""What was lost when a part died, and how long it took. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("service", "postgres", "ari", "asterisk", "trunk", "browser")
GAP_ALLOWED_MS = 200.0
"""At either end, of a conversation that must run on. Measured undisturbed on a busy machine: up to some 100 ms."""
READY_ALLOWED_S = {"service": 3.0, "postgres": 10.0, "ari": 5.0, "asterisk": 10.0, "trunk": 90.0, "browser": 3.0}
"""``ready_s`` at most."""
_ORDER_TOLERANCE_S = 0.05
"""Decisions of one moment are written down by each call for itself."""


@dataclass(slots=True, kw_only=True)
class ChaosReport:
    kind: str
    calls: int = 0
    up: dict[str, int] = field(default_factory=dict)
    """What the calls were doing when it struck."""
    cut: int = 0
    """Calls that the fault itself must end (Asterisk's, when Asterisk dies); each must be closed in the records."""
    lost_calls: int = 0
    """Calls beyond those that did not come to their ordinary end."""
    lost_consultations: int = 0
    """Agents who asked a colleague when it struck, and did not afterwards."""
    double_offers: int = 0
    order_kept: bool = True
    """Those who waited were served in the order in which they began to wait."""
    lost_records: int = 0
    """Contacts that are missing or open; outcomes and recordings that answered calls lack."""
    media_gap_ms: dict[str, float] = field(default_factory=dict)
    """``max``: the longest time without the other's tone at either end of a conversation from the strike on until
    all was well again; ``undisturbed``: the same before the strike."""
    away_s: float | None = None
    """From the strike until ready."""
    ready_s: float | None = None
    """From the moment when the part began to come back until ready."""
    leftover_channels: int = 0
    leftover_bridges: int = 0
    leftover_agents: int = 0
    service: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was lost beyond what the fault itself must end."""
        return (
            self.calls > 0
            and self.order_kept
            and self.ready_s is not None
            and self.ready_s <= READY_ALLOWED_S[self.kind]
            and self.media_gap_ms.get("max", 0.0) <= GAP_ALLOWED_MS
            and not self.media_gap_ms.get("silent_ends")
            and not any(
                (
                    self.lost_calls,
                    self.lost_consultations,
                    self.double_offers,
                    self.lost_records,
                    self.leftover_channels,
                    self.leftover_bridges,
                    self.leftover_agents,
                )
            )
        )

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


def overtaken(waits: Sequence[tuple[float, float]]) -> list[str]:
    """(began to wait, was offered) of each caller: in words, who was served clearly before one who waited longer."""
    found, latest, earlier = [], 0.0, 0.0
    for since, rang in sorted(waits):
        if rang < latest - _ORDER_TOLERANCE_S:
            found.append(
                f"a caller who began to wait {since - earlier:.2f} s later was served {latest - rang:.2f} s earlier"
            )
        if rang > latest:
            latest, earlier = rang, since
    return found
