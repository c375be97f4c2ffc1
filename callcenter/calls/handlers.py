"""What each event does to a call in the phases where it means something. Pure; listed in ``call.TABLE``.

Every handler has the same shape, ``(flows, call, event, now) -> (call, actions)``, and narrows its event
with an assertion: the table is what guarantees the type.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import (
    MAX_SWITCH_FAILURES,
    Call,
    Outcome,
    Ringing,
    Talk,
    Wait,
    close_segments,
    end_by_us,
    fresh,
    give_back,
    menu_input,
    open_segment,
    quiet,
)
from callcenter.ids import AgentId, name_of
from callcenter.ivr import messages as ivr
from callcenter.ivr.announce import position_prompts
from callcenter.ivr.flow import FlowSet

# --- the menu ---------------------------------------------------------------------------


def menu_key(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.Key)
    return menu_input(flows, call, ivr.KeyPressed(key=event.digit), now)


def menu_said(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.SayFinished)
    if event.playback != call.playback:
        return call, ()
    say, call = call.say, replace(call, playback=None, say=None)
    if call.run is None:  # a refusal was spoken: that was all
        return end_by_us(call, "refused", "system")
    if say is None:
        return call, ()
    return menu_input(flows, call, ivr.SayDone(say=say, ok=event.ok), now)


def menu_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    number = event.name.removeprefix("menu")
    if number == event.name or not number.isdigit():
        return call, ()
    return menu_input(flows, call, ivr.TimerFired(timer=int(number)), now)


def looked_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LookedUp)
    done = ivr.LookUpDone(request=event.request, found=event.found, values=event.values, error=event.error)
    return menu_input(flows, call, done, now)


def callback_saved(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.CallbackSaved)
    reason = ivr.ReturnReason.DONE if event.ok else ivr.ReturnReason.FAILED
    return menu_input(flows, call, ivr.Returned(reason=reason), now)


def said_before_message(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.SayFinished)
    return (replace(call, playback=None, say=None), ()) if event.playback == call.playback else (call, ())


def message_recorded(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.MessageRecorded)
    if event.recording != call.recording:
        return call, ()
    returned = ivr.Returned(
        reason=ivr.ReturnReason.DONE if event.ok else ivr.ReturnReason.FAILED,
        values={"recording": event.recording, "seconds": event.seconds},
    )
    return menu_input(flows, replace(call, phase=Phase.MENU, recording=None), returned, now)


# --- waiting ------------------------------------------------------------------------------


def offered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The desk found an agent: pop first, then ring."""
    assert isinstance(event, m.Offered)
    offer = event.offer
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
        *stopped,
        m.SendPop(offer=offer),
        *prepare,
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
    call, stopped = quiet(replace(call, phase=Phase.MENU, wait=None))
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


def announced(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.SayFinished)
    if event.playback != call.playback or call.wait is None:
        return call, ()
    return replace(call, playback=None), (m.StartMusic(channel=call.channel, music=call.wait.music),)


# --- an offer under way ---------------------------------------------------------------------


def leg_rang(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegRang)
    if call.ringing is None or event.channel != call.ringing.channel:
        return call, ()
    offer = call.ringing.offer
    return call, (
        m.TellDesk(command=acd.OfferRinging(offer_id=offer.offer_id)),
        m.ShowCall(agent_id=offer.agent.agent_id),
    )


def leg_answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegAnswered)
    ringing = call.ringing
    if ringing is None or event.channel != ringing.channel:
        return late_answer(flows, call, event, now)
    offer, agent = ringing.offer, ringing.offer.agent
    call = replace(
        call,
        phase=Phase.TALKING,
        ringing=None,
        talk=Talk(agent=agent, channel=ringing.channel, since=now),
        answered_at=call.answered_at or now,
        answered_by=call.answered_by or agent.agent_id,
    )
    call = open_segment(call, SegmentKind.TALK, now, result="answered", agent_id=agent.agent_id, queue=offer.queue)
    assert call.bridge is not None
    return call, (
        m.Join(bridge=call.bridge, channels=(call.channel, ringing.channel)),
        m.DropTimer(name=f"ring{ringing.channel}"),
        m.TellDesk(command=acd.OfferAnswered(offer_id=offer.offer_id)),
        m.OfferOver(agent_id=agent.agent_id, offer_id=offer.offer_id, reason="answered"),
        m.ShowCall(agent_id=agent.agent_id),
    )


