"""The table of a call's life: what each event does in each phase. Pure; one column a phase.

A column names its handlers and, by reason, the events that change nothing; an event that is named twice or not
at all is refused when this module is read. A new phase is a new column, a new event a line in each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args

from callcenter.calls import handlers_end as end
from callcenter.calls import handlers_menu as menu
from callcenter.calls import handlers_queue as queue
from callcenter.calls import handlers_talk as talk
from callcenter.calls import messages as m
from callcenter.calls import resume
from callcenter.calls.messages import Phase
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

_LATE: Final = Ignored("the call is over or being ended; what comes late changes nothing")
_ENDED: Final = Ignored("the call has ended")
_STALE: Final = Ignored("belongs to a step, timer, offer or leg that is already settled")
_BUSY: Final = Ignored("keys mean nothing in this phase")
_ONCE: Final = Ignored("a call arrives once")


def _column(
    handlers: Mapping[type, Handler],
    *,
    refused: tuple[type, ...] = (),
    stale: tuple[type, ...] = (),
    busy: tuple[type, ...] = (),
    late: tuple[type, ...] = (),
    ended: tuple[type, ...] = (),
) -> Column:
    """Raises ValueError unless every event is named exactly once."""
    column: dict[type, Entry] = {m.Arrived: _ONCE}
    groups: tuple[tuple[Entry, tuple[type, ...]], ...] = (
        (REFUSED, refused),
        (_STALE, stale),
        (_BUSY, busy),
        (_LATE, late),
        (_ENDED, ended),
    )
    named = [*handlers.items(), *((event, entry) for entry, events in groups for event in events)]
    for event, entry in named:
        if event in column:
            raise ValueError(f"{event.__name__} is listed twice in one phase")
        column[event] = entry
    missing = set(get_args(m.Event)) - column.keys()
    if missing:
        raise ValueError(f"not listed in a phase: {sorted(event.__name__ for event in missing)}")
    return column


_MENU = _column(
    {
        m.CallerGone: end.caller_gone,
        m.Key: menu.menu_key,
        m.SayFinished: menu.menu_said,
        m.TimerFired: menu.menu_timer,
        m.LookedUp: menu.looked_up,
        m.CallbackSaved: menu.callback_saved,
        m.LegAnswered: queue.late_answer,
        m.Offered: queue.offer_too_late,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.menu_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.menu,
        m.Abort: end.aborted,
    },
    refused=(m.AgentHangUp, m.AgentDecline, m.AgentHold, m.AgentResume, m.AgentTransfer),
    stale=(m.MessageRecorded, m.LegRang, m.LegGone, m.Withdrawn, m.QueueEnded, m.PositionDue),
)

_MESSAGE = _column(
    {
        m.CallerGone: end.caller_gone,
        m.SayFinished: menu.said_before_message,
        m.MessageRecorded: menu.message_recorded,
        m.LegAnswered: queue.late_answer,
        m.Offered: queue.offer_too_late,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.message_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.message,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentHangUp, m.AgentDecline, m.AgentHold, m.AgentResume, m.AgentTransfer),
    stale=(m.TimerFired, m.LookedUp, m.CallbackSaved, m.LegRang, m.LegGone, m.Withdrawn, m.QueueEnded, m.PositionDue),
)

_WAITING = _column(
    {
        m.CallerGone: end.caller_gone,
        m.Key: menu.menu_key,
        m.SayFinished: queue.announced,
        m.LegAnswered: queue.late_answer,
        m.Offered: queue.offered,
        m.QueueEnded: queue.queue_ended,
        m.PositionDue: queue.position_due,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.waiting_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.waiting,
        m.Abort: end.aborted,
    },
    refused=(m.AgentHangUp, m.AgentDecline, m.AgentHold, m.AgentResume, m.AgentTransfer),
    stale=(m.TimerFired, m.LookedUp, m.MessageRecorded, m.CallbackSaved, m.LegRang, m.LegGone, m.Withdrawn),
)

_OFFERED = _column(
    {
        m.CallerGone: end.caller_gone,
        m.Key: menu.menu_key,
        m.TimerFired: queue.ring_timer,
        m.LegRang: queue.leg_rang,
        m.LegAnswered: queue.leg_answered,
        m.LegGone: queue.offered_leg_gone,
        m.Offered: queue.offer_too_late,
        m.Withdrawn: queue.withdrawn,
        m.AgentHangUp: queue.agent_declines,
        m.AgentDecline: queue.agent_declines,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.offered_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.offered,
        m.Abort: end.aborted,
    },
    refused=(m.AgentHold, m.AgentResume, m.AgentTransfer),
    stale=(m.SayFinished, m.LookedUp, m.MessageRecorded, m.CallbackSaved, m.QueueEnded, m.PositionDue),
)

_TALKING = _column(
    {
        m.CallerGone: end.caller_gone,
        m.LegAnswered: queue.late_answer,
        m.LegGone: talk.talking_leg_gone,
        m.Offered: queue.offer_too_late,
        m.AgentHangUp: talk.agent_hangs_up,
        m.AgentHold: talk.agent_holds,
        m.AgentTransfer: talk.agent_transfers,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.talking_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.talking,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentDecline, m.AgentResume),
    stale=(
        m.SayFinished,
        m.TimerFired,
        m.LookedUp,
        m.MessageRecorded,
        m.CallbackSaved,
        m.LegRang,
        m.Withdrawn,
        m.QueueEnded,
        m.PositionDue,
    ),
)

_HELD = _column(
    {
        m.CallerGone: end.caller_gone,
        m.LegAnswered: queue.late_answer,
        m.LegGone: talk.talking_leg_gone,
        m.Offered: queue.offer_too_late,
        m.AgentHangUp: talk.agent_hangs_up,
        m.AgentResume: talk.agent_resumes,
        m.AgentTransfer: talk.agent_transfers,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.talking_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.held,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentDecline, m.AgentHold),
    stale=(
        m.SayFinished,
        m.TimerFired,
        m.LookedUp,
        m.MessageRecorded,
        m.CallbackSaved,
        m.LegRang,
        m.Withdrawn,
        m.QueueEnded,
        m.PositionDue,
    ),
)

_LEAVING = _column(
    {
        m.CallerGone: end.caller_gone,
        m.LegAnswered: queue.late_answer,
        m.Offered: queue.offer_too_late,
        m.ActionFailed: end.leaving_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.leaving,
    },
    refused=(m.AgentHangUp, m.AgentDecline, m.AgentHold, m.AgentResume, m.AgentTransfer),
    late=(
        m.Key,
        m.SayFinished,
        m.TimerFired,
        m.LookedUp,
        m.CallerKnown,
        m.MessageRecorded,
        m.CallbackSaved,
        m.LegRang,
        m.LegGone,
        m.Withdrawn,
        m.QueueEnded,
        m.PositionDue,
        m.Abort,
    ),
)

_ENDED_CALL = _column(
    {m.LegAnswered: queue.late_answer, m.Offered: queue.offer_too_late},
    refused=(m.AgentHangUp, m.AgentDecline, m.AgentHold, m.AgentResume, m.AgentTransfer),
    late=(
        m.Key,
        m.SayFinished,
        m.TimerFired,
        m.LookedUp,
        m.CallerKnown,
        m.MessageRecorded,
        m.CallbackSaved,
        m.LegRang,
        m.LegGone,
        m.Withdrawn,
        m.QueueEnded,
        m.PositionDue,
        m.ActionFailed,
    ),
    ended=(m.CallerGone, m.SwitchLost, m.TakenUp, m.Abort),
)

COLUMNS: dict[Phase, Column] = {
    Phase.MENU: _MENU,
    Phase.MESSAGE: _MESSAGE,
    Phase.WAITING: _WAITING,
    Phase.OFFERED: _OFFERED,
    Phase.TALKING: _TALKING,
    Phase.HELD: _HELD,
    Phase.LEAVING: _LEAVING,
    Phase.ENDED: _ENDED_CALL,
}

TABLE: dict[tuple[Phase, type], Entry] = {
    (phase, event): entry for phase, column in COLUMNS.items() for event, entry in column.items()
}
