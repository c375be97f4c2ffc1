"""Calls that we make: the agent's own telephone first, then the one outside. Pure; listed in ``table.TABLE``.

A call that an agent asked for holds the agent from its first moment (``talk``): the desk was told so before. A
call-back holds an offer (``ringing``) like any caller's until the agent answers; the desk keeps its place until
it hears that the customer was reached or not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.handlers_queue import failure_of, late_answer
from callcenter.calls.messages import Phase, Segment, SegmentKind
from callcenter.calls.state import Call, Outcome, Ringing, Talk, close_segments, fresh, open_segment
from callcenter.ids import AgentId, OfferId, name_of
from callcenter.ivr.flow import FlowSet

ANSWER_TIMER = "answer"
_REASON_BY_CAUSE: Final = {
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    21: "rejected",
    1: "unallocated",
    28: "unallocated",
}
"""Q.850 causes of a telephone outside that did not answer; all others mean that it was not reached."""


def reason_of(cause: int) -> str:
    """Why a telephone outside did not answer, from the Q.850 cause of its leg's end."""
    return _REASON_BY_CAUSE.get(cause, "unreachable")


def begin_outbound(flows: FlowSet, asked: m.DialAsked, now: datetime) -> Outcome:
    """Pop first, then the agent's telephone."""
    agent = asked.agent
    ring = Segment(kind=SegmentKind.RING, started_at=now, agent_id=agent.agent_id, queue=asked.queue or None)
    call = Call(
        id=asked.call_id,
        node=asked.node,
        channel=asked.channel,
        caller_number=asked.number,
        dialled="",
        trunk="",
        hotline=asked.hotline,
        flow="",
        flow_version=asked.flow_version,
        language=asked.language,
        drill=asked.drill,
        phase=Phase.CALLING_AGENT,
        arrived_at=now,
        bridge=name_of(asked.call_id, "talk"),
        direction="outbound",
        purpose=asked.purpose,
        answer_s=asked.answer_s,
        callback=asked.offer,
        home=asked.queue or None,
        outside_there=False,
        segments=(ring,),
    )
    call, leg = fresh(call, "agent")
    offer = asked.offer or _own_offer(asked)
    if asked.offer is not None:
        call = replace(call, ringing=Ringing(offer=offer, channel=leg))
    else:
        call = replace(call, talk=Talk(agent=agent, channel=leg, since=now))
    # Whose number it is stands with the call from the beginning, also where nobody answers and no outcome is written.
    known: tuple[m.Action, ...] = () if asked.drill else (m.Recognise(number=asked.number),)
    return call, (
        m.SendPop(offer=offer),
        m.CreateBridge(bridge=call.bridge or ""),
        m.DialAgent(channel=leg, offer=offer, caller_number=asked.number),
        m.SetTimer(name=f"ring{leg}", seconds=offer.ring_timeout_s),
        *known,
    )


def _own_offer(asked: m.DialAsked) -> acd.OfferMade:
    """What a page is shown of a call that the agent asked for; the desk has made no such offer."""
    return acd.OfferMade(
        offer_id=OfferId(f"{asked.call_id}-0"),
        call_id=asked.call_id,
        agent=asked.agent,
        queue=asked.queue,
        ring_timeout_s=asked.ring_s,
        waited_s=0.0,
        decision=acd.Decision(candidates=(), excluded=(), reason="dialled_out"),
    )


def _leg(call: Call) -> str:
    part = call.ringing or call.talk
    return part.channel if part else ""


def _agent(call: Call) -> AgentId | None:
    if call.ringing is not None:
        return call.ringing.offer.agent.agent_id
    return call.talk.agent.agent_id if call.talk else None


# --- the agent's telephone rings ------------------------------------------------------------------


def agent_rang(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegRang)
    agent_id = _agent(call)
    if event.channel != _leg(call) or agent_id is None:
        return call, ()
    show = m.ShowCall(agent_id=agent_id)
    if call.ringing is None:
        return call, (show,)
    return call, (m.TellDesk(command=acd.OfferRinging(offer_id=call.ringing.offer.offer_id)), show)


