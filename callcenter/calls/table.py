"""The table of a call's life: what each event does in each phase. Pure; one column a phase.

A column names its handlers and, by reason, the events that change nothing; an event that is named twice or not
at all is refused when this module is read. A new phase is a new column, a new event a line in each.
"""

from __future__ import annotations

from callcenter.calls import handlers_conference as conference
from callcenter.calls import handlers_consult as consult
from callcenter.calls import handlers_dial as dial
from callcenter.calls import handlers_end as end
from callcenter.calls import handlers_menu as menu
from callcenter.calls import handlers_outside as outside
from callcenter.calls import handlers_parked as parked
from callcenter.calls import handlers_queue as queue
from callcenter.calls import handlers_talk as talk
from callcenter.calls import messages as m
from callcenter.calls import resume
from callcenter.calls.columns import (
    CONSULTATION,
    LATE_FOR_ALL,
    NOT_TALKING,
    OF_A_MENU,
    OF_A_QUEUE,
    OF_A_WAIT,
    OF_NO_TALK,
    REQUESTS,
    TALK_REQUESTS,
    Column,
    Entry,
    column,
)
from callcenter.calls.messages import Phase

_MENU = column(
    {
        m.CallerGone: end.caller_gone,
        m.Key: menu.menu_key,
        m.SayFinished: menu.menu_said,
        m.TimerFired: menu.menu_timer,
        m.LookedUp: menu.looked_up,
        m.CallbackSaved: menu.callback_saved,
        m.AgentFound: menu.agent_found,
        m.LegAnswered: queue.late_answer,
        m.Offered: queue.offer_too_late,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.menu_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.menu,
        m.Abort: end.aborted,
    },
    refused=REQUESTS,
    stale=(m.MessageRecorded, *OF_A_QUEUE, *NOT_TALKING),
)

_MESSAGE = column(
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
    refused=REQUESTS,
    stale=(m.LookedUp, m.CallbackSaved, m.AgentFound, *OF_A_QUEUE, *NOT_TALKING),
)

_WAITING = column(
    {
        m.CallerGone: end.caller_gone,
        m.Key: menu.menu_key,
        m.SayFinished: queue.announced,
        m.TimerFired: queue.comfort_due,
        m.LegAnswered: queue.late_answer,
        m.Offered: queue.offered,
        m.QueueEnded: queue.queue_ended,
        m.PositionDue: queue.position_due,
        m.Directed: queue.directed,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.waiting_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.waiting,
        m.Abort: end.aborted,
    },
    refused=REQUESTS,
    stale=(*OF_A_MENU, m.LegRang, m.LegGone, m.DialledOver, m.Withdrawn, *NOT_TALKING),
)

_OFFERED = column(
    {
        m.CallerGone: end.caller_gone,
        m.Key: menu.menu_key,
        m.TimerFired: queue.ring_timer,
        m.LegRang: queue.leg_rang,
        m.LegAnswered: queue.leg_answered,
        m.LegGone: queue.offered_leg_gone,
        m.Offered: queue.offered_too,
        m.Withdrawn: queue.withdrawn,
        m.AgentHangUp: queue.agent_declines,
        m.AgentDecline: queue.agent_declines,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.offered_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.offered,
        m.Abort: end.aborted,
    },
    refused=TALK_REQUESTS,
    stale=(m.SayFinished, m.DialledOver, *OF_A_MENU, *OF_A_WAIT, *NOT_TALKING),
)

