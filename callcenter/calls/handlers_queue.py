"""What events do to a call that waits or is offered to an agent. Pure; listed in ``table.TABLE``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.following import COMFORT, comfort_timer, menu_input
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Outcome, Ringing, Talk, end_by_us, fresh, open_segment, quiet
from callcenter.ids import name_of
from callcenter.ivr import messages as ivr
from callcenter.ivr.announce import position_prompts
from callcenter.ivr.flow import FlowSet


def offered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The desk found an agent: pop first, then ring."""
    assert isinstance(event, m.Offered)
    offer = event.offer
    if offer.consult_by is not None:  # a colleague was asked about a call that waits again
        return offer_too_late(flows, call, event, now)
    call, stopped = _resume_music(*quiet(call))
    prepare: tuple[m.Action, ...] = ()
    if call.bridge is None:
        call = replace(call, bridge=name_of(call.id, "talk"))
        assert call.bridge is not None
        prepare = (m.CreateBridge(bridge=call.bridge),)
    call, channel = fresh(call, "agent")
    call = replace(call, phase=Phase.OFFERED, ringing=Ringing(offer=offer, channel=channel))
    call = open_segment(call, SegmentKind.RING, now, result="offered", agent_id=offer.agent.agent_id, queue=offer.queue)
    return call, (
        m.SendPop(offer=offer),
        m.DialAgent(channel=channel, offer=offer, caller_number=call.caller_number),
        *stopped,
        *prepare,  # while it rings
        m.SetTimer(name=f"ring{channel}", seconds=offer.ring_timeout_s),
    )


def offered_too(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """All ring: one more telephone, at once with the others or when somebody has become free."""
    assert isinstance(event, m.Offered)
    offer = event.offer
    if not offer.together or offer.consult_by is not None:
        return offer_too_late(flows, call, event, now)
    call, channel = fresh(call, "agent")
    assert call.ringing is not None
    first, *others = (replace(ring, shared=True) for ring in call.rings)
    ring = Ringing(offer=offer, channel=channel, shared=True)
    call = replace(call, ringing=first, ringing_too=(*others, ring))
    # The ring is nobody's own.
    call = replace(call, segments=(*call.segments[:-1], replace(call.segments[-1], agent_id=None)))
    return call, (
        m.SendPop(offer=offer),
        m.DialAgent(channel=channel, offer=offer, caller_number=call.caller_number),
        m.SetTimer(name=f"ring{channel}", seconds=offer.ring_timeout_s),
    )


def offer_too_late(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The offer crossed the call's leaving of the queue: give the agent back, without blame."""
    assert isinstance(event, m.Offered)
    return call, (_failed(event.offer, acd.OfferFailure.CALLER_GONE),)


def queue_ended(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.QueueEnded)
    if call.wait is None or event.queue != call.wait.queue:
        return call, ()
    call, stopped = quiet(replace(call, phase=Phase.MENU, wait=None, waited_since=call.wait.since))
    stopped = (*stopped, m.DropTimer(name=COMFORT))
    call = open_segment(call, SegmentKind.MENU, now, result=event.reason)
    call, actions = menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.OVERFLOW), now)
    if call.phase is Phase.MENU and call.playback is None and call.run is None:
        call, actions = end_by_us(call, event.reason, "system")
    return call, (*stopped, m.StopMusic(channel=call.channel), *actions)


def position_due(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.PositionDue)
    if call.playback is not None:  # the last announcement still runs
        return call, ()
    call, playback = fresh(call, "say")
    prompts = position_prompts(event.position.position, event.position.estimated_wait_s, call.language)
    return replace(call, playback=playback), (
        m.StopMusic(channel=call.channel),
        m.Play(channel=call.channel, playback=playback, prompts=prompts),
    )


