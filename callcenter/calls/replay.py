"""From a call's journal back to the call: no action is done again, but what they left behind is known. Pure.

A restart needs it only for what is younger than the newest standing (:mod:`callcenter.calls.standing`): most often
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from callcenter.acd import messages as acd
from callcenter.acd.places import as_directed, as_known
from callcenter.calls import messages as m
from callcenter.calls.call import begin, step
from callcenter.calls.state import Call
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.run import dump, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The call as it was after an event whose keys may not be written, or as it was found by looking: stands in the
    journal beside that event."""

    call: Call


Journalled = m.Event | Noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a call's actions left behind outside of it."""

    queued: acd.CallQueued | None = None
    """How it entered the queue it waits in (or is offered from)."""
    timers: Mapping[str, datetime] = field(default_factory=dict)
    """Timers that run, and when they are due."""
    offer_count: int = 0
    """The largest number of an offer it was made."""

    def after(self, call: Call, event: Journalled, actions: Sequence[m.Action], at: datetime) -> Left:
        """What is left when ``event`` has made the call what it is, and led to ``actions``."""
        queued, timers, offers = self.queued, self.timers, self.offer_count
        if isinstance(event, m.TimerFired) and event.name in timers:
            timers = {name: due for name, due in timers.items() if name != event.name}
        elif isinstance(event, m.Directed) and queued is not None and call.phase is m.Phase.WAITING:
            queued = as_directed(queued, event.command)
        elif isinstance(event, m.Offered):
            offers = max(offers, number_of(event.offer))
        for action in actions:
            match action:
                case m.SetTimer():
                    timers = {**timers, action.name: at + timedelta(seconds=action.seconds)}
                case m.DropTimer() if action.name in timers:
                    timers = {name: due for name, due in timers.items() if name != action.name}
                case m.TellDesk(command=acd.CallQueued() as command):
                    queued = command
                case m.TellDesk(command=acd.CallKnown() as known) if queued is not None:
                    queued = as_known(queued, known)
                case _:
                    pass
        if queued is self.queued and timers is self.timers and offers == self.offer_count:
            return self
        return Left(queued=queued, timers=timers, offer_count=offers)


NOTHING_LEFT = Left()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A call as its journal has it."""

    call: Call
    seq: int
    """Number of its last event."""
    last_at: datetime
    left: Left = NOTHING_LEFT
    doubtful: bool = False
    """Some of its journal could not be read, or these rules can make nothing of it: what the switch and the desk have
    of the call is to be believed instead."""


def noted(call: Call) -> Call:
    """The call without secret digits: as it may be written."""
    run = call.run
    if run is None or (run.stage != "secret" and run.secrets.isdisjoint(run.variables)):
        return call
    return replace(call, run=load(dump(run)))


Entry = tuple[int, datetime, Journalled]
"""Number, instant, event."""


def replay(flows: FlowSet, events: Iterable[Entry], since: Replayed | None = None) -> Replayed:
    """Walk a journal in its order, from its beginning or from how the call stood. Raises ValueError when it does not
    begin with ``Arrived`` or ``DialAsked`` or has a hole; whatever the table raises comes through."""
    found = since
    for number, at, event in events:
        before = found.seq if found is not None else 0
        if number <= before:
            continue  # written twice
        if number != before + 1:
            raise ValueError(f"event {before + 1} is missing")
        found = _next(flows, found, (number, at, event))
    if found is None:
        raise ValueError("an empty journal")
    return found


def salvage(flows: FlowSet, events: Iterable[Entry], since: Replayed | None = None) -> Replayed | None:
    """What can be had of a journal with holes, or with events that these rules raise for: they are passed over. None
    when there is no beginning. The call is doubtful, and where it stands to be seen from the switch."""
    found = since
    for number, at, event in events:
        if found is not None and number <= found.seq:
            continue
        try:
            found = _next(flows, found, (number, at, event))
        except Exception:  # which event, and why, was told by who tried :func:`replay`
            found = replace(found, seq=number, last_at=at) if found is not None else None
    return replace(found, doubtful=True) if found is not None else None


def _next(flows: FlowSet, found: Replayed | None, entry: Entry) -> Replayed:
    number, at, event = entry
    if isinstance(event, Noted):
        return Replayed(call=event.call, seq=number, last_at=at, left=found.left if found else NOTHING_LEFT)
    if found is not None:
        call, actions = step(flows, found.call, event, at)
        return Replayed(call=call, seq=number, last_at=at, left=found.left.after(call, event, actions, at))
    if not isinstance(event, m.Arrived | m.DialAsked):
        raise ValueError(f"begins with {type(event).__name__}")
    call, actions = begin(flows, event, at)
    return Replayed(call=call, seq=number, last_at=at, left=NOTHING_LEFT.after(call, event, actions, at))


def number_of(offer: acd.OfferMade) -> int:
    """The desk's number of an offer, which its id ends with; 0 if it has none."""
    tail = offer.offer_id.rpartition("-")[2]
    return int(tail) if tail.isdigit() else 0
