"""What was decided and why callers waited, kept for a while. Pure and bounded."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from callcenter.acd.messages import CallQueued, Decision
from callcenter.ids import CallId, OfferId
from callcenter.quick import maker

MAX_DECISIONS: Final = 5000
MAX_STORIES: Final = 5000
MAX_EVENTS: Final = 40
"""Of one story; the last ones are not kept."""

Detail = str | int | float


@dataclass(frozen=True, slots=True)
class WaitEvent:
    """Something that happened to a waiting call. Codes are those of :mod:`callcenter.acd.explain`."""

    at: datetime
    code: str
    details: Mapping[str, Detail]


_event: Final = maker(WaitEvent)


@dataclass(slots=True)
class WaitStory:
    """One wait from its beginning; ``ended_at`` None: it lasts."""

    request: CallQueued
    events: list[WaitEvent] = field(default_factory=list)
    ended_at: datetime | None = None

    def add(self, at: datetime, code: str, **details: Detail) -> None:
        if len(self.events) < MAX_EVENTS:
            self.events.append(_event(at, code, details))


class History:
    def __init__(self) -> None:
        self._decisions: deque[Decision] = deque(maxlen=MAX_DECISIONS)
        self._stories: OrderedDict[CallId, WaitStory] = OrderedDict()

    def begin(self, request: CallQueued) -> WaitStory:
        """A new wait; an earlier one of the same call gives way."""
        self._stories.pop(request.call_id, None)
        story = self._stories[request.call_id] = WaitStory(request)
        if len(self._stories) > MAX_STORIES:
            self._stories.popitem(last=False)
        return story

    def note(self, call_id: CallId, at: datetime, code: str, **details: Detail) -> None:
        story = self._stories.get(call_id)
        if story is not None:
            story.add(at, code, **details)

    def end(self, call_id: CallId, at: datetime, code: str, **details: Detail) -> None:
        story = self._stories.get(call_id)
        if story is not None and story.ended_at is None:
            story.ended_at = at
            story.events.append(_event(at, code, details))

    def decided(self, decision: Decision) -> None:
        self._decisions.append(decision)

    def story(self, call_id: CallId) -> WaitStory | None:
        return self._stories.get(call_id)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Oldest first."""
        return tuple(self._decisions)

    def decision(self, offer_id: OfferId) -> Decision | None:
        return next((d for d in reversed(self._decisions) if d.offer_id == offer_id), None)
