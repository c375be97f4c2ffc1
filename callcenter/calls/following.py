"""What a call's flow wishes, done: from its first prompt to a queue, a message, a telephone elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase, Segment, SegmentKind
from callcenter.calls.state import (
    MESSAGE_GRACE_S,
    MESSAGE_LEFT,
    MESSAGE_TIMER,
    RING_OUTSIDE_S,
    USER_BUSY,
    Call,
    Outcome,
    Outside,
    Wait,
    end_by_us,
    fresh,
    give_back,
    open_segment,
    quiet,
)
from callcenter.ids import AgentId, name_of
from callcenter.ivr import messages as ivr
from callcenter.ivr import step as interpreter
from callcenter.ivr.flow import FlowSet


def begin_inbound(flows: FlowSet, arrived: m.Arrived, now: datetime) -> Outcome:
    """A caller is here: answer, record, and begin the flow (or say why not and end)."""
    call = Call(
        id=arrived.call_id,
        node=arrived.node,
        channel=arrived.channel,
        caller_number=arrived.caller_number,
        dialled=arrived.dialled,
        trunk=arrived.trunk,
        hotline=arrived.hotline,
        flow=arrived.flow,
        flow_version=arrived.flow_version,
        language=arrived.language,
        drill=arrived.drill,
        phase=Phase.MENU,
        arrived_at=now,
        segments=(Segment(kind=SegmentKind.MENU, started_at=now),),
    )
    if arrived.refusal == "lines_full":  # not even a line for the words: the busy tone
        call = replace(call, phase=Phase.LEAVING, refused=True, end_reason="lines_busy", ended_by="system")
        return call, (m.HangUp(channel=call.channel, cause=USER_BUSY),)
    first: tuple[m.Action, ...] = (m.Answer(channel=call.channel), m.Capture(channel=call.channel))
    call = replace(call, captured=True)
    if arrived.refusal:
        call = replace(call, refused=True, end_reason=arrived.refusal)
    if arrived.refusal and not arrived.flow:
        call, playback = fresh(call, "say")
        call = replace(call, playback=playback, end_reason=arrived.refusal, ended_by="system")
        prompts = (flows.refusal_prompt(arrived.refusal, call.language),)
        return call, (*first, m.Play(channel=call.channel, playback=playback, prompts=prompts))
    if call.caller_number:
        first = (*first, m.PreparePop())
        if not call.drill:
            first = (*first, m.Recognise(number=call.caller_number))
    variables: dict[str, ivr.Value] = {
        "caller": call.caller_number,
        "dialled": call.dialled,
        "hotline": call.hotline,
        "language": call.language,
    }
    run, asked = interpreter.begin(flows, call.flow, variables, now)
    call, actions = follow_menu(flows, replace(call, run=run), asked, now)
    return call, (*first, *actions)


def menu_input(flows: FlowSet, call: Call, given: ivr.Input, now: datetime) -> Outcome:
    """Hand the interpreter one input and do what it asks."""
    if call.run is None:
        return call, ()
    run, asked = interpreter.step(flows, call.run, given, now)
    return follow_menu(flows, replace(call, run=run), asked, now)


def follow_menu(flows: FlowSet, call: Call, asked: tuple[ivr.Action, ...], now: datetime) -> Outcome:
    """Turn the interpreter's wishes into the call's actions."""
    actions: list[m.Action] = []
    for wish in asked:
        call, more = _follow(flows, call, wish, now)
        actions.extend(more)
    return call, tuple(actions)


def _follow(flows: FlowSet, call: Call, wish: ivr.Action, now: datetime) -> Outcome:
    match wish:
        case ivr.Say():
            call, playback = fresh(call, "say")
            call = replace(call, playback=playback, say=wish.say)
            return call, (m.Play(channel=call.channel, playback=playback, prompts=wish.prompts),)
        case ivr.StopSaying():
            return quiet(call) if call.say == wish.say else (call, ())
        case ivr.StartTimer():
            return call, (m.SetTimer(name=f"menu{wish.timer}", seconds=wish.seconds),)
        case ivr.CancelTimer():
            return call, (m.DropTimer(name=f"menu{wish.timer}"),)
        case ivr.LookUp():
            return call, (m.Ask(look_up=wish),)
        case ivr.EnterQueue():
            return _enter_queue(flows, call, wish, now)
        case ivr.LeaveQueue():
            return _leave_queue(call, now)
        case ivr.TransferTo():
            return _transfer(flows, call, wish, now)
        case ivr.RequestCallback():
            save = m.SaveCallback(
                queue=wish.queue,
                number=wish.number,
                priority=wish.priority,
                since=call.waited_since or now,
                earliest=wish.earliest,
            )
            return call, (save,)
        case ivr.TakeMessage():
            # The name says what it is: whoever finds the file after a crash knows where it belongs.
            call, recording = fresh(call, "comment" if wish.purpose == "survey_comment" else "voicemail")
            call, stopped = quiet(replace(call, phase=Phase.MESSAGE, recording=recording))
            record = m.RecordMessage(
                channel=call.channel, recording=recording, purpose=wish.purpose, max_seconds=wish.max_seconds
            )
            # The switch ends it in time; should its word be lost, the caller must not be left in silence.
            limit = m.SetTimer(name=MESSAGE_TIMER, seconds=float(wish.max_seconds + MESSAGE_GRACE_S))
            return call, (*stopped, record, limit)
        case ivr.RecordRating():
            return call, (m.SaveRating(question=wish.question, score=wish.score),)
        case ivr.SetLanguage():
            return replace(call, language=wish.language), ()
        case ivr.TraceEntry():
            return replace(call, trace=(*call.trace, wish)), ()
        case ivr.EndCall():
            return end_by_us(call, wish.cause, "system")


COMFORT = "comfort"
"""The timer of what is said to those who wait."""


def comfort_timer(flows: FlowSet, queue: str) -> tuple[m.Action, ...]:
    """Begin (anew) to count until the queue's next comfort message."""
    definition = flows.queues.get(queue)
    if definition is None or definition.comfort is None:
        return ()
    return (m.DropTimer(name=COMFORT), m.SetTimer(name=COMFORT, seconds=definition.comfort_every_s))


