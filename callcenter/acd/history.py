"""What was decided and why callers waited: all of those who wait, and the last of those who did. Pure and bounded.

What is over is kept for good by :mod:`callcenter.acd.archive`.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from callcenter.acd.messages import CallQueued, Decision, Detail, WaitEvent, WaitOver
from callcenter.ids import CallId, OfferId
from callcenter.quick import maker

MAX_DECISIONS: Final = 500
MAX_OVER: Final = 500
MAX_EVENTS: Final = 40
"""Of one story; the last ones are not kept."""

_CHANGES: Final = frozenset({"not_held", "moved", "missed", "withdrawn", "callback_failed", "asleep"})
"""After these a wait goes on for another reason than before."""

_event: Final = maker(WaitEvent)
_over: Final = maker(WaitOver)


@dataclass(slots=True)
class WaitStory:
    """One wait from its beginning; ``ended_at`` None: it lasts."""

    request: CallQueued
    events: list[WaitEvent] = field(default_factory=list)
    ended_at: datetime | None = None
    told: bool = False
    """Whether it is known why the call waits since the last thing that changed it."""

    def add(self, at: datetime, code: str, details: dict[str, Detail]) -> None:
        if len(self.events) < MAX_EVENTS:
            self.events.append(_event(at, code, details))
            if code in _CHANGES:
                self.told = False
            elif code == "nobody_free":
                self.told = True

    def restore(self, events: tuple[WaitEvent, ...]) -> None:
        """What happened in it before a restart."""
        for event in events:
            self.add(event.at, event.code, dict(event.details))


class History:
    def __init__(self) -> None:
        self._decisions: deque[Decision] = deque(maxlen=MAX_DECISIONS)
        self._lasting: dict[CallId, WaitStory] = {}
        self._over: OrderedDict[CallId, WaitStory] = OrderedDict()

    def begin(self, request: CallQueued) -> WaitStory:
        """A new wait; an earlier one of the same call gives way."""
        self._over.pop(request.call_id, None)
        story = self._lasting[request.call_id] = WaitStory(request)
        return story

    def asks_anew(self, request: CallQueued) -> None:
        """What a call that waits asks for is not what it was."""
        story = self._lasting.get(request.call_id)
        if story is not None:
            story.request = request

    def note(self, call_id: CallId, at: datetime, code: str, **details: Detail) -> None:
        story = self._lasting.get(call_id)
        if story is not None:
            story.add(at, code, details)

    def last(self, call_id: CallId) -> str:
        """What happened last in a wait that lasts."""
        story = self._lasting.get(call_id)
        return story.events[-1].code if story and story.events else ""

    def is_told(self, call_id: CallId) -> bool:
        """Whether it is known why a call waits since the last thing that changed it."""
        story = self._lasting.get(call_id)
        return story is None or story.told

    def events(self, call_id: CallId) -> tuple[WaitEvent, ...]:
        """Of a wait that lasts."""
        story = self._lasting.get(call_id)
        return tuple(story.events) if story else ()

    def end(self, call_id: CallId, at: datetime, code: str, details: dict[str, Detail]) -> WaitOver | None:
        """The whole story; None: the call does not wait."""
        story = self._lasting.pop(call_id, None)
        if story is None:
            return None
        story.ended_at = at
        story.events.append(_event(at, code, details))
        self._over[call_id] = story
        if len(self._over) > MAX_OVER:
            self._over.popitem(last=False)
        return _over(story.request, tuple(story.events), at)

    def decided(self, decision: Decision) -> None:
        self._decisions.append(decision)

    def story(self, call_id: CallId) -> WaitStory | None:
        return self._lasting.get(call_id) or self._over.get(call_id)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Oldest first."""
        return tuple(self._decisions)

    def decision(self, offer_id: OfferId) -> Decision | None:
        return next((d for d in reversed(self._decisions) if d.offer_id == offer_id), None)
