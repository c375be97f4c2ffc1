"""What events do while an agent asks a colleague and the caller hears music. Pure; listed in ``table.TABLE``.

The caller keeps the bridge of the conversation; the two agents talk in one of their own. Who is asked is an
offer of the desk like any other, marked with who asks: nobody is rung who is not reserved.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.handlers_queue import failure_of, late_answer, offer_too_late
from callcenter.calls.handlers_talk import is_mine, not_yours, release, talk_state
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Consult, Outcome, Talk, beside, fresh, open_segment
from callcenter.calls.waiting import to_the_front
from callcenter.ids import AgentId
from callcenter.ivr.flow import FlowSet


def agent_consults(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Ask the desk for the colleague; until it has answered nothing changes for the caller."""
    assert isinstance(event, m.AgentConsult)
    if not is_mine(call, event):
        return call, not_yours(event)
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
        *(() if held else _caller_aside(call)),
        m.LeaveBridge(bridge=conversation, channel=talk.channel),
        m.StartRinging(channel=talk.channel),
        m.CreateBridge(bridge=bridge),
        m.SendPop(offer=offer),
        m.DialAgent(channel=channel, offer=offer, caller_number=call.caller_number),
        m.SetTimer(name=f"ring{channel}", seconds=offer.ring_timeout_s),
        *talk_state(call, talk.agent.agent_id, acd.AgentState.CONSULTING),
    )


def _caller_aside(call: Call) -> tuple[m.Action, ...]:
    assert call.bridge is not None
    leave = m.LeaveBridge(bridge=call.bridge, channel=call.channel)
    return (leave, m.StartMusic(channel=call.channel, music=call.music))


# --- the colleague is rung -----------------------------------------------------------------------


def consulted_rang(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegRang)
    asked = call.consult
    if asked is None or asked.answered or event.channel != asked.channel:
        return call, ()
    ringing = m.TellDesk(command=acd.OfferRinging(offer_id=asked.offer.offer_id))
    return call, (ringing, m.ShowCall(agent_id=asked.agent.agent_id))


def consulted_answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegAnswered)
    asked, talk = call.consult, call.talk
    if asked is None or talk is None or asked.answered or event.channel != asked.channel:
        return late_answer(flows, call, event, now)
    call = replace(call, consult=replace(asked, answered=True, since=now))
    call = beside(call, now, "answered", SegmentKind.CONSULT, asked.agent.agent_id)
    return call, (
        m.StopRinging(channel=talk.channel),
        m.Join(bridge=asked.bridge, channels=(talk.channel, asked.channel)),
        m.DropTimer(name=f"ring{asked.channel}"),
        m.TellDesk(command=acd.OfferAnswered(offer_id=asked.offer.offer_id)),
        m.OfferOver(agent_id=asked.agent.agent_id, offer_id=asked.offer.offer_id, reason="answered"),
        *talk_state(call, asked.agent.agent_id, acd.AgentState.CONSULTING),
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
    if asked is None or asked.answered or event.offer_id != asked.offer.offer_id:
        return call, not_yours(event)
    return consult_over(call, now, acd.OfferFailure.DECLINED)


def consult_withdrawn(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.Withdrawn)
    asked = call.consult
    if asked is None or asked.answered or event.offer_id != asked.offer.offer_id:
        return call, ()
    return consult_over(call, now, None)


# --- the asking agent's buttons ----------------------------------------------------------------------


def _refused(
    call: Call, event: m.AgentSwap | m.AgentComplete | m.AgentCancel | m.AgentConference
) -> tuple[m.Action, ...]:
    """What the agent is told who may not do this; empty: they may."""
    if not is_mine(call, event) or call.consult is None:
        return not_yours(event)
    if not call.consult.answered and not isinstance(event, m.AgentCancel):
        return (m.RefuseAgent(agent_id=event.agent_id, code="not_answered_yet"),)
    return ()


def _three(call: Call) -> tuple[Consult, Talk, str]:
    """The colleague, the agent who asks and the conversation's bridge: all there while a consultation lasts."""
    assert call.consult is not None
    assert call.talk is not None
    assert call.bridge is not None
    return call.consult, call.talk, call.bridge


def agent_cancels(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentCancel)
    if refused := _refused(call, event):
        return call, refused
    return consult_over(call, now, acd.OfferFailure.CALLER_GONE, resume=True)


def agent_swaps(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentSwap)
    if refused := _refused(call, event):
        return call, refused
    asked, talk, bridge = _three(call)
    to_caller = not asked.with_caller
    call = replace(call, consult=replace(asked, with_caller=to_caller))
    kind = SegmentKind.TALK if to_caller else SegmentKind.CONSULT
    call = open_segment(call, kind, now, result="swapped", agent_id=event.agent_id, queue=call.queue)
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
            *_caller_aside(call),
            m.LeaveBridge(bridge=bridge, channel=talk.channel),
            m.Join(bridge=asked.bridge, channels=(talk.channel, asked.channel)),
        )
    return call, (*moves, m.ShowCall(agent_id=event.agent_id), m.ShowCall(agent_id=asked.agent.agent_id))