def agent_answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The agent is there: now the telephone outside rings, and the agent hears it."""
    assert isinstance(event, m.LegAnswered)
    leg, agent_id = _leg(call), _agent(call)
    if event.channel != leg or agent_id is None:
        return late_answer(flows, call, event, now)
    queue = call.segments[-1].queue
    told: tuple[m.Action, ...] = ()
    if call.ringing is not None:
        offer = call.ringing.offer
        call = replace(call, ringing=None, talk=Talk(agent=offer.agent, channel=leg, since=now))
        told = (
            m.TellDesk(command=acd.OfferAnswered(offer_id=offer.offer_id, call_id=call.id)),
            m.OfferOver(agent_id=agent_id, offer_id=offer.offer_id, reason="answered"),
        )
    call = replace(call, phase=Phase.DIALLING, outside_there=True)
    call = open_segment(call, SegmentKind.DIAL, now, result="answered", agent_id=agent_id, queue=queue)
    return call, (
        m.DropTimer(name=f"ring{leg}"),
        *told,
        m.StartRinging(channel=leg),
        m.ShowCall(agent_id=agent_id),
        m.DialOutside(
            channel=call.channel,
            number=call.caller_number,
            hotline=call.hotline,
            timeout_s=call.answer_s,
            callback=call.callback.call_id if call.callback else None,
        ),
        m.SetTimer(name=ANSWER_TIMER, seconds=call.answer_s),
    )


def ring_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    return _agent_missed(call, acd.OfferFailure.NO_ANSWER, now) if event.name == f"ring{_leg(call)}" else (call, ())


def agent_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegGone)
    if event.channel != _leg(call):
        return call, ()
    return _agent_missed(call, failure_of(event), now, leg_up=False)


def agent_declines(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentDecline | m.AgentHangUp)
    if event.agent_id != _agent(call):
        return call, (m.RefuseAgent(agent_id=event.agent_id, code="not_your_call"),)
    return _agent_missed(call, acd.OfferFailure.DECLINED, now)


def agent_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The switch cannot ring the agent, or has no bridge for the two."""
    assert isinstance(event, m.ActionFailed)
    if event.target not in (_leg(call), call.bridge):
        return call, ()
    return _agent_missed(call, acd.OfferFailure.UNREACHABLE, now)


def withdrawn(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.Withdrawn)
    if call.ringing is None or event.offer_id != call.ringing.offer.offer_id:
        return call, ()
    return _agent_missed(call, None, now)


def _agent_missed(call: Call, failure: acd.OfferFailure | None, now: datetime, *, leg_up: bool = True) -> Outcome:
    """Nobody outside was rung. ``failure`` None: the desk took the offer back and knows."""
    reason = f"agent_{failure.value}" if failure else "withdrawn"
    told: tuple[m.Action, ...] = ()
    if call.ringing is not None:
        offer = call.ringing.offer
        told = (m.OfferOver(agent_id=offer.agent.agent_id, offer_id=offer.offer_id, reason=reason[6:] or reason),)
        if failure:
            told += (m.TellDesk(command=acd.OfferFailed(offer_id=offer.offer_id, failure=failure)),)
    elif call.talk is not None:
        agent_id = call.talk.agent.agent_id
        told = (
            m.TellDesk(command=acd.TalkEnded(call_id=call.id, agent_id=agent_id)),
            # Nothing was said: there is nothing to write up.
            m.TellDesk(command=acd.WrapUpDone(agent_id=agent_id)),
        )
    return _finish(call, reason, "agent", told, now, leg_up=leg_up)


# --- the telephone outside rings ------------------------------------------------------------------


def outside_answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegAnswered)
    if event.channel != call.channel or call.talk is None or call.bridge is None:
        return late_answer(flows, call, event, now)
    agent_id, leg = call.talk.agent.agent_id, call.talk.channel
    reached: tuple[m.Action, ...] = ()
    if call.callback is not None:
        reached = (m.TellDesk(command=acd.CallbackReached(offer_id=call.callback.offer_id)),)
    call = replace(call, phase=Phase.TALKING, answered_at=now, answered_by=agent_id, callback=None, captured=True)
    queue = call.segments[-1].queue
    call = open_segment(call, SegmentKind.TALK, now, result="answered", agent_id=agent_id, queue=queue)
    return call, (
        *reached,
        m.StopRinging(channel=leg),
        m.Join(bridge=call.bridge or "", channels=(call.channel, leg)),
        m.Capture(channel=call.channel),
        m.DropTimer(name=ANSWER_TIMER),
        m.ShowCall(agent_id=agent_id),
    )