def late_answer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """A leg we had given up was answered after all: nobody is there for it."""
    assert isinstance(event, m.LegAnswered)
    if call.talk is not None and event.channel == call.talk.channel:
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
    if call.ringing is None or event.channel != call.ringing.channel:
        return call, ()
    return _back_to_waiting(call, _FAILURE_BY_CAUSE.get(event.cause, acd.OfferFailure.UNREACHABLE), now, leg_up=False)


def ring_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.TimerFired)
    if call.ringing is None or event.name != f"ring{call.ringing.channel}":
        return call, ()
    return _back_to_waiting(call, acd.OfferFailure.NO_ANSWER, now)


def agent_declines(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentDecline | m.AgentHangUp)
    offer = call.ringing.offer if call.ringing else None
    mine = offer is not None and offer.agent.agent_id == event.agent_id
    if not mine or (isinstance(event, m.AgentDecline) and offer and offer.offer_id != event.offer_id):
        return call, (m.RefuseAgent(agent_id=event.agent_id, code="not_your_call"),)
    return _back_to_waiting(call, acd.OfferFailure.DECLINED, now)


def withdrawn(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.Withdrawn)
    if call.ringing is None or event.offer_id != call.ringing.offer.offer_id:
        return call, ()
    return _back_to_waiting(call, None, now)


def _failed(offer: acd.OfferMade, failure: acd.OfferFailure) -> m.TellDesk:
    return m.TellDesk(command=acd.OfferFailed(offer_id=offer.offer_id, failure=failure))


def _back_to_waiting(call: Call, failure: acd.OfferFailure | None, now: datetime, *, leg_up: bool = True) -> Outcome:
    """The offer is over, the wait goes on. ``failure`` None: the desk took it back and knows."""
    ringing, wait = call.ringing, call.wait
    assert ringing is not None
    assert wait is not None
    reason = failure.value if failure else "withdrawn"
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


# --- conversation ------------------------------------------------------------------------------


def _is_mine(call: Call, event: m.AgentHangUp | m.AgentHold | m.AgentResume | m.AgentTransfer) -> bool:
    return call.talk is not None and call.talk.agent.agent_id == event.agent_id


def _not_yours(event: m.AgentHangUp | m.AgentHold | m.AgentResume | m.AgentTransfer) -> tuple[m.Action, ...]:
    return (m.RefuseAgent(agent_id=event.agent_id, code="not_your_call"),)


def talking_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The agent's telephone hung up."""
    assert isinstance(event, m.LegGone)
    if call.talk is None or event.channel != call.talk.channel:
        return call, ()
    return _agent_leaves(flows, call, now, leg_up=False)


def agent_hangs_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentHangUp)
    return _agent_leaves(flows, call, now) if _is_mine(call, event) else (call, _not_yours(event))


def _release(call: Call, *, leg_up: bool) -> Outcome:
    """End the agent's part: their leg, their place at the desk (wrap-up begins), their page."""
    talk = call.talk
    assert talk is not None
    ended = m.TellDesk(command=acd.TalkEnded(call_id=call.id, agent_id=talk.agent.agent_id))
    hang_up = (m.HangUp(channel=talk.channel),) if leg_up else ()
    return replace(call, talk=None), (*hang_up, ended, m.ShowCall(agent_id=talk.agent.agent_id))


def _agent_leaves(flows: FlowSet, call: Call, now: datetime, *, leg_up: bool = True) -> Outcome:
    """The conversation is over and the caller still there: back to the flow (a survey), else good-bye."""
    held = call.phase is Phase.HELD
    call, released = _release(call, leg_up=leg_up)
    assert call.bridge is not None
    apart: m.Action = (
        m.StopMusic(channel=call.channel) if held else m.LeaveBridge(bridge=call.bridge, channel=call.channel)
    )
    call = replace(call, phase=Phase.MENU, wait=None, end_reason=None, ended_by=None)
    call = open_segment(call, SegmentKind.MENU, now, result="agent_left")
    call, actions = menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.AGENT_LEFT), now)
    if call.phase is Phase.LEAVING:  # nothing more in the flow: it was the agent who ended the call
        call = replace(call, end_reason="completed", ended_by="agent")
    return call, (*released, apart, *actions)


