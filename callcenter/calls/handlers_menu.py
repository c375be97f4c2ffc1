"""What events do to a call in its menu or while its caller leaves a message. Pure; listed in ``table.TABLE``.

Every handler has the same shape, ``(flows, call, event, now) -> (call, actions)``, and narrows its event
with an assertion: the table is what guarantees the type.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.following import in_line, menu_input, wait_in
from callcenter.calls.messages import Phase
from callcenter.calls.state import MESSAGE_TIMER, Call, Outcome, end_by_us, keep_message
from callcenter.ivr import messages as ivr
from callcenter.ivr.flow import FlowSet


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


def caller_known(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Remembered for every queue the call enters from now on; a call that waits already is told to the desk."""
    assert isinstance(event, m.CallerKnown)
    call = replace(
        call,
        customer_id=event.customer_id,
        vip=event.vip,
        preferred_agent=event.preferred_agent or call.preferred_agent,
    )
    if call.phase not in (Phase.WAITING, Phase.OFFERED):
        return call, ()
    known = acd.CallKnown(call_id=call.id, vip=call.vip, preferred_agent=call.preferred_agent)
    return call, (m.TellDesk(command=known),)


def agent_found(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The caller waits for that person and nobody else; one who is not there goes the flow's ``on_error`` way."""
    assert isinstance(event, m.AgentFound)
    if call.run is None or call.run.stage != "transfer":
        return call, ()
    if event.agent_id is None or event.queue not in flows.queues:
        return menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.FAILED), now)
    call, begun = wait_in(flows, call, event.queue, PERSONAL, now)
    return call, (*begun, in_line(call, target_agent=event.agent_id, only_target=True))


PERSONAL: Final = 7
"""The priority of who waits for one person: like a blind transfer's, a little ahead."""


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
    if event.ok:
        call, kept = keep_message(call)
    else:
        call, kept = replace(call, recording=None), (m.DropTimer(name=MESSAGE_TIMER),)
    call, actions = menu_input(flows, replace(call, phase=Phase.MENU), returned, now)
    return call, (*kept, *actions)


def message_timer(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The switch has not told of the message's end: end it, and go on as if it had."""
    assert isinstance(event, m.TimerFired)
    if event.name != MESSAGE_TIMER or call.recording is None:
        return call, ()
    stop = m.StopRecording(recording=call.recording)
    ended = m.MessageRecorded(recording=call.recording, seconds=0.0, ok=True)
    call, actions = message_recorded(flows, call, ended, now)
    return call, (stop, *actions)
