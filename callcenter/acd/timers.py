"""Which things have something to do when. Pure: instants come from outside."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=str)
NEVER: Final = datetime.max.replace(tzinfo=UTC)


@lru_cache(maxsize=1024)
def span(seconds: float) -> timedelta:
    """Of a setting: the same few are asked for again with every call."""
    return timedelta(seconds=seconds)


class Timers(Generic[K]):
    """One instant for each key, the earliest at hand. Setting again replaces, in O(log n).

    Keys of the same instant come in their own order, so that a restored desk does the same things in turn.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, K]] = []
        self._at: dict[K, datetime] = {}
        self.earliest = NEVER
        """The first of them; asked before and after every command, so kept and not looked for."""

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: K, at: datetime | None) -> None:
        """``at`` None: there is nothing to do."""
        before = self._at.get(key)
        if at == before:
            return
        if at is None:
            del self._at[key]
        else:
            self._at[key] = at
            heapq.heappush(self._heap, (at, key))
            if at < self.earliest:
                self.earliest = at
        if before == self.earliest:
            self._look_ahead()
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._at):  # mostly replaced entries
            self._heap = [(due, name) for name, due in self._at.items()]
            heapq.heapify(self._heap)

    def _look_ahead(self) -> None:
        """Forget what was replaced or dropped, up to the first that stands."""
        heap, set_at = self._heap, self._at
        while heap and set_at.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        self.earliest = heap[0][0] if heap else NEVER

    def due(self, now: datetime) -> list[K]:
        """The keys whose time has come, in order of time; each is forgotten."""
        found: list[K] = []
        if now < self.earliest:
            return found
        heap, set_at = self._heap, self._at
        while heap and heap[0][0] <= now:
            at, key = heapq.heappop(heap)
            if set_at.get(key) == at:  # else replaced or dropped meanwhile
                del set_at[key]
                found.append(key)
        self._look_ahead()
        return found
