"""A line of waiting calls in the order in which they are served. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcenter.acd.model import QueueOrder, QueueSettings
from callcenter.acd.places import CallbackTerms, CallQueued
from callcenter.acd.timers import span
from callcenter.ids import AgentId, CallId, OfferId

Key = tuple[float, float, int]


@dataclass(slots=True, eq=False)
class WaitingCall:
    """A call (or a call-back place) in a queue. ``offer`` is the one offer it may hold, unless all ring."""

    request: CallQueued
    number: int
    """Order of arrival at the desk: settles equal priorities and instants."""
    queue: str
    """Where it waits now; ``request.queue`` is where it first entered."""
    entered_at: datetime
    first_at: datetime | None = None
    """When it entered the first of the queues it has been in, if overflow moved it."""
    key: Key = (0.0, 0.0, 0)
    offer: OfferId | None = None
    others: list[OfferId] = field(default_factory=list)
    """The offers beside it when all ring."""
    missed_by: set[AgentId] = field(default_factory=set)
    expires_at: datetime | None = None
    announce_at: datetime | None = None
    levels: dict[str, int] = field(default_factory=dict)
    """What it asks for now."""
    needs: int = 0
    """The same as bits."""
    held_for: AgentId | None = None
    kept_by: AgentId | None = None
    """With whom it stands to be found, when held."""
    released: bool = False
    """No longer held for anybody."""
    had_to_wait: bool = False
    visited: list[str] = field(default_factory=list)
    terms: CallbackTerms | None = None
    attempt: int = 0
    """Call-back attempts that have failed."""
    paused_until: datetime | None = None
    asleep: bool = False
    """A call-back place that is not to be offered now (pause, hours)."""
    is_open: bool = False
    """Stands in its line for everybody to find."""
    call_id: CallId = field(init=False)

    def __post_init__(self) -> None:
        self.call_id = self.request.call_id

    def holds(self, offer_id: OfferId) -> bool:
        return offer_id == self.offer or offer_id in self.others

    def has_room(self, most: int) -> bool:
        """Whether it rings with several agents, for nobody in particular, and fewer than ``most``."""
        return self.offer is not None and self.held_for is None and self.terms is None and len(self.others) + 1 < most

    def settle(self, offer_id: OfferId) -> None:
        """One of its offers is over; another, if there is one, goes on in its place."""
        if offer_id != self.offer:
            self.others.remove(offer_id)
        else:
            self.offer = self.others.pop(0) if self.others else None


def points_key(request: CallQueued, number: int, queue: QueueSettings) -> Key:
    """The order within a line, which time does not change: all calls of a line age alike.

    Points are priority, VIP bonus and ageing times wait; then the longer wait, then arrival.
    """
    since = request.since.timestamp()
    base = request.priority + (queue.vip_bonus if request.vip else 0.0)
    return (queue.ageing * since - base, since, number)


def points(key: Key, queue: QueueSettings, now: float) -> float:
    """A call's points at ``now`` (Unix seconds)."""
    return round(queue.ageing * now - key[0], 6)


def rank(key: Key, queue: QueueSettings, order: str, now: float) -> tuple[float, float, float, int]:
    """The order across lines at ``now`` (Unix seconds): the smallest is served first."""
    since = key[1]
    if order == QueueOrder.WEIGHT:
        urgency = (since - now) * queue.weight
    elif order == QueueOrder.SERVICE_LEVEL:
        urgency = since + queue.service_level_s
    else:
        urgency = since
    return (-points(key, queue, now), urgency, since, key[2])


def levels_at(request: CallQueued, queue: QueueSettings, now: datetime) -> dict[str, int]:
    """The skills that a call asks for after its wait so far; levels that fell to 0 are left out."""
    if not request.skills and not queue.skills and not queue.language_level:
        return {}
    levels = dict(queue.skills)
    for skill, level in request.skills.items():
        levels[skill] = max(level, levels.get(skill, 0))
    if queue.language_level and request.language:
        levels[request.language] = max(queue.language_level, levels.get(request.language, 0))
    if not levels:
        return levels
    waited = (now - request.since).total_seconds()
    for step in queue.relax:
        if waited >= step.after_s:
            for skill in step.skills or tuple(levels):
                if skill in levels:
                    lower = levels[skill] - step.by if step.to is None else step.to
                    levels[skill] = min(levels[skill], lower)
    if queue.relax_every_s > 0 and waited > 0:
        fallen = int(waited / queue.relax_every_s + 1e-6)
        levels = {skill: level - fallen for skill, level in levels.items()}
    return {skill: level for skill, level in levels.items() if level > 0}


def next_relax(call: WaitingCall, queue: QueueSettings, now: datetime) -> datetime | None:
    """When the call will ask for less; None: never."""
    if not call.levels:
        return None
    since = call.request.since
    times = [since + span(step.after_s) for step in queue.relax]
    if queue.relax_every_s > 0:
        # One more step in case this instant falls a rounding error short of a whole one.
        done = int(max(0.0, (now - since).total_seconds()) / queue.relax_every_s)
        times += [since + timedelta(seconds=queue.relax_every_s * (done + more)) for more in (1, 2)]
    return min((at for at in times if at > now), default=None)


class Line:
    """One queue's calls in serving order; beside it those that are open to everybody, in the same order."""

    def __init__(self) -> None:
        self._order: list[tuple[Key, WaitingCall]] = []
        self.open_calls: list[tuple[Key, WaitingCall]] = []
        """Keys are unique: they alone are compared."""
        self._asleep: list[Key] = []
        """Of call-back places that are not to be offered now: they stand in nobody's way."""

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[WaitingCall]:
        return (call for _, call in self._order)

    @property
    def standing(self) -> int:
        """How many wait to be served now."""
        return len(self._order) - len(self._asleep)

    def add(self, call: WaitingCall) -> None:
        insort(self._order, (call.key, call))
        if call.asleep:
            insort(self._asleep, call.key)

    def remove(self, call: WaitingCall) -> None:
        if call.is_open:
            self.shut(call)
        del self._order[bisect_left(self._order, (call.key, call))]
        if call.asleep:
            del self._asleep[bisect_left(self._asleep, call.key)]

    def sleep(self, call: WaitingCall, asleep: bool) -> None:
        """A call-back place in this line pauses, or goes on."""
        if asleep and not call.asleep:
            insort(self._asleep, call.key)
        elif call.asleep and not asleep:
            del self._asleep[bisect_left(self._asleep, call.key)]
        call.asleep = asleep

    def open(self, call: WaitingCall) -> None:
        """Let everybody who has what it asks for find the call."""
        if not call.is_open:
            call.is_open = True
            insort(self.open_calls, (call.key, call))

    def shut(self, call: WaitingCall) -> None:
        """Nobody finds it any more; only for a call that is open."""
        del self.open_calls[bisect_left(self.open_calls, (call.key, call))]
        call.is_open = False

    def position(self, call: WaitingCall) -> int:
        """1 is next."""
        asleep = bisect_left(self._asleep, call.key) if self._asleep else 0
        return bisect_left(self._order, (call.key, call)) + 1 - asleep

    def first(self, lacks: int, agent_id: AgentId) -> WaitingCall | None:
        """The open call served first that an agent who lacks these bits can take: the walk ends at the first that
        fits, which most often stands near the front."""
        for _, call in self.open_calls:
            if not call.needs & lacks and agent_id not in call.request.excluded_agents:
                return call
        return None
