"""A line of waiting calls in the order in which they are served. Pure."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from callcenter.acd.messages import CallQueued
from callcenter.ids import AgentId, CallId, OfferId


@dataclass(slots=True)
class WaitingCall:
    """A call in a queue. ``offer`` is the one offer it may hold; ``missed_by`` those who let it ring."""

    request: CallQueued
    number: int
    """Order of arrival at the desk: settles equal priorities and instants."""
    offer: OfferId | None = None
    missed_by: set[AgentId] = field(default_factory=set)
    expires_at: datetime | None = None
    announce_at: datetime | None = None

    @property
    def key(self) -> tuple[int, float, int]:
        """Serving order: higher priority, then longer wait, then arrival."""
        return (-self.request.priority, self.request.since.timestamp(), self.number)


class Line:
    """One queue's calls, kept in serving order."""

    def __init__(self) -> None:
        self._order: list[tuple[tuple[int, float, int], CallId]] = []
        self._calls: dict[CallId, WaitingCall] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[WaitingCall]:
        return (self._calls[call_id] for _, call_id in self._order)

    def add(self, call: WaitingCall) -> None:
        self._calls[call.request.call_id] = call
        insort(self._order, (call.key, call.request.call_id))

    def remove(self, call_id: CallId) -> None:
        call = self._calls.pop(call_id)
        self._order.remove((call.key, call_id))

    def position(self, call_id: CallId) -> int:
        """1 is next."""
        return self._order.index((self._calls[call_id].key, call_id)) + 1