def comfort_due(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Something kind for who waits; not in the middle of being told their place."""
    assert isinstance(event, m.TimerFired)
    if event.name != COMFORT or call.wait is None:
        return call, ()
    again = comfort_timer(flows, call.wait.queue)
    definition = flows.queues.get(call.wait.queue)
    if call.playback is not None or definition is None or definition.comfort is None:
        return call, again
    call, playback = fresh(call, "say")
    prompts = definition.comfort.prompts(call.language, {})
    return replace(call, playback=playback), (
        m.StopMusic(channel=call.channel),
        m.Play(channel=call.channel, playback=playback, prompts=prompts),
        *again,
    )


def directed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """A supervisor's word. The desk goes by it already; what the caller hears, and the figures, follow."""
    assert isinstance(event, m.Directed)
    assert call.wait is not None
    command = event.command
    before, queue = call.wait, command.queue
    wait = before if command.priority is None else replace(before, priority=command.priority)
    if command.agent_id is not None or queue is not None:
        wait = replace(wait, given_to=command.agent_id, given_by=command.by if command.agent_id else "")
    if queue is None or queue == wait.queue:
        return replace(call, wait=wait), ()
    definition = flows.queues.get(queue)
    wait = replace(wait, queue=queue, music=definition.music if definition else wait.music)
    call = open_segment(replace(call, wait=wait), SegmentKind.WAIT, now, result="moved", queue=queue)
    heard = (m.StartMusic(channel=call.channel, music=wait.music),)
    return call, (
        *(heard if wait.music != before.music and call.playback is None else ()),
        *(comfort_timer(flows, queue) or (m.DropTimer(name=COMFORT),)),
    )


def announced(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.SayFinished)
    if event.playback != call.playback or call.wait is None:
        return call, ()
    return replace(call, playback=None), (m.StartMusic(channel=call.channel, music=call.wait.music),)


# --- an offer under way ---------------------------------------------------------------------


def leg_rang(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegRang)
    ring = _ring_on(call, event.channel)
    if ring is None:
        return call, ()
    offer = ring.offer
    return call, (
        m.TellDesk(command=acd.OfferRinging(offer_id=offer.offer_id)),
        m.ShowCall(agent_id=offer.agent.agent_id),
    )


def leg_answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegAnswered)
    ringing = _ring_on(call, event.channel)
    if ringing is None:
        return late_answer(flows, call, event, now)
    offer, agent = ringing.offer, ringing.offer.agent
    others = [ring for ring in call.rings if ring is not ringing]
    call = replace(
        call,
        phase=Phase.TALKING,
        ringing=None,
        ringing_too=(),
        talk=Talk(agent=agent, channel=ringing.channel, since=now),
        answered_at=call.answered_at or now,
        answered_by=call.answered_by or agent.agent_id,
    )
    call = open_segment(call, SegmentKind.TALK, now, result="answered", agent_id=agent.agent_id, queue=offer.queue)
    assert call.bridge is not None
    return call, (
        m.Join(bridge=call.bridge, channels=(call.channel, ringing.channel)),
        m.DropTimer(name=f"ring{ringing.channel}"),
        m.DropTimer(name=COMFORT),
        m.TellDesk(command=acd.OfferAnswered(offer_id=offer.offer_id)),
        m.OfferOver(agent_id=agent.agent_id, offer_id=offer.offer_id, reason="answered"),
        m.ShowCall(agent_id=agent.agent_id),
        *(action for ring in others for action in _answered_elsewhere(ring)),
    )


def _ring_on(call: Call, channel: str) -> Ringing | None:
    return next((ring for ring in call.rings if ring.channel == channel), None)


def _answered_elsewhere(ring: Ringing) -> tuple[m.Action, ...]:
    """The desk knows by the answer."""
    offer = ring.offer
    over = m.OfferOver(agent_id=offer.agent.agent_id, offer_id=offer.offer_id, reason="answered_elsewhere")
    return (m.HangUp(channel=ring.channel), m.DropTimer(name=f"ring{ring.channel}"), over)


