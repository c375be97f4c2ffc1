"""What events do while an agent asks a colleague and the caller hears music. Pure; listed in ``table.TABLE``.

The caller keeps the bridge of the conversation; the two who consult talk in one of their own. A colleague who is asked
is an offer of the desk like any other, marked with who asks: nobody is rung who is not reserved. A telephone outside
is dialled by the rules for calls outside, and no desk is asked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.consulting import UNBLAMED, caller_aside, consult_over, hand_over, let_consulted_go, three
from callcenter.calls.handlers_dial import reason_of
from callcenter.calls.handlers_outside import answered as put_through
from callcenter.calls.handlers_outside import ask_outside, forward
from callcenter.calls.handlers_parked import park
from callcenter.calls.handlers_queue import failure_of, late_answer, offer_too_late
from callcenter.calls.handlers_talk import is_mine, not_yours, talk_state
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Consult, Outcome, beside, fresh, open_segment
from callcenter.calls.waiting import to_the_front
from callcenter.ivr.flow import FlowSet


def agent_consults(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Ask the desk for the colleague; until it has answered nothing changes for the caller."""
    assert isinstance(event, m.AgentConsult)
    if not is_mine(call, event):
        return call, not_yours(event)
    if event.number is not None:
        return ask_outside(call, event.number, event.agent_id, now)
    if event.queue is not None and event.queue not in flows.queues:
        return call, (m.RefuseAgent(agent_id=event.agent_id, code="unknown_queue"),)
    asked = acd.ConsultAsked(
        call_id=call.id,
        agent_id=event.agent_id,
        queue=event.queue or call.queue or "",
        to_agent=event.to_agent,
        language=call.language,
        drill=call.drill,
    )
    return call, (m.TellDesk(command=asked),)


def consult_refused(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.ConsultRefused)
    return call, (m.RefuseAgent(agent_id=event.agent_id, code=event.code),)


