"""From a call's journal back to the call: no action is done again, but what they left behind is known. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    """The call as it was after an event whose keys may not be written: stands in the journal beside that event."""

    call: Call


Journalled = m.Event | Noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A call out of its journal."""

    call: Call
    seq: int
    """Number of its last event."""
    last_at: datetime
    queued: acd.CallQueued | None
    """How it entered the queue it waits in (or is offered from)."""
    timers: dict[str, datetime]
    """Timers that run, and when they are due."""
    offer_count: int
    """The largest number of an offer it was made."""


def noted(call: Call) -> Noted:
    """The call without secret digits, for the journal."""
    return Noted(call=call if call.run is None else replace(call, run=load(dump(call.run))))


def replay(flows: FlowSet, events: Iterable[tuple[int, datetime, Journalled]]) -> Replayed:
    """Walk a journal in its order: (number, instant, event). Raises ValueError when it does not begin with
    ``Arrived`` or ``DialAsked`` or has a hole; whatever the table raises comes through."""
    call: Call | None = None
    queued: acd.CallQueued | None = None
    timers: dict[str, datetime] = {}
    seq, last_at, offers = 0, None, 0
    for number, at, event in events:
        if number <= seq:
            continue  # written twice
        if number != seq + 1:
            raise ValueError(f"event {seq + 1} is missing")
        seq, last_at = number, at
        if isinstance(event, Noted):
            call = event.call
            continue
        if call is None:
            if not isinstance(event, m.Arrived | m.DialAsked):
                raise ValueError(f"begins with {type(event).__name__}")
            call, actions = begin(flows, event, at)
        else:
            if isinstance(event, m.TimerFired):
                timers.pop(event.name, None)
            call, actions = step(flows, call, event, at)
        if isinstance(event, m.Directed) and queued is not None and call.phase is m.Phase.WAITING:
            queued = as_directed(queued, event.command)
        if isinstance(event, m.Offered):
            offers = max(offers, number_of(event.offer))
        for action in actions:
            match action:
                case m.SetTimer():
                    timers[action.name] = at + timedelta(seconds=action.seconds)
                case m.DropTimer():
                    timers.pop(action.name, None)
                case m.TellDesk(command=acd.CallQueued() as command):
                    queued = command
                case m.TellDesk(command=acd.CallKnown() as known) if queued is not None:
                    queued = as_known(queued, known)
                case _:
                    pass
    if call is None or last_at is None:
        raise ValueError("an empty journal")
    return Replayed(call=call, seq=seq, last_at=last_at, queued=queued, timers=timers, offer_count=offers)


def number_of(offer: acd.OfferMade) -> int:
    """The desk's number of an offer, which its id ends with; 0 if it has none."""
    tail = offer.offer_id.rpartition("-")[2]
    return int(tail) if tail.isdigit() else 0
