"""The supervisors' own telephones: which are registered, and which are still held by a leg."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(slots=True)
class Telephones:
    online: set[str] = field(default_factory=set)
    engaged: dict[str, str] = field(default_factory=dict)
    """Seat → the leg that was dialled to it and is not down yet. A telephone that is rung meanwhile is busy."""

    def free(self, seat: str) -> bool:
        """It can be rung."""
        return seat in self.online and seat not in self.engaged

    def registered(self, seat: str, *, online: bool) -> None:
        (self.online.add if online else self.online.discard)(seat)

    def dialled(self, seat: str, leg: str) -> None:
        self.engaged[seat] = leg

    def down(self, leg: str) -> str | None:
        """The leg is gone: the seat that it held."""
        seat = next((seat for seat, engaged in self.engaged.items() if engaged == leg), None)
        if seat is not None:
            del self.engaged[seat]
        return seat

    def listed(self, online: Collection[str], channels: Collection[str]) -> None:
        """All that Asterisk has."""
        self.online = set(online)
        self.engaged = {seat: leg for seat, leg in self.engaged.items() if leg in channels}
