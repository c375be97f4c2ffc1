"""What a call is: a frozen value, and the small changes that every handler is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase, Segment, SegmentKind
from callcenter.ids import AgentId, CallId, name_of
from callcenter.ivr import messages as ivr
from callcenter.ivr import step as interpreter
from callcenter.ivr.flow import FlowSet

USER_BUSY = 17
"""Q.850."""
MAX_SWITCH_FAILURES = 5
"""Offers that fail on the switch's side, in one call, before we stop trying and end it with an apology."""

MESSAGE_TIMER = "message"
MESSAGE_GRACE_S = 10
"""How long after a message's longest time the switch is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The agent in conversation and their leg."""

    agent: acd.AgentProfile
    channel: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """An offer under way and the leg that was dialled for it."""

    offer: acd.OfferMade
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult:
    """A colleague who is asked, rung for it or in conversation, in a bridge of their own; or who has joined."""

    offer: acd.OfferMade
    channel: str
    bridge: str
    since: datetime
    answered: bool = False
    with_caller: bool = False
    """The asking agent is with the caller; the colleague hears music."""

    @property
    def agent(self) -> acd.AgentProfile:
        return self.offer.agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """The agent for whom a call is kept, and the leg dialled to get them back."""

    agent: acd.AgentProfile
    since: datetime
    talked_since: datetime
    timer: str
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    queue: str
    since: datetime
    priority: int
    music: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    id: CallId
    node: str
    channel: str
    caller_number: str
    dialled: str
    trunk: str
    hotline: str
    flow: str
    flow_version: str
    language: str
    drill: bool
    phase: Phase
    arrived_at: datetime
    customer_id: str | None = None
    vip: bool = False
    preferred_agent: AgentId | None = None
    """Who owns the customer or spoke with them last; these three stay empty until (unless) the caller is known."""
    run: interpreter.Run | None = None
    wait: Wait | None = None
    ringing: Ringing | None = None
    talk: Talk | None = None
    consult: Consult | None = None
    parked: Parked | None = None
    bridge: str | None = None
    playback: str | None = None
    """The one playback the caller hears now."""
    say: int | None = None
    """The menu's number for that playback; None for an announcement of ours."""
    recording: str | None = None
    counter: int = 0
    switch_failures: int = 0
    transfers: int = 0
    transferred_by: AgentId | None = None
    answered_at: datetime | None = None
    answered_by: AgentId | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    ended_by: str | None = None
    """``caller``, ``agent`` or ``system``."""
    refused: bool = False
    """No line was left for it: it holds none, and may not wait for an agent."""
    direction: str = "inbound"
    purpose: str = ""
    """Of a call that we make: ``call``, ``return_visit`` or ``callback``."""
    answer_s: float = 45.0
    callback: acd.OfferMade | None = None
    """The call-back offer that this call serves, until the customer is reached or not."""
    outside_there: bool = True
    """``channel`` has been dialled or came in: Asterisk lists it as long as it lives."""
    waited_since: datetime | None = None
    """When the caller began to wait who has left the queue by a key: a call-back keeps that rank."""
    segments: tuple[Segment, ...] = ()
    """What the caller lived through, without gap or overlap."""
    beside: tuple[Segment, ...] = ()
    """What colleagues who were asked did meanwhile: one after the other, each to their credit."""
    trace: tuple[ivr.TraceEntry, ...] = ()

    @property
    def legs(self) -> tuple[str, ...]:
        """The channels of agents, dialled or up."""
        found = (self.ringing, self.talk, self.consult, self.parked)
        return tuple(leg.channel for leg in found if leg is not None and leg.channel is not None)

    @property
    def settled_legs(self) -> tuple[str, ...]:
        """Those that were answered."""
        consulted = self.consult if self.consult is not None and self.consult.answered else None
        return tuple(leg.channel for leg in (self.talk, consulted) if leg is not None)

    @property
    def engaged(self) -> tuple[AgentId, ...]:
        """The agents who are in the call or for whom it is kept; those who are only rung are not among them."""
        found = [self.talk.agent.agent_id] if self.talk is not None else []
        if self.consult is not None and self.consult.answered:
            found.append(self.consult.agent.agent_id)
        if self.parked is not None:
            found.append(self.parked.agent.agent_id)
        return tuple(found)

    @property
    def offered(self) -> acd.OfferMade | None:
        """The offer that is not settled yet."""
        if self.ringing is not None:
            return self.ringing.offer
        return self.consult.offer if self.consult is not None and not self.consult.answered else None

    @property
    def queue(self) -> str | None:
        """The last queue the caller waited in."""
        return self.wait.queue if self.wait is not None else None

    @property
    def music(self) -> str:
        return self.wait.music if self.wait is not None else "default"


Outcome = tuple[Call, tuple[m.Action, ...]]


def open_segment(
    call: Call,
    kind: SegmentKind,
    now: datetime,
    *,
    result: str | None = None,
    agent_id: AgentId | None = None,
    queue: str | None = None,
) -> Call:
    """Close the open segment with ``result`` and begin the next in the same instant: no gap, no overlap."""
    opened = Segment(kind=kind, started_at=now, agent_id=agent_id, queue=queue)
    return replace(call, segments=(*close_segments(call.segments, now, result), opened))