def consult_offered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The colleague is reserved: music for the caller first, then pop and ring."""
    assert isinstance(event, m.Offered)
    offer, talk = event.offer, call.talk
    if talk is None or offer.consult_by != talk.agent.agent_id or call.bridge is None:
        return offer_too_late(flows, call, event, now)
    held, conversation = call.phase is Phase.HELD, call.bridge
    call, channel = fresh(call, "agent")
    call, bridge = fresh(call, "consult")
    asked = Consult(offer=offer, channel=channel, bridge=bridge, since=now)
    call = replace(call, phase=Phase.CONSULTING, consult=asked)
    call = open_segment(
        call, SegmentKind.CONSULT, now, result="consult", agent_id=talk.agent.agent_id, queue=call.queue
    )
    call = beside(call, now, "", SegmentKind.RING, offer.agent.agent_id)
    return call, (
        *(() if held else caller_aside(call)),
        m.LeaveBridge(bridge=conversation, channel=talk.channel),
        m.StartRinging(channel=talk.channel),
        m.CreateBridge(bridge=bridge),
        m.SendPop(offer=offer),
        m.DialAgent(channel=channel, offer=offer, caller_number=call.caller_number),
        m.SetTimer(name=f"ring{channel}", seconds=offer.ring_timeout_s),
        *talk_state(call, talk.agent.agent_id, acd.AgentState.CONSULTING),
    )


# --- the colleague is rung -----------------------------------------------------------------------


def consulted_rang(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegRang)
    asked = call.consult
    if asked is None or asked.answered or event.channel != asked.channel:
        return call, ()
    if asked.offer is None:
        return forward(call, now) if asked.blind else (call, ())
    ringing = m.TellDesk(command=acd.OfferRinging(offer_id=asked.offer.offer_id))
    return call, (ringing, m.ShowCall(agent_id=asked.offer.agent.agent_id))


def consulted_answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegAnswered)
    asked, talk = call.consult, call.talk
    if asked is None or talk is None or asked.answered or event.channel != asked.channel:
        return late_answer(flows, call, event, now)
    if asked.blind:  # it never rang, for all we were told
        call, actions = forward(call, now)
        call, joined = put_through(flows, call, event, now)
        return call, (*actions, *joined)
    call = replace(call, consult=replace(asked, answered=True, since=now))
    told: tuple[m.Action, ...] = ()
    if asked.offer is not None:
        agent_id, offer_id = asked.offer.agent.agent_id, asked.offer.offer_id
        call = beside(call, now, "answered", SegmentKind.CONSULT, agent_id)
        told = (
            m.TellDesk(command=acd.OfferAnswered(offer_id=offer_id)),
            m.OfferOver(agent_id=agent_id, offer_id=offer_id, reason="answered"),
            *talk_state(call, agent_id, acd.AgentState.CONSULTING),
        )
    return call, (
        m.StopRinging(channel=talk.channel),
        m.Join(bridge=asked.bridge, channels=(talk.channel, asked.channel)),
        m.DropTimer(name=f"ring{asked.channel}"),
        *told,
        m.ShowCall(agent_id=talk.agent.agent_id),
    )


def consult_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    asked = call.consult
    if asked is None or asked.answered or event.name != f"ring{asked.channel}":
        return call, ()
    return consult_over(call, now, acd.OfferFailure.NO_ANSWER)


def consult_declined(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentDecline)
    asked = call.consult
    if asked is None or asked.answered or asked.offer is None or event.offer_id != asked.offer.offer_id:
        return call, not_yours(event)
    return consult_over(call, now, acd.OfferFailure.DECLINED)


def consult_withdrawn(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.Withdrawn)
    asked = call.consult
    if asked is None or asked.answered or asked.offer is None or event.offer_id != asked.offer.offer_id:
        return call, ()
    return consult_over(call, now, None)


# --- the asking agent's buttons ----------------------------------------------------------------------


def _refused(
    call: Call, event: m.AgentSwap | m.AgentComplete | m.AgentCancel | m.AgentConference
) -> tuple[m.Action, ...]:
    """What the agent is told who may not do this; empty: they may."""
    if not is_mine(call, event) or call.consult is None:
        return not_yours(event)
    early = isinstance(event, m.AgentCancel) or (isinstance(event, m.AgentComplete) and call.consult.agent is None)
    if not call.consult.answered and not early:
        return (m.RefuseAgent(agent_id=event.agent_id, code="not_answered_yet"),)
    return ()


def agent_cancels(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentCancel)
    if refused := _refused(call, event):
        return call, refused
    return consult_over(call, now, acd.OfferFailure.CALLER_GONE, resume=True)


def agent_swaps(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentSwap)
    if refused := _refused(call, event):
        return call, refused
    asked, talk, bridge = three(call)
    to_caller = not asked.with_caller
    call = replace(call, consult=replace(asked, with_caller=to_caller))
    kind = SegmentKind.TALK if to_caller else SegmentKind.CONSULT
    number = None if to_caller else asked.number or None
    call = open_segment(call, kind, now, result="swapped", agent_id=event.agent_id, queue=call.queue, number=number)
    moves: tuple[m.Action, ...]
    if to_caller:
        moves = (
            m.LeaveBridge(bridge=asked.bridge, channel=asked.channel),
            m.LeaveBridge(bridge=asked.bridge, channel=talk.channel),
            m.StartMusic(channel=asked.channel, music=call.music),
            m.Join(bridge=bridge, channels=(call.channel, talk.channel)),
        )
    else:
        moves = (
            *caller_aside(call),
            m.LeaveBridge(bridge=bridge, channel=talk.channel),
            m.Join(bridge=asked.bridge, channels=(talk.channel, asked.channel)),
        )
    others = () if asked.agent is None else (m.ShowCall(agent_id=asked.agent.agent_id),)
    return call, (*moves, m.ShowCall(agent_id=event.agent_id), *others)


def agent_completes(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentComplete)
    if refused := _refused(call, event):
        return call, refused
    assert call.consult is not None
    return hand_over(call, now) if call.consult.answered else forward(call, now)


def agent_confers(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """All three in a bridge of their own."""
    assert isinstance(event, m.AgentConference)
    if refused := _refused(call, event):
        return call, refused
    asked, talk, before = three(call)
    call, bridge = fresh(call, "talk")
    apart = (
        (m.LeaveBridge(bridge=before, channel=call.channel), m.LeaveBridge(bridge=before, channel=talk.channel))
        if asked.with_caller
        else (
            m.LeaveBridge(bridge=asked.bridge, channel=asked.channel),
            m.LeaveBridge(bridge=asked.bridge, channel=talk.channel),
        )
    )
    moves: tuple[m.Action, ...] = (
        m.CreateBridge(bridge=bridge, for_many=True),
        *apart,
        m.Join(bridge=bridge, channels=(call.channel, talk.channel, asked.channel)),
        m.DestroyBridge(bridge=before),
    )
    call = replace(call, phase=Phase.CONFERENCE, bridge=bridge, consult=replace(asked, with_caller=True))
    agent_id, number = event.agent_id, asked.number or None
    call = open_segment(
        call, SegmentKind.CONFERENCE, now, result="conference", agent_id=agent_id, queue=call.queue, number=number
    )
    told = talk_state(call, agent_id, acd.AgentState.TALKING)
    if asked.agent is not None:
        call = beside(call, now, "conference", SegmentKind.CONFERENCE, asked.agent.agent_id)
        told += talk_state(call, asked.agent.agent_id, acd.AgentState.TALKING)
    return call, (*moves, m.DestroyBridge(bridge=asked.bridge), *told)


# --- somebody hangs up ---------------------------------------------------------------------------------


def consulting_agent_hangs_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """By the page's button: who was asked takes the caller over; one who is still rung is let go."""
    assert isinstance(event, m.AgentHangUp)
    asked = call.consult
    assert asked is not None
    if is_mine(call, event):
        if asked.blind:
            return forward(call, now)
        return hand_over(call, now) if asked.answered else consult_over(call, now, UNBLAMED, resume=True)
    if asked.agent is None or asked.agent.agent_id != event.agent_id:
        return call, not_yours(event)
    return consult_over(call, now, acd.OfferFailure.DECLINED)