def agent_holds(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentHold)
    if not _is_mine(call, event):
        return call, _not_yours(event)
    assert call.talk is not None
    assert call.bridge is not None
    music = call.wait.music if call.wait else "default"
    call = open_segment(
        replace(call, phase=Phase.HELD),
        SegmentKind.HOLD,
        now,
        result="held",
        agent_id=event.agent_id,
        queue=call.wait.queue if call.wait else None,
    )
    return call, (
        m.LeaveBridge(bridge=call.bridge or "", channel=call.channel),
        m.StartMusic(channel=call.channel, music=music),
        *_talk_state(call, event.agent_id, acd.AgentState.HOLD),
    )


def agent_resumes(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentResume)
    if not _is_mine(call, event):
        return call, _not_yours(event)
    call = open_segment(
        replace(call, phase=Phase.TALKING),
        SegmentKind.TALK,
        now,
        result="resumed",
        agent_id=event.agent_id,
        queue=call.wait.queue if call.wait else None,
    )
    return call, (
        m.Join(bridge=call.bridge or "", channels=(call.channel,)),
        *_talk_state(call, event.agent_id, acd.AgentState.TALKING),
    )


def _talk_state(call: Call, agent_id: AgentId, state: acd.AgentState) -> tuple[m.Action, ...]:
    changed = acd.TalkChanged(call_id=call.id, agent_id=agent_id, state=state)
    return (m.TellDesk(command=changed), m.ShowCall(agent_id=agent_id))


