"""What a call is: a frozen value, and the small changes that every handler is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase, Segment, SegmentKind
from callcenter.ids import AgentId, CallId, name_of
from callcenter.ivr import messages as ivr
from callcenter.ivr import step as interpreter

USER_BUSY = 17
"""Q.850."""
MAX_SWITCH_FAILURES = 5
"""Offers that fail on the switch's side, in one call, before we stop trying and end it with an apology."""

RING_OUTSIDE_S = 45.0
"""How long a telephone outside rings to which a caller is put through."""
MESSAGE_TIMER = "message"
MESSAGE_LEFT = "message_left"
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
    shared: bool = False
    """Others rang beside it, at least for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult:
    """A colleague (``offer``) or somebody outside (``number``) who is asked, rung for it or in conversation, in a
    bridge of their own; or who has joined."""

    offer: acd.OfferMade | None = None
    number: str = ""
    channel: str
    bridge: str
    since: datetime
    answered: bool = False
    with_caller: bool = False
    """The asking agent is with the caller; the colleague hears music."""
    blind: bool = False
    """The agent wishes to ask nothing: the caller is put through as soon as the telephone outside rings."""

    @property
    def agent(self) -> acd.AgentProfile | None:
        """None: who is asked is outside."""
        return self.offer.agent if self.offer is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """The agent for whom a call is kept, and the leg dialled to get them back."""

    agent: acd.AgentProfile
    since: datetime
    talked_since: datetime
    timer: str
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A telephone outside that rings for the caller or that they talk with, without anybody of ours."""

    number: str
    channel: str
    since: datetime
    by: AgentId | None = None
    """Who put the caller through; None: the flow."""
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    queue: str
    since: datetime
    priority: int
    music: str
    given_to: AgentId | None = None
    given_by: str = ""
    """The agent for whom a supervisor chose it, and that supervisor's name."""


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
    ringing_too: tuple[Ringing, ...] = ()
    """Who rings beside, when all do: the first answer wins."""
    talk: Talk | None = None
    consult: Consult | None = None
    parked: Parked | None = None
    outside: Outside | None = None
    bridge: str | None = None
    playback: str | None = None
    """The one playback the caller hears now."""
    say: int | None = None
    """The menu's number for that playback; None for an announcement of ours."""
    recording: str | None = None
    captured: bool = False
    """Its sound is being written, or was."""
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
    home: str | None = None
    """Of a call that we make: the queue whose agents take it over when its own is lost."""
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
        """The channels that we dialled beside the call's own, up or not."""
        found = (*self.rings, self.talk, self.consult, self.parked, self.outside)
        return tuple(leg.channel for leg in found if leg is not None and leg.channel is not None)

    @property
    def settled_legs(self) -> tuple[str, ...]:
        """Those that were answered."""
        consulted = self.consult if self.consult is not None and self.consult.answered else None
        outside = self.outside if self.outside is not None and self.outside.answered else None
        return tuple(leg.channel for leg in (self.talk, consulted, outside) if leg is not None)

    @property
    def lines(self) -> int:
        """How many telephones outside it has, the caller's among them."""
        asked = self.consult is not None and self.consult.agent is None
        return 1 + (asked or self.outside is not None)

    @property
    def engaged(self) -> tuple[AgentId, ...]:
        """The agents who are in the call or for whom it is kept; those who are only rung are not among them."""
        found = [self.talk.agent.agent_id] if self.talk is not None else []
        if self.consult is not None and self.consult.answered and self.consult.agent is not None:
            found.append(self.consult.agent.agent_id)
        if self.parked is not None:
            found.append(self.parked.agent.agent_id)
        return tuple(found)

    def channel_of(self, agent_id: AgentId) -> str | None:
        """The telephone by which an agent is in it now; None while it rings, or is lost and they are waited for."""
        if self.talk is not None and self.talk.agent.agent_id == agent_id:
            return None if self.phase is Phase.CALLING_AGENT else self.talk.channel
        asked = self.consult
        if asked is not None and asked.answered and asked.agent is not None and asked.agent.agent_id == agent_id:
            return asked.channel
        return None

    @property
    def rings(self) -> tuple[Ringing, ...]:
        """The agents' telephones that ring for the caller: most often one."""
        return () if self.ringing is None else (self.ringing, *self.ringing_too)

    @property
    def offers(self) -> tuple[acd.OfferMade, ...]:
        """Those that are not settled yet."""
        asked = self.consult.offer if self.consult is not None and not self.consult.answered else None
        return (*(ring.offer for ring in self.rings), *((asked,) if asked is not None else ()))

    @property
    def queue(self) -> str | None:
        """The last queue the caller waited in; of a call that we made and that waits nowhere, its agent's own."""
        return self.wait.queue if self.wait is not None else self.home

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
    number: str | None = None,
) -> Call:
    """Close the open segment with ``result`` and begin the next in the same instant: no gap, no overlap."""
    opened = Segment(kind=kind, started_at=now, agent_id=agent_id, queue=queue, number=number)
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
    if call.answered_at is None:  # and if they wait no more after it, that is what became of the call
        call = replace(call, end_reason=call.end_reason or MESSAGE_LEFT)
    return replace(call, recording=None), (m.DropTimer(name=MESSAGE_TIMER), kept)


def end_by_us(call: Call, reason: str, by: str) -> Outcome:
    """Ask the switch to end the caller's channel; the call is over when it is gone."""
    call = replace(
        call, phase=Phase.LEAVING, end_reason=call.end_reason or reason, ended_by=call.ended_by or by, ringing=None
    )
    return call, (m.HangUp(channel=call.channel),)
