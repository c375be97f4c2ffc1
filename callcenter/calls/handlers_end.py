"""How calls end, and what the switch's refusals do to them. Pure; listed in ``table.TABLE``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls import resume
from callcenter.calls.consulting import consult_over, let_consulted_go
from callcenter.calls.following import menu_input
from callcenter.calls.handlers_conference import member_released
from callcenter.calls.handlers_menu import menu_said, message_recorded
from callcenter.calls.handlers_outside import not_reached, why_failed
from callcenter.calls.handlers_queue import announced, back_to_waiting
from callcenter.calls.handlers_talk import release
from callcenter.calls.messages import Phase
from callcenter.calls.state import (
    MAX_SWITCH_FAILURES,
    MESSAGE_LEFT,
    Call,
    Outcome,
    beside,
    close_segments,
    give_back,
    keep_message,
)
from callcenter.calls.waiting import to_the_front
from callcenter.ids import AgentId
from callcenter.ivr import messages as ivr
from callcenter.ivr.flow import FlowSet


def caller_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.CallerGone)
    return _left_by_caller(call, now)


def _is_gone(call: Call, event: m.ActionFailed) -> bool:
    """The switch refused because the caller's channel is no more: its end is on the way.

    A playback goes by its own name, but what is not found is always the channel it was to be played to.
    """
    return event.gone and (event.target == call.channel or event.action == "play")


def _left_by_caller(call: Call, now: datetime) -> Outcome:
    reason, by = {
        Phase.MENU: ("abandoned_in_menu", "caller"),
        Phase.MESSAGE: (MESSAGE_LEFT, "caller"),
        Phase.WAITING: ("abandoned", "caller"),
        Phase.OFFERED: ("abandoned", "caller"),
        Phase.FORWARDING: ("abandoned", "caller"),
    }.get(call.phase, ("completed", "caller"))
    if call.answered_at is not None and call.phase in (Phase.MENU, Phase.MESSAGE, Phase.FORWARDING):
        reason = "completed"
    return end(call, call.end_reason or reason, call.ended_by or by, acd.LeaveCause.CALLER_HUNG_UP, now)


def switch_lost(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    return end(call, "switch_lost", "system", acd.LeaveCause.SWITCH_LOST, now)


def aborted(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """End it now: hang up everything that is ours and wait for nothing."""
    assert isinstance(event, m.Abort)
    call, actions = end(call, event.reason, "system", acd.LeaveCause.ENDED, now)
    return call, (m.HangUp(channel=call.channel), *actions)


def end(call: Call, reason: str, by: str, cause: acd.LeaveCause, now: datetime) -> Outcome:
    """Settle everything the call still holds, once."""
    actions: list[m.Action] = []
    result = reason
    left = m.TellDesk(command=acd.CallLeft(call_id=call.id, cause=cause))
    if call.ringing is not None:
        actions += [left, *(action for ring in call.rings for action in give_back(ring))]
    elif call.phase is Phase.WAITING:
        actions.append(left)
    shown: AgentId | None = None
    if call.consult is not None and call.phase is Phase.CONFERENCE:
        actions += member_released(call, call.consult, leg_up=True)
        call = replace(call, consult=None)
    elif call.consult is not None:
        call, let_go = let_consulted_go(call, now, acd.OfferFailure.CALLER_GONE, leg_up=True)
        actions += let_go
    if call.outside is not None:
        actions.append(m.HangUp(channel=call.outside.channel))
        call = replace(call, outside=None)
    if call.talk is not None or call.parked is not None:
        shown = call.engaged[0]
        call, released = release(call, leg_up=True)
        actions += [action for action in released if not isinstance(action, m.ShowCall)]
    if call.bridge is not None:
        actions.append(m.DestroyBridge(bridge=call.bridge))
    call, kept = keep_message(call)
    actions += kept
    call = replace(
        call,
        phase=Phase.ENDED,
        segments=close_segments(call.segments, now, result),
        beside=close_segments(call.beside, now, result),
        ended_at=now,
        end_reason=reason,
        ended_by=by,
        ringing=None,
        ringing_too=(),
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
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    if event.action == "play" and event.target == call.playback:
        return menu_said(flows, call, m.SayFinished(playback=event.target, ok=False), now)
    if event.action == "answer" and event.status:
        return _answer_again(flows, call, now)
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
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    if event.action == "play" and event.target == call.playback:
        return announced(flows, call, m.SayFinished(playback=event.target, ok=False), now)
    if event.action == "answer" and event.status:
        return _answer_again(flows, call, now)
    return call, ()


def _answer_again(flows: FlowSet, call: Call, now: datetime) -> Outcome:
    """The caller heard nothing of what was said. Answering twice does no harm."""
    call = replace(call, switch_failures=call.switch_failures + 1)
    if call.switch_failures >= MAX_SWITCH_FAILURES:
        return aborted(flows, call, m.Abort(reason="switch_failure"), now)
    begin_anew = {Phase.WAITING: resume.waiting, Phase.MESSAGE: resume.message}.get(call.phase, resume.menu)
    unanswered = m.TakenUp(channels=(call.channel,), up=(), together=(), bridged=call.bridge is not None, lived_on=True)
    return begin_anew(flows, call, unanswered, now)


def offered_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.ActionFailed)
    ringing = call.ringing
    assert ringing is not None
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    if ring := next((one for one in call.ringing_too or () if event.target == one.channel), None):
        return back_to_waiting(call, acd.OfferFailure.UNREACHABLE, now, ring=ring)
    if event.target == ringing.channel and call.ringing_too:
        return back_to_waiting(call, acd.OfferFailure.UNREACHABLE, now)
    if event.target not in (ringing.channel, call.bridge):
        return call, ()
    beside = tuple(action for one in call.ringing_too for action in give_back(one))
    given_up = (*beside, *_give_up_bridge(call))
    call = replace(call, switch_failures=call.switch_failures + 1, bridge=None, ringing_too=())
    if call.switch_failures >= MAX_SWITCH_FAILURES:
        call, actions = aborted(flows, call, m.Abort(reason="switch_failure"), now)
    else:
        call, actions = back_to_waiting(call, acd.OfferFailure.UNREACHABLE, now)
    return call, (*actions, *given_up)


def _give_up_bridge(call: Call) -> tuple[m.Action, ...]:
    """A bridge that failed is not used again, nor left behind: the next offer makes a new one."""
    return () if call.bridge is None else (m.DestroyBridge(bridge=call.bridge),)


def talking_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The two could not be joined: the agent is released and the caller goes to the head of the line. A caller who is
    gone left after the agent's answer; a leg of ours that is gone is told by its own end."""
    assert isinstance(event, m.ActionFailed)
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    if event.action != "join" or event.target != call.bridge or call.talk is None:
        return call, ()
    if call.wait is None and call.direction == "outbound":
        return aborted(flows, call, m.Abort(reason="switch_failure"), now)
    if call.wait is None:
        return call, ()
    return _bridge_failed(call, now, excluded=frozenset({call.talk.agent.agent_id}))


