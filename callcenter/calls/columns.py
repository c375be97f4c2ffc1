"""What the columns of a call's table are made of: handlers, listed ignores and refusals, groups of events. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args

from callcenter.calls import messages as m
from callcenter.calls.state import Call, Outcome
from callcenter.ivr.flow import FlowSet

Handler = Callable[[FlowSet, Call, m.Event, datetime], Outcome]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A listed pair that changes nothing, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The agent is told that this does not fit the call's present phase."""


REFUSED: Final = Refused()
Entry = Handler | Ignored | Refused
Column = Mapping[type, Entry]

LATE: Final = Ignored("the call is over or being ended; what comes late changes nothing")
ENDED: Final = Ignored("the call has ended")
STALE: Final = Ignored("belongs to a step, timer, offer or leg that is already settled")
BUSY: Final = Ignored("keys mean nothing in this phase")
ONCE: Final = Ignored("a call arrives once")


CONSULTATION: Final = (m.AgentSwap, m.AgentComplete, m.AgentCancel, m.AgentConference)
TALK_REQUESTS: Final = (m.AgentHold, m.AgentResume, m.AgentTransfer, m.AgentConsult, *CONSULTATION)
REQUESTS: Final = (m.AgentHangUp, m.AgentDecline, *TALK_REQUESTS)
"""All that an agent may ask of a call."""
NOT_TALKING: Final = (m.ConsultRefused, m.AgentAway, m.AgentBack)
"""Of no meaning to a call that no agent is in."""
OF_A_MENU: Final = (m.LookedUp, m.MessageRecorded, m.CallbackSaved, m.AgentFound)
OF_A_WAIT: Final = (m.QueueEnded, m.PositionDue, m.Directed)
OF_A_QUEUE: Final = (m.LegRang, m.LegGone, m.DialledOver, m.Withdrawn, *OF_A_WAIT)
OF_NO_TALK: Final = (m.SayFinished, *OF_A_MENU, m.LegRang, m.Withdrawn, *OF_A_WAIT)
"""What was asked for before the conversation, and comes too late."""
LATE_FOR_ALL: Final = (m.Key, m.SayFinished, m.TimerFired, *OF_A_MENU, m.CallerKnown, *OF_A_QUEUE, *NOT_TALKING)


def column(
    handlers: Mapping[type, Handler],
    *,
    refused: tuple[type, ...] = (),
    stale: tuple[type, ...] = (),
    busy: tuple[type, ...] = (),
    late: tuple[type, ...] = (),
    ended: tuple[type, ...] = (),
) -> Column:
    """Raises ValueError unless every event is named exactly once."""
    made: dict[type, Entry] = {m.Arrived: ONCE, m.DialAsked: ONCE}
    groups: tuple[tuple[Entry, tuple[type, ...]], ...] = (
        (REFUSED, refused),
        (STALE, stale),
        (BUSY, busy),
        (LATE, late),
        (ENDED, ended),
    )
    named = [*handlers.items(), *((event, entry) for entry, events in groups for event in events)]
    for event, entry in named:
        if event in made:
            raise ValueError(f"{event.__name__} is listed twice in one phase")
        made[event] = entry
    missing = set(get_args(m.Event)) - made.keys()
    if missing:
        raise ValueError(f"not listed in a phase: {sorted(event.__name__ for event in missing)}")
    return made