def agent_transfers(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Blind transfer: the agent is free for wrap-up at once; the caller waits a little ahead of the others."""
    assert isinstance(event, m.AgentTransfer)
    if not _is_mine(call, event):
        return call, _not_yours(event)
    queue = event.queue or (call.wait.queue if call.wait else None)
    definition = flows.queues.get(queue) if queue else None
    if queue is None or definition is None:
        return call, (m.RefuseAgent(agent_id=event.agent_id, code="unknown_queue"),)
    held = call.phase is Phase.HELD
    call, released = _release(call, leg_up=True)
    priority = min(9, (call.wait.priority if call.wait else 5) + 2)
    wait = Wait(queue=queue, since=now, priority=priority, music=definition.music)
    call = replace(call, phase=Phase.WAITING, wait=wait, transfers=call.transfers + 1, transferred_by=event.agent_id)
    call = open_segment(call, SegmentKind.WAIT, now, result="transferred", queue=queue)
    queued = acd.CallQueued(
        call_id=call.id,
        queue=queue,
        since=now,
        priority=priority,
        target_agent=event.to_agent,
        excluded_agents=frozenset({event.agent_id}),
        language=call.language,
        drill=call.drill,
    )
    apart: tuple[m.Action, ...] = () if held else (m.LeaveBridge(bridge=call.bridge or "", channel=call.channel),)
    return call, (
        *released,
        *apart,
        m.StartMusic(channel=call.channel, music=wait.music),
        m.TellDesk(command=queued),
    )


# --- the end ---------------------------------------------------------------------------------


def caller_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.CallerGone)
    reason, by = {
        Phase.MENU: ("abandoned_in_menu", "caller"),
        Phase.MESSAGE: ("message_left", "caller"),
        Phase.WAITING: ("abandoned", "caller"),
        Phase.OFFERED: ("abandoned", "caller"),
    }.get(call.phase, ("completed", "caller"))
    if call.answered_at is not None and call.phase in (Phase.MENU, Phase.MESSAGE):
        reason = "completed"
    return _end(call, call.end_reason or reason, call.ended_by or by, acd.LeaveCause.CALLER_HUNG_UP, now)


def switch_lost(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    return _end(call, "switch_lost", "system", acd.LeaveCause.SWITCH_LOST, now)


def aborted(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """End it now: hang up everything that is ours and wait for nothing."""
    assert isinstance(event, m.Abort)
    call, actions = _end(call, event.reason, "system", acd.LeaveCause.ENDED, now)
    return call, (m.HangUp(channel=call.channel), *actions)


def _end(call: Call, reason: str, by: str, cause: acd.LeaveCause, now: datetime) -> Outcome:
    """Settle everything the call still holds, once."""
    actions: list[m.Action] = []
    result = reason
    left = m.TellDesk(command=acd.CallLeft(call_id=call.id, cause=cause))
    if call.ringing is not None:
        actions += [left, *give_back(call.ringing)]
    elif call.phase is Phase.WAITING:
        actions.append(left)
    shown: AgentId | None = None
    if call.talk is not None:
        shown = call.talk.agent.agent_id
        call, released = _release(call, leg_up=True)
        actions += [action for action in released if not isinstance(action, m.ShowCall)]
    if call.bridge is not None:
        actions.append(m.DestroyBridge(bridge=call.bridge))
    call = replace(
        call,
        phase=Phase.ENDED,
        segments=close_segments(call.segments, now, result),
        ended_at=now,
        end_reason=reason,
        ended_by=by,
        ringing=None,
        playback=None,
        say=None,
        recording=None,
    )
    if shown is not None:
        actions.append(m.ShowCall(agent_id=shown))
    return call, tuple(actions)


# --- the switch says no ---------------------------------------------------------------------------


def menu_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.ActionFailed)
    if event.gone and event.target == call.channel:
        return _end(call, "abandoned_in_menu", "caller", acd.LeaveCause.CALLER_HUNG_UP, now)
    if event.action == "play" and event.target == call.playback:
        return menu_said(flows, call, m.SayFinished(playback=event.target, ok=False), now)
    if event.action == "save_callback":
        return menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.FAILED), now)
    return call, ()


def message_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.ActionFailed)
    if event.action == "record_message" and call.recording is not None:
        failed = m.MessageRecorded(recording=call.recording, seconds=0.0, ok=False)
        return message_recorded(flows, call, failed, now)
    return menu_failed(flows, call, event, now)


def waiting_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Waiting goes on without music or announcement; only the caller's absence ends it."""
    assert isinstance(event, m.ActionFailed)
    if event.gone and event.target == call.channel:
        return _end(call, "abandoned", "caller", acd.LeaveCause.CALLER_HUNG_UP, now)
    if event.action == "play" and event.target == call.playback:
        return announced(flows, call, m.SayFinished(playback=event.target, ok=False), now)
    return call, ()


def offered_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.ActionFailed)
    ringing = call.ringing
    assert ringing is not None
    if event.gone and event.target == call.channel:
        return _end(call, "abandoned", "caller", acd.LeaveCause.CALLER_HUNG_UP, now)
    if event.target not in (ringing.channel, call.bridge):
        return call, ()
    call = replace(call, switch_failures=call.switch_failures + 1, bridge=None)
    if call.switch_failures >= MAX_SWITCH_FAILURES:
        return aborted(flows, call, m.Abort(reason="switch_failure"), now)
    return _back_to_waiting(call, acd.OfferFailure.UNREACHABLE, now)


def talking_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The two could not be joined: the agent is released and the caller goes to the head of the line."""
    assert isinstance(event, m.ActionFailed)
    if event.gone and event.target == call.channel:
        return _end(call, "completed", "caller", acd.LeaveCause.CALLER_HUNG_UP, now)
    if event.action != "join" or call.wait is None or call.talk is None:
        return call, ()
    agent_id, wait = call.talk.agent.agent_id, replace(call.wait, priority=9)
    call, released = _release(call, leg_up=True)
    call = replace(call, phase=Phase.WAITING, wait=wait, bridge=None)
    call = open_segment(call, SegmentKind.WAIT, now, result="switch_failure", queue=wait.queue)
    queued = acd.CallQueued(
        call_id=call.id,
        queue=wait.queue,
        since=wait.since,
        priority=9,
        excluded_agents=frozenset({agent_id}),
        language=call.language,
        drill=call.drill,
    )
    return call, (*released, m.StartMusic(channel=call.channel, music=wait.music), m.TellDesk(command=queued))


def leaving_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The hang-up we asked for found nothing to hang up: the call is over."""
    assert isinstance(event, m.ActionFailed)
    if event.action == "hang_up" and event.target == call.channel and event.gone:
        return _end(call, call.end_reason or "ended", call.ended_by or "system", acd.LeaveCause.ENDED, now)
    return call, ()
