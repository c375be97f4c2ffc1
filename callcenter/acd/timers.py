"""Which things have something to do when. Pure: instants come from outside."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K", bound=str)


class Timers(Generic[K]):
    """One instant for each key, the earliest at hand. Setting again replaces, in O(log n).

    Keys of the same instant come in their own order, so that a restored desk does the same things in turn.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, K]] = []
        self._at: dict[K, datetime] = {}

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: K, at: datetime | None) -> None:
        """``at`` None: there is nothing to do."""
        if at is None:
            self._at.pop(key, None)
            return
        if self._at.get(key) == at:
            return
        self._at[key] = at
        heapq.heappush(self._heap, (at, key))
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._at):  # mostly replaced entries
            self._heap = [(due, name) for name, due in self._at.items()]
            heapq.heapify(self._heap)

    def earliest(self) -> datetime | None:
        while self._heap:
            at, key = self._heap[0]
            if self._at.get(key) == at:
                return at
            heapq.heappop(self._heap)
        return None

    def due(self, now: datetime) -> list[K]:
        """The keys whose time has come, in order of time; each is forgotten."""
        found: list[K] = []
        heap, set_at = self._heap, self._at
        while heap and heap[0][0] <= now:
            at, key = heapq.heappop(heap)
            if set_at.get(key) == at:  # else replaced or dropped meanwhile
                del set_at[key]
                found.append(key)
        return found