def in_line(
    call: Call,
    *,
    skills: Mapping[str, int] | None = None,
    target_agent: AgentId | None = None,
    excluded_agents: frozenset[AgentId] = frozenset(),
    back_to: AgentId | None = None,
    max_wait_s: float | None = None,
    max_length: int | None = None,
    only_target: bool = False,
) -> m.TellDesk:
    """Tell the desk that the call waits as ``call.wait`` says, and all that is known of its caller."""
    wait = call.wait
    assert wait is not None
    queued = acd.CallQueued(
        call_id=call.id,
        queue=wait.queue,
        since=wait.since,
        priority=wait.priority,
        skills=dict(skills or {}),
        target_agent=target_agent,
        back_to=back_to,
        preferred_agent=call.preferred_agent,
        excluded_agents=excluded_agents,
        language=call.language,
        vip=call.vip,
        drill=call.drill,
        max_wait_s=max_wait_s,
        max_length=max_length,
        only_target=only_target,
    )
    return m.TellDesk(command=queued)


def wait_in(flows: FlowSet, call: Call, queue: str, priority: int, now: datetime) -> Outcome:
    """The caller hears a queue's music from here on; the desk is yet to be told."""
    call, stopped = quiet(call)
    if call.end_reason == MESSAGE_LEFT:
        call = replace(call, end_reason=None)
    definition = flows.queues.get(queue)
    wait = Wait(queue=queue, since=now, priority=priority, music=definition.music if definition else "default")
    call = open_segment(replace(call, phase=Phase.WAITING, wait=wait), SegmentKind.WAIT, now, queue=queue)
    return call, (*stopped, m.StartMusic(channel=call.channel, music=wait.music), *comfort_timer(flows, queue))


def _enter_queue(flows: FlowSet, call: Call, wish: ivr.EnterQueue, now: datetime) -> Outcome:
    call, begun = wait_in(flows, call, wish.queue, wish.priority, now)
    return call, (
        *begun,
        in_line(call, skills=wish.skills, max_wait_s=wish.max_wait_s, max_length=wish.max_length),
    )


def _transfer(flows: FlowSet, call: Call, wish: ivr.TransferTo, now: datetime) -> Outcome:
    """A telephone outside rings, and the caller hears it; or an agent is sought."""
    if wish.kind == "agent" and wish.target:
        return call, (m.FindAgent(extension=wish.target),)
    if wish.kind != "number" or not wish.target:
        return menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.FAILED), now)
    call, stopped = quiet(call)
    prepare: tuple[m.Action, ...] = ()
    if call.bridge is None:
        call = replace(call, bridge=name_of(call.id, "talk"))
        prepare = (m.CreateBridge(bridge=call.bridge or ""),)
    call, channel = fresh(call, "out")
    outside = Outside(number=wish.target, channel=channel, since=now)
    call = replace(call, phase=Phase.FORWARDING, outside=outside)
    call = open_segment(call, SegmentKind.DIAL, now, result="transferred", number=wish.target)
    dial = m.DialOutside(
        channel=channel, number=wish.target, hotline=call.hotline, timeout_s=RING_OUTSIDE_S, second=True
    )
    return call, (
        *stopped,
        *prepare,
        m.StartRinging(channel=call.channel),
        dial,
        m.SetTimer(name=f"ring{channel}", seconds=RING_OUTSIDE_S),
    )


def _leave_queue(call: Call, now: datetime) -> Outcome:
    """The caller chose a key that leads out of the queue; an agent who was being rung is not to blame."""
    call, stopped = quiet(call)
    actions: list[m.Action] = [*stopped, m.StopMusic(channel=call.channel), m.DropTimer(name=COMFORT)]
    left = acd.CallLeft(call_id=call.id, cause=acd.LeaveCause.EXIT_KEY)
    actions.append(m.TellDesk(command=left))
    actions += (action for ring in call.rings for action in give_back(ring))
    since = call.wait.since if call.wait else None
    call = replace(call, phase=Phase.MENU, wait=None, ringing=None, ringing_too=(), waited_since=since)
    return open_segment(call, SegmentKind.MENU, now, result="exit_key"), tuple(actions)