def close_segments(segments: tuple[Segment, ...], now: datetime, result: str | None) -> tuple[Segment, ...]:
    if not segments or segments[-1].ended_at is not None:
        return segments
    return (*segments[:-1], replace(segments[-1], ended_at=now, result=result))


def beside(
    call: Call, now: datetime, result: str, kind: SegmentKind | None = None, agent_id: AgentId | None = None
) -> Call:
    """Close the asked colleague's segment with ``result``; with ``kind``, begin their next."""
    closed = close_segments(call.beside, now, result)
    if kind is not None:
        closed = (*closed, Segment(kind=kind, started_at=now, agent_id=agent_id, queue=call.queue))
    return replace(call, beside=closed)


def fresh(call: Call, suffix: str) -> tuple[Call, str]:
    """The next unused id for one of the call's things."""
    number = call.counter + 1
    return replace(call, counter=number), name_of(call.id, f"{suffix}{number}")


def quiet(call: Call) -> Outcome:
    """Stop whatever playback runs."""
    if call.playback is None:
        return call, ()
    return replace(call, playback=None, say=None), (m.StopPlay(playback=call.playback),)


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
    if arrived.refusal:
        call = replace(call, refused=True, end_reason=arrived.refusal)
    if arrived.refusal and not arrived.flow:
        call, playback = fresh(call, "say")
        call = replace(call, playback=playback, end_reason=arrived.refusal, ended_by="system")
        prompts = (flows.refusal_prompt(arrived.refusal, call.language),)
        return call, (*first, m.Play(channel=call.channel, playback=playback, prompts=prompts))
    if call.caller_number and not call.drill:
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
            # Hotlines are the only target a flow may name today; numbers and persons need outbound rules.
            return menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.FAILED), now)
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
    max_wait_s: float | None = None,
    max_length: int | None = None,
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
        preferred_agent=call.preferred_agent,
        excluded_agents=excluded_agents,
        language=call.language,
        vip=call.vip,
        drill=call.drill,
        max_wait_s=max_wait_s,
        max_length=max_length,
    )
    return m.TellDesk(command=queued)


def _enter_queue(flows: FlowSet, call: Call, wish: ivr.EnterQueue, now: datetime) -> Outcome:
    call, stopped = quiet(call)
    definition = flows.queues.get(wish.queue)
    wait = Wait(
        queue=wish.queue,
        since=now,
        priority=wish.priority,
        music=definition.music if definition else "default",
    )
    call = open_segment(replace(call, phase=Phase.WAITING, wait=wait), SegmentKind.WAIT, now, queue=wish.queue)
    return call, (
        *stopped,
        m.StartMusic(channel=call.channel, music=wait.music),
        *comfort_timer(flows, wish.queue),
        in_line(call, skills=wish.skills, max_wait_s=wish.max_wait_s, max_length=wish.max_length),
    )


def _leave_queue(call: Call, now: datetime) -> Outcome:
    """The caller chose a key that leads out of the queue; an agent who was being rung is not to blame."""
    call, stopped = quiet(call)
    actions: list[m.Action] = [*stopped, m.StopMusic(channel=call.channel), m.DropTimer(name=COMFORT)]
    left = acd.CallLeft(call_id=call.id, cause=acd.LeaveCause.EXIT_KEY)
    actions.append(m.TellDesk(command=left))
    if call.ringing is not None:
        actions.extend(give_back(call.ringing))
    since = call.wait.since if call.wait else None
    call = replace(call, phase=Phase.MENU, wait=None, ringing=None, waited_since=since)
    return open_segment(call, SegmentKind.MENU, now, result="exit_key"), tuple(actions)


def give_back(ringing: Ringing) -> tuple[m.Action, ...]:
    """Settle an offer whose caller is no longer there for it."""
    offer = ringing.offer
    failed = acd.OfferFailed(offer_id=offer.offer_id, failure=acd.OfferFailure.CALLER_GONE)
    return (
        m.HangUp(channel=ringing.channel),
        m.DropTimer(name=f"ring{ringing.channel}"),
        m.OfferOver(agent_id=offer.agent.agent_id, offer_id=offer.offer_id, reason="caller_gone"),
        m.TellDesk(command=failed),
    )


def keep_message(call: Call) -> Outcome:
    """Hand what the caller said to those it was meant for: the queue they waited in last."""
    if call.recording is None:
        return call, ()
    queue = next((segment.queue for segment in reversed(call.segments) if segment.queue), None)
    kept = m.KeepMessage(recording=call.recording, queue=queue)
    return replace(call, recording=None), (m.DropTimer(name=MESSAGE_TIMER), kept)


def end_by_us(call: Call, reason: str, by: str) -> Outcome:
    """Ask the switch to end the caller's channel; the call is over when it is gone."""
    call = replace(
        call, phase=Phase.LEAVING, end_reason=call.end_reason or reason, ended_by=call.ended_by or by, ringing=None
    )
    return call, (m.HangUp(channel=call.channel),)