def _bridge_failed(call: Call, now: datetime, *, excluded: frozenset[AgentId] = frozenset()) -> Outcome:
    given_up = _give_up_bridge(call)
    call, front = to_the_front(replace(call, bridge=None), now, "switch_failure", excluded=excluded)
    return call, (*given_up, *front)


def consulting_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Who is asked cannot be rung or joined: the agent has the caller again. The caller's own bridge failing is
    as bad as in any conversation."""
    assert isinstance(event, m.ActionFailed)
    asked = call.consult
    assert asked is not None
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    if event.action == "dial_outside" and event.target == asked.channel:
        return consult_over(call, now, acd.OfferFailure.UNREACHABLE, leg_up=False, why=why_failed(event))
    if event.action in ("dial_agent", "create_bridge", "join") and (
        event.target == asked.bridge or (event.target == asked.channel and not event.gone)
    ):
        return consult_over(call, now, acd.OfferFailure.UNREACHABLE)
    if event.action == "join" and event.target == call.bridge:
        call, let_go = let_consulted_go(call, now, acd.OfferFailure.CALLER_GONE, leg_up=True)
        call, front = _bridge_failed(call, now)
        return call, (*let_go, *front)
    return call, ()


def conference_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """All three could not be joined: who was asked is let go and the caller is next for somebody."""
    assert isinstance(event, m.ActionFailed)
    asked = call.consult
    assert asked is not None
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    if event.action != "join" or event.target != call.bridge:
        return call, ()
    let_go = member_released(call, asked, leg_up=True)
    call, front = _bridge_failed(beside(replace(call, consult=None), now, "switch_failure"), now)
    return call, (*let_go, *front)


def forwarding_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """A rule, the switch or every trunk refuses the telephone outside, or there is no bridge for the two."""
    assert isinstance(event, m.ActionFailed)
    outside = call.outside
    assert outside is not None
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    if event.action == "dial_outside" and event.target == outside.channel:
        return not_reached(flows, call, why_failed(event), now, leg_up=False)
    if event.action in ("create_bridge", "join") and event.target == call.bridge:
        given_up = _give_up_bridge(call)
        call, actions = not_reached(flows, replace(call, bridge=None), "switch_failure", now)
        return call, (*given_up, *actions)
    return call, ()


def parked_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.ActionFailed)
    if _is_gone(call, event):
        return _left_by_caller(call, now)
    parked = call.parked
    if parked is not None and event.action == "redial_agent" and event.target == parked.channel:
        return replace(call, parked=replace(parked, channel=None)), ()
    return call, ()


def leaving_failed(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The hang-up we asked for found nothing to hang up: the call is over."""
    assert isinstance(event, m.ActionFailed)
    if event.action == "hang_up" and event.target == call.channel and event.gone:
        return end(call, call.end_reason or "ended", call.ended_by or "system", acd.LeaveCause.ENDED, now)
    return call, ()