def agent_completes(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentComplete)
    if refused := _refused(call, event):
        return call, refused
    return hand_over(call, now)


def agent_confers(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """All three in the conversation's bridge."""
    assert isinstance(event, m.AgentConference)
    if refused := _refused(call, event):
        return call, refused
    asked, talk, bridge = _three(call)
    if asked.with_caller:
        moves: tuple[m.Action, ...] = (m.Join(bridge=bridge, channels=(asked.channel,)),)
    else:
        moves = (
            m.LeaveBridge(bridge=asked.bridge, channel=asked.channel),
            m.LeaveBridge(bridge=asked.bridge, channel=talk.channel),
            m.Join(bridge=bridge, channels=(call.channel, talk.channel, asked.channel)),
        )
    call = replace(call, phase=Phase.CONFERENCE, consult=replace(asked, with_caller=True))
    call = open_segment(
        call, SegmentKind.CONFERENCE, now, result="conference", agent_id=event.agent_id, queue=call.queue
    )
    call = beside(call, now, "conference", SegmentKind.CONFERENCE, asked.agent.agent_id)
    return call, (
        *moves,
        m.DestroyBridge(bridge=asked.bridge),
        *talk_state(call, event.agent_id, acd.AgentState.TALKING),
        *talk_state(call, asked.agent.agent_id, acd.AgentState.TALKING),
    )


# --- somebody hangs up ---------------------------------------------------------------------------------


def consulting_agent_hangs_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """By the page's button: the colleague takes the caller over; one who is still rung is let go."""
    assert isinstance(event, m.AgentHangUp)
    asked = call.consult
    assert asked is not None
    if is_mine(call, event):
        return hand_over(call, now) if asked.answered else consult_over(call, now, _UNBLAMED, resume=True)
    if asked.agent.agent_id != event.agent_id:
        return call, not_yours(event)
    return consult_over(call, now, acd.OfferFailure.DECLINED)


def consulting_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegGone)
    asked, talk = call.consult, call.talk
    assert asked is not None
    if event.channel == asked.channel:
        return consult_over(call, now, failure_of(event), leg_up=False)
    if talk is None or event.channel != talk.channel:
        return call, ()
    return _asker_lost(flows, call, now, leg_up=False)