def outside_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.CallerGone)
    return _not_reached(replace(call, outside_there=False), reason_of(event.cause), "caller", now)


def answer_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    return _not_reached(call, "no_answer", "system", now) if event.name == ANSWER_TIMER else (call, ())


def outside_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """A rule forbids the call, or the switch or every trunk refuses it."""
    assert isinstance(event, m.ActionFailed)
    if event.target != call.channel:
        return call, ()
    reason = "unreachable" if event.code in ("", "switch_refused") else event.code
    return _not_reached(replace(call, outside_there=False), reason, "system", now)


def agent_cancels(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The agent gives up while it rings outside."""
    assert isinstance(event, m.AgentHangUp | m.LegGone)
    if isinstance(event, m.LegGone):
        if event.channel != _leg(call):
            return call, ()
        return _not_reached(call, "agent_ended", "agent", now, leg_up=False)
    if event.agent_id != _agent(call):
        return call, (m.RefuseAgent(agent_id=event.agent_id, code="not_your_call"),)
    return _not_reached(call, "agent_ended", "agent", now)


def _not_reached(call: Call, reason: str, by: str, now: datetime, *, leg_up: bool = True) -> Outcome:
    """A call-back's place waits for its next attempt and its agent is free; else the agent may write it up."""
    told: tuple[m.Action, ...] = ()
    if call.callback is not None:
        told = (m.TellDesk(command=acd.CallbackFailed(offer_id=call.callback.offer_id, reason=reason)),)
    elif call.talk is not None:
        told = (m.TellDesk(command=acd.TalkEnded(call_id=call.id, agent_id=call.talk.agent.agent_id)),)
    return _finish(call, reason, by, told, now, leg_up=leg_up)


def dialled_over(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.DialledOver)
    return (replace(call, trunk=event.trunk) if event.channel == call.channel else call), ()


# --- both -----------------------------------------------------------------------------------------


def switch_lost(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    return _cut(replace(call, outside_there=False), "switch_lost", now, leg_up=False)


def aborted(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.Abort)
    return _cut(call, event.reason, now)


def _cut(call: Call, reason: str, now: datetime, *, leg_up: bool = True) -> Outcome:
    if call.ringing is None:
        return _not_reached(call, reason, "system", now, leg_up=leg_up)
    offer = call.ringing.offer
    failed = acd.OfferFailed(offer_id=offer.offer_id, failure=acd.OfferFailure.CALLER_GONE)
    over = m.OfferOver(agent_id=offer.agent.agent_id, offer_id=offer.offer_id, reason="withdrawn")
    return _finish(call, reason, "system", (over, m.TellDesk(command=failed)), now, leg_up=leg_up)


def _finish(call: Call, reason: str, by: str, told: tuple[m.Action, ...], now: datetime, *, leg_up: bool) -> Outcome:
    """Everything that the call still holds is given back, once."""
    leg, agent_id = _leg(call), _agent(call)
    actions: list[m.Action] = [m.DropTimer(name=f"ring{leg}"), m.DropTimer(name=ANSWER_TIMER)]
    if call.outside_there:
        actions.append(m.HangUp(channel=call.channel))
    if leg_up and leg:
        actions.append(m.HangUp(channel=leg))
    actions += [*told, m.DestroyBridge(bridge=call.bridge or "")]
    call = replace(
        call,
        phase=Phase.ENDED,
        ringing=None,
        talk=None,
        callback=None,
        segments=close_segments(call.segments, now, reason),
        ended_at=now,
        end_reason=reason,
        ended_by=by,
    )
    if agent_id is not None:
        actions.append(m.ShowCall(agent_id=agent_id))
    return call, tuple(actions)
