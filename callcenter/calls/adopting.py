"""Where a call is of which the journal cannot say it for sure: as the switch and the desk have it.
No clock, no I/O; in the switch's own typed terms, as ``seen``.

Two who are together stay together, whoever waits goes on waiting; everybody else is where the journal comes nearest to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from callcenter.acd import messages as acd
from callcenter.asterisk.events import BridgeView, ChannelView
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.replay import Left, Replayed
from callcenter.calls.state import Call, Talk, Wait, open_segment
from callcenter.ids import CallId, call_of, name_of
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.run import Phase as MenuPhase

LEFT_OUT: Final = 1000
"""Numbers of a call's things that are passed over: events that could not be read may have given some of them."""
_NUMBER = re.compile(r"[0-9]+$")
_WITH_AGENT: Final = frozenset({Phase.TALKING, Phase.HELD, Phase.CONSULTING, Phase.CONFERENCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskWord:
    """What the desk has kept of one call."""

    talking: tuple[acd.RestoredAgent, ...] = ()
    """Who is in it, the longest first."""
    waits: acd.RestoredCall | None = None


NO_WORD: Final = DeskWord()
NO_WORDS: Final[Mapping[CallId, DeskWord]] = {}


def word_of(kept: acd.Restored, call_id: CallId) -> DeskWord:
    """What the desk's own notes say of a call. A place to be called back at is no caller who waits."""
    in_call = (acd.AgentState.TALKING, acd.AgentState.HOLD, acd.AgentState.CONSULTING)
    talking = [one for one in kept.agents if one.call_id == call_id and one.state in in_call]
    waits = (one for one in kept.waiting if one.request.call_id == call_id and one.terms is None)
    return DeskWord(talking=tuple(sorted(talking, key=lambda one: one.since)), waits=next(waits, None))


def adopted(
    flows: FlowSet,
    found: Replayed,
    word: DeskWord,
    channels: Sequence[ChannelView],
    bridges: Sequence[BridgeView],
    now: datetime,
) -> tuple[Call, Left]:
    """The call as it is to go on, and what is left behind it. The same again where nothing contradicts it."""
    call = found.call
    legs = [view for view in channels if view.channel != call.channel and call_of(view.channel) == call.id]
    up = [view for view in legs if view.state == "Up"]
    room = next((bridge for bridge in bridges if call.channel in bridge.channels), None)
    if call.phase in _WITH_AGENT and call.settled_legs and {view.channel for view in up} == set(call.settled_legs):
        return call, found.left
    together = {*room.channels} if room is not None else set[str]()
    seats = {view.seat: view for view in sorted(up, key=lambda view: view.channel in together)}
    known = [(one.profile, one.since) for one in word.talking] + [(one, now) for one in _agents(call)]
    # Who has answered while nobody listened is not with the caller yet: that is brought about as for any call.
    known += [(ring.offer.agent, now) for ring in call.rings if ring.channel in together]
    for profile, since in sorted(known, key=lambda one: _channel(seats, one[0]) not in together):
        leg = seats.get(profile.seat)
        if leg is not None:
            talk = Talk(agent=profile, channel=leg.channel, since=max(since, call.segments[-1].started_at))
            named = _above(call, [*legs, *(bridge.bridge for bridge in bridges if call_of(bridge.bridge) == call.id)])
            theirs = room or next((bridge for bridge in bridges if leg.channel in bridge.channels), None)
            bridge = theirs.bridge if theirs is not None else call.bridge or name_of(call.id, "talk")
            queue = next((one.queue for one in word.talking if one.profile.agent_id == profile.agent_id), "")
            talks = _talks(named, talk, bridge, flows, queue, held=leg.channel not in together)
            return talks, Left(offer_count=found.left.offer_count)
    if word.waits is not None and not up and not agreed(found, word.waits):
        request = word.waits.request
        waits = _waits(_above(call, legs), flows, request, word.waits.entered_at or now)
        return waits, Left(queued=request, offer_count=found.left.offer_count)
    return call, found.left


def agreed(found: Replayed, waits: acd.RestoredCall) -> bool:
    """Whether the journal has come to the very wait that the desk has kept."""
    queued, there = found.left.queued, waits.request
    here = queued is not None and (queued.queue, queued.since) == (there.queue, there.since)
    return here and found.call.phase in (Phase.WAITING, Phase.OFFERED)


def _channel(seats: dict[str | None, ChannelView], profile: acd.AgentProfile) -> str:
    leg = seats.get(profile.seat)
    return leg.channel if leg is not None else ""


def _agents(call: Call) -> tuple[acd.AgentProfile, ...]:
    """Whom the journal has in the call."""
    consulted = call.consult.agent if call.consult is not None else None
    return (
        *((call.talk.agent,) if call.talk is not None else ()),
        *((call.parked.agent,) if call.parked is not None else ()),
        *((consulted,) if consulted is not None else ()),
    )


def _above(call: Call, named: Sequence[ChannelView | str]) -> Call:
    """With numbers for its next things that none of them can have."""
    names = [one if isinstance(one, str) else one.channel for one in named]
    numbers = [int(match.group()) for name in names if (match := _NUMBER.search(name.rpartition("-")[2]))]
    return replace(call, counter=max([call.counter, *numbers]) + LEFT_OUT)


def _bare(call: Call) -> Call:
    """With nobody but the caller, answered, and their flow waiting for word of what became of them."""
    run = call.run
    if run is not None and run.phase is not MenuPhase.AWAY:
        run = replace(run, phase=MenuPhase.AWAY, stage="waiting", say=0, timer=0, request=0, digits="")
    return replace(
        call,
        run=run,
        ringing=None,
        ringing_too=(),
        talk=None,
        consult=None,
        parked=None,
        outside=None,
        playback=None,
        say=None,
        recording=None,
        captured=True,
        outside_there=True,
    )


def _talks(call: Call, talk: Talk, bridge: str, flows: FlowSet, queue: str, *, held: bool) -> Call:
    agent_id, since = talk.agent.agent_id, talk.since
    call = replace(
        _bare(call),
        phase=Phase.HELD if held else Phase.TALKING,
        talk=talk,
        bridge=bridge,
        wait=call.wait or (_wait(flows, queue, since) if queue else None),
        answered_at=call.answered_at or since,
        answered_by=call.answered_by or agent_id,
    )
    kind = SegmentKind.HOLD if held else SegmentKind.TALK
    if call.segments[-1].kind is kind and call.segments[-1].agent_id == agent_id:
        return call
    return open_segment(call, kind, since, result="answered", agent_id=agent_id, queue=call.queue)


def _waits(call: Call, flows: FlowSet, request: acd.CallQueued, entered_at: datetime) -> Call:
    since = max(entered_at, call.segments[-1].started_at)
    wait = _wait(flows, request.queue, request.since, request.priority)
    call = replace(_bare(call), phase=Phase.WAITING, wait=wait)
    return open_segment(call, SegmentKind.WAIT, since, queue=request.queue)


def _wait(flows: FlowSet, queue: str, since: datetime, priority: int = 5) -> Wait:
    definition = flows.queues.get(queue)
    return Wait(queue=queue, since=since, priority=priority, music=definition.music if definition else "default")