def consulting_agent_away(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Page and telephone are both gone; the switch may list the leg for a while yet."""
    assert isinstance(event, m.AgentAway)
    asked, talk = call.consult, call.talk
    assert asked is not None
    if asked.answered and asked.agent.lost_by(event.agent_id):
        return consult_over(call, now, acd.OfferFailure.UNREACHABLE)
    if talk is not None and talk.agent.lost_by(event.agent_id):
        return _asker_lost(flows, call, now, leg_up=True)
    return call, ()


def _asker_lost(flows: FlowSet, call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    """Who was being asked takes the caller over; if they have not answered, the caller goes to the next agent."""
    asked = call.consult
    assert asked is not None
    if asked.answered:
        return hand_over(call, now, leg_up=leg_up)
    call, let_go = let_consulted_go(call, now, _UNBLAMED, leg_up=True)
    call, front = to_the_front(call, now, "agent_lost", leg_up=leg_up)
    return call, (*let_go, *front)


_UNBLAMED = acd.OfferFailure.CALLER_GONE


def hand_over(call: Call, now: datetime, *, leg_up: bool = True) -> Outcome:
    """The colleague has the caller; who asked is in wrap-up."""
    asked, talk, bridge = _three(call)
    giver: AgentId = talk.agent.agent_id
    apart: tuple[m.Action, ...] = ()
    if not asked.with_caller:
        apart = (m.LeaveBridge(bridge=asked.bridge, channel=asked.channel),)
    taken = (asked.channel,) if asked.with_caller else (call.channel, asked.channel)
    # The asker leaves the conversation's bridge before the colleague enters, or all three would be in it a moment.
    call, released = release(call, leg_up=leg_up)
    call = replace(
        call,
        phase=Phase.TALKING,
        talk=Talk(agent=asked.agent, channel=asked.channel, since=now),
        consult=None,
        transfers=call.transfers + 1,
        transferred_by=giver,
    )
    call = open_segment(
        call, SegmentKind.TALK, now, result="transferred", agent_id=asked.agent.agent_id, queue=call.queue
    )
    call = beside(call, now, "transferred")
    return call, (
        *released,
        *apart,
        m.Join(bridge=bridge, channels=taken),
        m.DestroyBridge(bridge=asked.bridge),
        *talk_state(call, asked.agent.agent_id, acd.AgentState.TALKING),
    )


def let_consulted_go(call: Call, now: datetime, failure: acd.OfferFailure | None, *, leg_up: bool) -> Outcome:
    """End the colleague's part, and with it their bridge. ``failure`` None: the desk took its offer back and knows.

    They get no wrap-up: they never met the caller.
    """
    asked = call.consult
    assert asked is not None
    agent_id, offer_id = asked.agent.agent_id, asked.offer.offer_id
    result = failure.value if failure is not None else "withdrawn"
    actions: list[m.Action] = [m.HangUp(channel=asked.channel)] if leg_up else []
    call = beside(replace(call, consult=None), now, "consulted" if asked.answered else result)
    if asked.answered:
        ended = acd.TalkEnded(call_id=call.id, agent_id=agent_id, met_caller=False)
        actions += [m.TellDesk(command=ended), m.ShowCall(agent_id=agent_id)]
    else:
        actions.append(m.DropTimer(name=f"ring{asked.channel}"))
        actions.append(m.OfferOver(agent_id=agent_id, offer_id=offer_id, reason=result))
        if failure is not None:
            actions.append(m.TellDesk(command=acd.OfferFailed(offer_id=offer_id, failure=failure)))
    return call, (*actions, m.DestroyBridge(bridge=asked.bridge))


def consult_over(
    call: Call, now: datetime, failure: acd.OfferFailure | None, *, leg_up: bool = True, resume: bool = False
) -> Outcome:
    """The colleague is gone; the agent has the caller again, on hold unless they asked for it (``resume``)."""
    asked, talk, bridge = _three(call)
    agent_id = talk.agent.agent_id
    moves: list[m.Action] = []
    if asked.answered and not asked.with_caller:
        moves.append(m.LeaveBridge(bridge=asked.bridge, channel=talk.channel))
    if not asked.answered:
        moves.append(m.StopRinging(channel=talk.channel))
    resume = resume or asked.with_caller
    if not asked.with_caller:
        moves.append(m.Join(bridge=bridge, channels=(call.channel, talk.channel) if resume else (talk.channel,)))
    call, let_go = let_consulted_go(call, now, failure, leg_up=leg_up)
    call = replace(call, phase=Phase.TALKING if resume else Phase.HELD)
    kind, state = (SegmentKind.TALK, acd.AgentState.TALKING) if resume else (SegmentKind.HOLD, acd.AgentState.HOLD)
    if not asked.with_caller:
        call = open_segment(call, kind, now, result="consulted", agent_id=agent_id, queue=call.queue)
    told = () if resume else (m.RefuseAgent(agent_id=agent_id, code=_why(asked, failure)),)
    return call, (*moves, *let_go, *talk_state(call, agent_id, state), *told)


def _why(asked: Consult, failure: acd.OfferFailure | None) -> str:
    return "consulted_left" if asked.answered else f"consult_{failure.value if failure else 'withdrawn'}"
