"""One call's life, as one table: ``step(flows, call, event, now) -> (call, actions)``.

Pure: no await, no clock, no I/O. Every (phase, event) pair is listed in :data:`TABLE`: a handler, an
:class:`Ignored` with the reason why nothing is to be done, or :data:`REFUSED` (an agent asked for what
does not fit; they are told). Handlers live in the
``handlers_…`` modules, one for each subject.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from callcenter.calls import handlers_end as end
from callcenter.calls import handlers_menu as menu
from callcenter.calls import handlers_queue as queue
from callcenter.calls import handlers_talk as talk
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call, Outcome, begin
from callcenter.ivr.flow import FlowSet

__all__ = ["REFUSED", "TABLE", "Call", "Ignored", "begin", "step"]

Handler = Callable[[FlowSet, Call, m.Event, datetime], Outcome]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A listed pair that changes nothing, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The agent is told that this does not fit the call's present phase."""


REFUSED = Refused()
Entry = Handler | Ignored | Refused

_LATE = Ignored("the call is over or being ended; what comes late changes nothing")
_ENDED = Ignored("the call has ended")
_STALE = Ignored("belongs to a step, timer, offer or leg that is already settled")
_BUSY = Ignored("keys mean nothing in this phase")

_M, _R, _W, _O, _T, _H, _L, _E = (
    Phase.MENU,
    Phase.MESSAGE,
    Phase.WAITING,
    Phase.OFFERED,
    Phase.TALKING,
    Phase.HELD,
    Phase.LEAVING,
    Phase.ENDED,
)
_COLUMNS = (_M, _R, _W, _O, _T, _H, _L, _E)

# One row an event, one column a phase:
#   menu, message, waiting, offered, talking, held, leaving, ended
_ROWS: dict[type, tuple[Entry, ...]] = {
    m.Arrived: (Ignored("a call arrives once"),) * 8,
    m.CallerGone: (end.caller_gone,) * 7 + (_ENDED,),
    m.Key: (menu.menu_key, _BUSY, menu.menu_key, menu.menu_key, _BUSY, _BUSY, _LATE, _LATE),
    m.SayFinished: (menu.menu_said, menu.said_before_message, queue.announced, _STALE, _STALE, _STALE, _LATE, _LATE),
    m.TimerFired: (menu.menu_timer, _STALE, _STALE, queue.ring_timer, _STALE, _STALE, _LATE, _LATE),
    m.LookedUp: (menu.looked_up, _STALE, _STALE, _STALE, _STALE, _STALE, _LATE, _LATE),
    m.MessageRecorded: (_STALE, menu.message_recorded, _STALE, _STALE, _STALE, _STALE, _LATE, _LATE),
    m.CallbackSaved: (menu.callback_saved, _STALE, _STALE, _STALE, _STALE, _STALE, _LATE, _LATE),
    m.LegRang: (_STALE, _STALE, _STALE, queue.leg_rang, _STALE, _STALE, _LATE, _LATE),
    m.LegAnswered: (queue.late_answer,) * 3 + (queue.leg_answered,) + (queue.late_answer,) * 4,
    m.LegGone: (
        _STALE,
        _STALE,
        _STALE,
        queue.offered_leg_gone,
        talk.talking_leg_gone,
        talk.talking_leg_gone,
        _LATE,
        _LATE,
    ),
    m.Offered: (queue.offer_too_late,) * 2 + (queue.offered,) + (queue.offer_too_late,) * 5,
    m.Withdrawn: (_STALE, _STALE, _STALE, queue.withdrawn, _STALE, _STALE, _LATE, _LATE),
    m.QueueEnded: (_STALE, _STALE, queue.queue_ended, _STALE, _STALE, _STALE, _LATE, _LATE),
    m.PositionDue: (_STALE, _STALE, queue.position_due, _STALE, _STALE, _STALE, _LATE, _LATE),
    m.AgentHangUp: (REFUSED,) * 3 + (queue.agent_declines,) + (talk.agent_hangs_up,) * 2 + (REFUSED,) * 2,
    m.AgentDecline: (REFUSED,) * 3 + (queue.agent_declines,) + (REFUSED,) * 4,
    m.AgentHold: (REFUSED,) * 4 + (talk.agent_holds, REFUSED, REFUSED, REFUSED),
    m.AgentResume: (REFUSED,) * 5 + (talk.agent_resumes, REFUSED, REFUSED),
    m.AgentTransfer: (REFUSED,) * 4 + (talk.agent_transfers,) * 2 + (REFUSED,) * 2,
    m.ActionFailed: (end.menu_failed, end.message_failed, end.waiting_failed, end.offered_failed)
    + (end.talking_failed,) * 2
    + (end.leaving_failed, _LATE),
    m.SwitchLost: (end.switch_lost,) * 7 + (_ENDED,),
    m.Abort: (end.aborted,) * 6 + (_LATE, _ENDED),
}

TABLE: dict[tuple[Phase, type], Entry] = {
    (phase, event): entry for event, row in _ROWS.items() for phase, entry in zip(_COLUMNS, row, strict=True)
}


def step(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Let one event act on the call.

    ``flows`` is the version that the call began with (``call.flow_version``); ``now`` is aware UTC.
    Never raises for an event that comes late, twice or out of order: those are listed.
    """
    match TABLE[call.phase, type(event)]:
        case Ignored():
            return call, ()
        case Refused():
            return call, _refusal(event)
        case handler:
            return handler(flows, call, event, now)


def _refusal(event: m.Event) -> tuple[m.Action, ...]:
    if isinstance(event, m.AgentHangUp | m.AgentDecline | m.AgentHold | m.AgentResume | m.AgentTransfer):
        return (m.RefuseAgent(agent_id=event.agent_id, code="not_in_this_phase"),)
    return ()
