"""Which things have something to do when. Pure: instants come from outside."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Timers(Generic[K]):
    """One instant for each key, the earliest at hand. Setting again replaces, in O(log n)."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, K]] = []
        self._at: dict[K, tuple[datetime, int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: K, at: datetime | None) -> None:
        """``at`` None: there is nothing to do."""
        if at is None:
            self._at.pop(key, None)
            return
        known = self._at.get(key)
        if known is not None and known[0] == at:
            return
        self._count += 1
        self._at[key] = (at, self._count)
        heapq.heappush(self._heap, (at, self._count, key))
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._at):  # mostly replaced entries
            self._heap = [(due, number, name) for name, (due, number) in self._at.items()]
            heapq.heapify(self._heap)

    def earliest(self) -> datetime | None:
        while self._heap:
            at, number, key = self._heap[0]
            if self._at.get(key) == (at, number):
                return at
            heapq.heappop(self._heap)
        return None

    def due(self, now: datetime) -> list[K]:
        """The keys whose time has come, in order of time; each is forgotten."""
        found: list[K] = []
        while (at := self.earliest()) is not None and at <= now:
            _, _, key = heapq.heappop(self._heap)
            del self._at[key]
            found.append(key)
        return found