_TALKING = column(
    {
        m.CallerGone: end.caller_gone,
        m.DialledOver: dial.dialled_over,
        m.LegAnswered: queue.late_answer,
        m.LegGone: parked.talking_leg_gone,
        m.Offered: consult.consult_offered,
        m.AgentHangUp: talk.agent_hangs_up,
        m.AgentHold: talk.agent_holds,
        m.AgentTransfer: outside.agent_transfers,
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
    refused=(m.AgentDecline, m.AgentResume, *CONSULTATION),
    stale=(m.TimerFired, m.AgentBack, *OF_NO_TALK),
)

_HELD = column(
    {
        m.CallerGone: end.caller_gone,
        m.DialledOver: dial.dialled_over,
        m.LegAnswered: queue.late_answer,
        m.LegGone: parked.talking_leg_gone,
        m.Offered: consult.consult_offered,
        m.AgentHangUp: talk.agent_hangs_up,
        m.AgentResume: talk.agent_resumes,
        m.AgentTransfer: outside.agent_transfers,
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
    refused=(m.AgentDecline, m.AgentHold, *CONSULTATION),
    stale=(m.TimerFired, m.AgentBack, *OF_NO_TALK),
)

_CONSULTING = column(
    {
        m.CallerGone: end.caller_gone,
        m.DialledOver: dial.dialled_over,
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
    stale=(m.SayFinished, *OF_A_MENU, *OF_A_WAIT, m.AgentBack),
)

_CONFERENCE = column(
    {
        m.CallerGone: end.caller_gone,
        m.DialledOver: dial.dialled_over,
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
    refused=(m.AgentDecline, *TALK_REQUESTS),
    stale=(m.TimerFired, m.AgentBack, *OF_NO_TALK),
)

_FORWARDING = column(
    {
        m.CallerGone: end.caller_gone,
        m.TimerFired: outside.ring_timer,
        m.LegAnswered: outside.answered,
        m.LegGone: outside.ringing_leg_gone,
        m.DialledOver: dial.dialled_over,
        m.Offered: queue.offer_too_late,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.forwarding_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.forwarding,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=REQUESTS,
    stale=(*OF_NO_TALK, *NOT_TALKING),
)

_OUTSIDE = column(
    {
        m.CallerGone: end.caller_gone,
        m.TimerFired: outside.too_long,
        m.LegAnswered: queue.late_answer,
        m.LegGone: outside.leg_gone,
        m.DialledOver: dial.dialled_over,
        m.Offered: queue.offer_too_late,
        m.CallerKnown: menu.caller_known,
        m.ActionFailed: end.forwarding_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.outside,
        m.Abort: end.aborted,
    },
    busy=(m.Key,),
    refused=REQUESTS,
    stale=(*OF_NO_TALK, *NOT_TALKING),
)

_PARKED = column(
    {
        m.CallerGone: end.caller_gone,
        m.DialledOver: dial.dialled_over,
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
    refused=(m.AgentDecline, *TALK_REQUESTS),
    stale=(m.ConsultRefused, m.AgentAway, *OF_NO_TALK),
)

_CALLING_AGENT = column(
    {
        m.TakenUp: resume.calling_agent,
        m.CallerKnown: menu.caller_known,
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
    refused=TALK_REQUESTS,
    stale=(m.CallerGone, m.DialledOver, m.SayFinished, *OF_A_MENU, *OF_A_WAIT, *NOT_TALKING),
)

_DIALLING = column(
    {
        m.CallerGone: dial.outside_gone,
        m.DialledOver: dial.dialled_over,
        m.TakenUp: resume.dialling,
        m.CallerKnown: menu.caller_known,
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
    refused=(m.AgentDecline, *TALK_REQUESTS),
    stale=(*OF_NO_TALK, *NOT_TALKING),
)

_LEAVING = column(
    {
        m.CallerGone: end.caller_gone,
        m.LegAnswered: queue.late_answer,
        m.Offered: queue.offer_too_late,
        m.ActionFailed: end.leaving_failed,
        m.SwitchLost: end.switch_lost,
        m.TakenUp: resume.leaving,
    },
    refused=REQUESTS,
    late=(m.Abort, *LATE_FOR_ALL),
)

_ENDED_CALL = column(
    {m.LegAnswered: queue.late_answer, m.Offered: queue.offer_too_late},
    refused=REQUESTS,
    late=(m.ActionFailed, *LATE_FOR_ALL),
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
    Phase.FORWARDING: _FORWARDING,
    Phase.OUTSIDE: _OUTSIDE,
    Phase.PARKED: _PARKED,
    Phase.CALLING_AGENT: _CALLING_AGENT,
    Phase.DIALLING: _DIALLING,
    Phase.LEAVING: _LEAVING,
    Phase.ENDED: _ENDED_CALL,
}

TABLE: dict[tuple[Phase, type], Entry] = {
    (phase, event): entry for phase, column in COLUMNS.items() for event, entry in column.items()
}