def consulting_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegGone)
    asked, talk = call.consult, call.talk
    assert asked is not None
    if event.channel == asked.channel:
        why = "" if asked.agent is not None or asked.answered else f"outside_{reason_of(event.cause)}"
        return consult_over(call, now, failure_of(event), leg_up=False, why=why)
    if talk is None or event.channel != talk.channel:
        return call, ()
    return _asker_lost(call, now, leg_up=False)


def consulting_agent_away(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Page and telephone are both gone; the switch may list the leg for a while yet."""
    assert isinstance(event, m.AgentAway)
    asked, talk = call.consult, call.talk
    assert asked is not None
    if asked.answered and asked.agent is not None and asked.agent.lost_by(event.agent_id):
        return consult_over(call, now, acd.OfferFailure.UNREACHABLE)
    if talk is not None and talk.agent.lost_by(event.agent_id):
        return _asker_lost(call, now, leg_up=True)
    return call, ()


def _asker_lost(call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    """A colleague who was asked takes the caller over. Else all that is there is kept a while for who was lost:
    somebody outside gets the caller by the agent's wish alone, which the loss of a browser is not. A desk phone that
    is hung up means it.
    """
    asked, talk, _ = three(call)
    if asked.blind:
        return forward(call, now, leg_up=leg_up)
    if asked.answered and (asked.agent is not None or not talk.agent.browser):
        return hand_over(call, now, leg_up=leg_up)
    if talk.agent.browser:
        return park(call, now, leg_up=leg_up)
    call, let_go = let_consulted_go(call, now, UNBLAMED, leg_up=True)
    call, front = to_the_front(call, now, "agent_lost", leg_up=leg_up)
    return call, (*let_go, *front)