def late_answer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """A leg we had given up was answered after all: nobody is there for it."""
    assert isinstance(event, m.LegAnswered)
    if event.channel in call.settled_legs:
        return call, ()
    return call, (m.HangUp(channel=event.channel),)


_FAILURE_BY_CAUSE = {
    17: acd.OfferFailure.BUSY,
    18: acd.OfferFailure.NO_ANSWER,
    19: acd.OfferFailure.NO_ANSWER,
    21: acd.OfferFailure.DECLINED,
}
"""Q.850 causes of a leg that ended unanswered; all others mean that the telephone was not reached."""


def offered_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegGone)
    ring = _ring_on(call, event.channel)
    if ring is None:
        return call, ()
    return back_to_waiting(call, failure_of(event), now, leg_up=False, ring=ring)


def failure_of(event: m.LegGone) -> acd.OfferFailure:
    """What a leg that ended unanswered says of its telephone."""
    return _FAILURE_BY_CAUSE.get(event.cause, acd.OfferFailure.UNREACHABLE)


def ring_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    if event.name == COMFORT and call.wait is not None:  # said later, if nobody answers
        return call, comfort_timer(flows, call.wait.queue)
    ring = _ring_on(call, event.name.removeprefix("ring"))
    if ring is None:
        return call, ()
    failure = acd.OfferFailure.RANG_OUT if ring.shared else acd.OfferFailure.NO_ANSWER
    return back_to_waiting(call, failure, now, ring=ring)


def agent_declines(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentDecline | m.AgentHangUp)
    mine = next((ring for ring in call.rings if ring.offer.agent.agent_id == event.agent_id), None)
    if mine is None or (isinstance(event, m.AgentDecline) and mine.offer.offer_id != event.offer_id):
        return call, (m.RefuseAgent(agent_id=event.agent_id, code="not_your_call"),)
    return back_to_waiting(call, acd.OfferFailure.DECLINED, now, ring=mine)


def withdrawn(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.Withdrawn)
    ring = next((one for one in call.rings if one.offer.offer_id == event.offer_id), None)
    return (call, ()) if ring is None else back_to_waiting(call, None, now, ring=ring)


def _failed(offer: acd.OfferMade, failure: acd.OfferFailure) -> m.TellDesk:
    return m.TellDesk(command=acd.OfferFailed(offer_id=offer.offer_id, failure=failure))


def back_to_waiting(
    call: Call,
    failure: acd.OfferFailure | None,
    now: datetime,
    *,
    leg_up: bool = True,
    ring: Ringing | None = None,
) -> Outcome:
    """The offer (``ring``: one of several) is over and the wait goes on, or others ring on. ``failure`` None: the desk
    took it back and knows."""
    ringing, wait = ring or call.ringing, call.wait
    assert ringing is not None
    assert wait is not None
    reason = failure.value if failure else "withdrawn"
    left = tuple(one for one in call.rings if one is not ringing)
    if left:
        call = replace(call, ringing=left[0], ringing_too=left[1:])
    else:
        call = replace(call, phase=Phase.WAITING, ringing=None)
        call = open_segment(call, SegmentKind.WAIT, now, result=reason, queue=wait.queue)
    actions: list[m.Action] = [m.DropTimer(name=f"ring{ringing.channel}")]
    if leg_up:
        actions.append(m.HangUp(channel=ringing.channel))
    actions.append(m.OfferOver(agent_id=ringing.offer.agent.agent_id, offer_id=ringing.offer.offer_id, reason=reason))
    if failure:
        actions.append(_failed(ringing.offer, failure))
    return call, tuple(actions)


def _resume_music(call: Call, stopped: tuple[m.Action, ...]) -> Outcome:
    """After an announcement is cut short the caller hears music again, not silence."""
    if not stopped or call.wait is None:
        return call, stopped
    return call, (*stopped, m.StartMusic(channel=call.channel, music=call.wait.music))
