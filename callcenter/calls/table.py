"""The table of a call's life: what each event does in each phase. Pure; one column a phase.

A column names its handlers and, by reason, the events that change nothing; an event that is named twice or not
at all is refused when this module is read. A new phase is a new column, a new event a line in each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args

from callcenter.calls import handlers_conference as conference
from callcenter.calls import handlers_consult as consult
from callcenter.calls import handlers_dial as dial
from callcenter.calls import handlers_end as end
from callcenter.calls import handlers_menu as menu
from callcenter.calls import handlers_parked as parked
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


_CONSULTATION: Final = (m.AgentSwap, m.AgentComplete, m.AgentCancel, m.AgentConference)
_TALK_REQUESTS: Final = (m.AgentHold, m.AgentResume, m.AgentTransfer, m.AgentConsult, *_CONSULTATION)
_REQUESTS: Final = (m.AgentHangUp, m.AgentDecline, *_TALK_REQUESTS)
"""All that an agent may ask of a call."""
_NOT_TALKING: Final = (m.ConsultRefused, m.AgentAway, m.AgentBack)
"""Of no meaning to a call that no agent is in."""
_OF_A_MENU: Final = (m.LookedUp, m.MessageRecorded, m.CallbackSaved)
_OF_A_WAIT: Final = (m.QueueEnded, m.PositionDue)
_OF_A_QUEUE: Final = (m.LegRang, m.LegGone, m.Withdrawn, *_OF_A_WAIT)
_OF_NO_TALK: Final = (m.SayFinished, *_OF_A_MENU, m.LegRang, m.Withdrawn, *_OF_A_WAIT)
"""What was asked for before the conversation, and comes too late."""
_LATE_FOR_ALL: Final = (m.Key, m.SayFinished, m.TimerFired, *_OF_A_MENU, m.CallerKnown, *_OF_A_QUEUE, *_NOT_TALKING)


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
    column: dict[type, Entry] = {m.Arrived: _ONCE, m.DialAsked: _ONCE}
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
    refused=_REQUESTS,
    stale=(m.MessageRecorded, *_OF_A_QUEUE, *_NOT_TALKING),
)

_MESSAGE = _column(
    {
        m.CallerGone: end.caller_gone,
        m.SayFinished: menu.said_before_message,
        m.TimerFired: menu.message_timer,
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
    refused=_REQUESTS,
    stale=(m.LookedUp, m.CallbackSaved, *_OF_A_QUEUE, *_NOT_TALKING),
)

_WAITING = _column(
    {
        m.CallerGone: end.caller_gone,
        m.Key: menu.menu_key,
        m.SayFinished: queue.announced,
        m.TimerFired: queue.comfort_due,
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
    refused=_REQUESTS,
    stale=(*_OF_A_MENU, m.LegRang, m.LegGone, m.Withdrawn, *_NOT_TALKING),
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
    refused=_TALK_REQUESTS,
    stale=(m.SayFinished, *_OF_A_MENU, *_OF_A_WAIT, *_NOT_TALKING),
)

_TALKING = _column(
    {
        m.CallerGone: end.caller_gone,
        m.LegAnswered: queue.late_answer,
        m.LegGone: parked.talking_leg_gone,
        m.Offered: consult.consult_offered,
        m.AgentHangUp: talk.agent_hangs_up,
        m.AgentHold: talk.agent_holds,
        m.AgentTransfer: talk.agent_transfers,
        m.CallerKnown: menu.caller_known,
        m.AgentConsult: consult.agent_consults,
        m.ConsultRefused: consult.consult_refused,
        m.AgentAway: parked.talking_agent_away,
        m.ActionFailed: end.talking_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.talking,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentDecline, m.AgentResume, *_CONSULTATION),
    stale=(m.TimerFired, m.AgentBack, *_OF_NO_TALK),
)

_HELD = _column(
    {
        m.CallerGone: end.caller_gone,
        m.LegAnswered: queue.late_answer,
        m.LegGone: parked.talking_leg_gone,
        m.Offered: consult.consult_offered,
        m.AgentHangUp: talk.agent_hangs_up,
        m.AgentResume: talk.agent_resumes,
        m.AgentTransfer: talk.agent_transfers,
        m.CallerKnown: menu.caller_known,
        m.AgentConsult: consult.agent_consults,
        m.ConsultRefused: consult.consult_refused,
        m.AgentAway: parked.talking_agent_away,
        m.ActionFailed: end.talking_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.held,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentDecline, m.AgentHold, *_CONSULTATION),
    stale=(m.TimerFired, m.AgentBack, *_OF_NO_TALK),
)

_CONSULTING = _column(
    {
        m.CallerGone: end.caller_gone,
        m.TimerFired: consult.consult_timer,
        m.LegRang: consult.consulted_rang,
        m.LegAnswered: consult.consulted_answered,
        m.LegGone: consult.consulting_leg_gone,
        m.Offered: queue.offer_too_late,
        m.Withdrawn: consult.consult_withdrawn,
        m.AgentHangUp: consult.consulting_agent_hangs_up,
        m.AgentDecline: consult.consult_declined,
        m.AgentSwap: consult.agent_swaps,
        m.AgentComplete: consult.agent_completes,
        m.AgentCancel: consult.agent_cancels,
        m.AgentConference: consult.agent_confers,
        m.ConsultRefused: consult.consult_refused,
        m.AgentAway: consult.consulting_agent_away,
        m.ActionFailed: end.consulting_failed,
        m.CallerKnown: menu.caller_known,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.consulting,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentHold, m.AgentResume, m.AgentTransfer, m.AgentConsult),
    stale=(m.SayFinished, *_OF_A_MENU, *_OF_A_WAIT, m.AgentBack),
)

_CONFERENCE = _column(
    {
        m.CallerGone: end.caller_gone,
        m.LegAnswered: queue.late_answer,
        m.LegGone: conference.member_leg_gone,
        m.Offered: queue.offer_too_late,
        m.AgentHangUp: conference.member_hangs_up,
        m.ConsultRefused: consult.consult_refused,
        m.AgentAway: conference.member_away,
        m.ActionFailed: end.conference_failed,
        m.CallerKnown: menu.caller_known,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.conference,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentDecline, *_TALK_REQUESTS),
    stale=(m.TimerFired, m.AgentBack, *_OF_NO_TALK),
)

_PARKED = _column(
    {
        m.CallerGone: end.caller_gone,
        m.TimerFired: parked.kept_long_enough,
        m.LegAnswered: parked.back_answered,
        m.LegGone: parked.back_leg_gone,
        m.Offered: queue.offer_too_late,
        m.AgentHangUp: parked.parked_agent_hangs_up,
        m.AgentBack: parked.agent_back,
        m.ActionFailed: end.parked_failed,
        m.CallerKnown: menu.caller_known,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.parked,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentDecline, *_TALK_REQUESTS),
    stale=(m.ConsultRefused, m.AgentAway, *_OF_NO_TALK),
)

_CALLING_AGENT = _column(
    {
        m.TakenUp: resume.calling_agent,
        m.TimerFired: dial.ring_timer,
        m.LegRang: dial.agent_rang,
        m.LegAnswered: dial.agent_answered,
        m.LegGone: dial.agent_leg_gone,
        m.Offered: queue.offer_too_late,
        m.Withdrawn: dial.withdrawn,
        m.AgentHangUp: dial.agent_declines,
        m.AgentDecline: dial.agent_declines,
        m.ActionFailed: dial.agent_failed,
        m.SwitchLost: dial.switch_lost,
        m.Abort: dial.aborted,
    },
    busy=(m.Key,),
    refused=_TALK_REQUESTS,
    stale=(m.CallerGone, m.CallerKnown, m.SayFinished, *_OF_A_MENU, *_OF_A_WAIT, *_NOT_TALKING),
)

_DIALLING = _column(
    {
        m.CallerGone: dial.outside_gone,
        m.TakenUp: resume.dialling,
        m.TimerFired: dial.answer_timer,
        m.LegAnswered: dial.outside_answered,
        m.LegGone: dial.agent_cancels,
        m.Offered: queue.offer_too_late,
        m.AgentHangUp: dial.agent_cancels,
        m.ActionFailed: dial.outside_failed,
        m.SwitchLost: dial.switch_lost,
        m.Abort: dial.aborted,
    },
    busy=(m.Key,),
    refused=(m.AgentDecline, *_TALK_REQUESTS),
    stale=(m.CallerKnown, *_OF_NO_TALK, *_NOT_TALKING),
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
    refused=_REQUESTS,
    late=(m.Abort, *_LATE_FOR_ALL),
)

_ENDED_CALL = _column(
    {m.LegAnswered: queue.late_answer, m.Offered: queue.offer_too_late},
    refused=_REQUESTS,
    late=(m.ActionFailed, *_LATE_FOR_ALL),
    ended=(m.CallerGone, m.SwitchLost, m.TakenUp, m.Abort),
)

COLUMNS: dict[Phase, Column] = {
    Phase.MENU: _MENU,
    Phase.MESSAGE: _MESSAGE,
    Phase.WAITING: _WAITING,
    Phase.OFFERED: _OFFERED,
    Phase.TALKING: _TALKING,
    Phase.HELD: _HELD,
    Phase.CONSULTING: _CONSULTING,
    Phase.CONFERENCE: _CONFERENCE,
    Phase.PARKED: _PARKED,
    Phase.CALLING_AGENT: _CALLING_AGENT,
    Phase.DIALLING: _DIALLING,
    Phase.LEAVING: _LEAVING,
    Phase.ENDED: _ENDED_CALL,
}

TABLE: dict[tuple[Phase, type], Entry] = {
    (phase, event): entry for phase, column in COLUMNS.items() for event, entry in column.items()
}
