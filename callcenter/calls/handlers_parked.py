"""The agent's browser is lost in mid-call: the caller hears music and is kept for them a while. Pure.

A browser's telephone ends a call by the page's own word (``AgentHangUp``) alone, so a leg that ends without it is
a loss: a reload, a crash, a network that has gone (Asterisk ends a leg without sound). A desk phone's hang-up is
meant as it is heard. Somebody outside whom the agent was asking is kept for them too, and hears music.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.consulting import UNBLAMED, let_consulted_go
from callcenter.calls.handlers_queue import late_answer
from callcenter.calls.handlers_talk import agent_leaves, not_yours, talk_state
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Outcome, Parked, Talk, fresh, open_segment
from callcenter.calls.waiting import to_the_front
from callcenter.ivr.flow import FlowSet

KEPT_FOR_S: Final = 20.0
"""How long a call is kept for an agent whose telephone is lost."""


def talking_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The agent's telephone ended: a desk phone was hung up, a browser's is lost."""
    assert isinstance(event, m.LegGone)
    if call.talk is None or event.channel != call.talk.channel:
        return call, ()
    if call.talk.agent.browser:
        return park(call, now, leg_up=False)
    return agent_leaves(flows, call, now, leg_up=False)


def talking_agent_away(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentAway)
    if call.talk is None or not call.talk.agent.lost_by(event.agent_id):
        return call, ()
    return park(call, now, leg_up=True)


def park(call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    """Music for the caller, and for who outside was in conversation with the agent; who is only rung is let go."""
    talk, bridge, asked = call.talk, call.bridge, call.consult
    assert talk is not None
    assert bridge is not None
    held = call.phase is Phase.HELD or (asked is not None and not asked.with_caller)
    other: tuple[m.Action, ...] = ()
    if asked is not None and not (asked.answered and asked.agent is None):
        call, other = let_consulted_go(call, now, UNBLAMED, leg_up=True)
    elif asked is not None and not asked.with_caller:
        other = (
            m.LeaveBridge(bridge=asked.bridge, channel=asked.channel),
            m.StartMusic(channel=asked.channel, music=call.music),
        )
    call, timer = fresh(call, "park")
    parked = Parked(agent=talk.agent, since=now, talked_since=talk.since, timer=timer)
    call = replace(call, phase=Phase.PARKED, talk=None, parked=parked)
    agent_id = talk.agent.agent_id
    call = open_segment(call, SegmentKind.HOLD, now, result="agent_lost", agent_id=agent_id, queue=call.queue)
    aside: tuple[m.Action, ...] = ()
    if not held:
        leave = m.LeaveBridge(bridge=bridge, channel=call.channel)
        aside = (leave, m.StartMusic(channel=call.channel, music=call.music))
    return call, (
        *aside,
        *other,
        *((m.HangUp(channel=talk.channel),) if leg_up else ()),
        m.SetTimer(name=timer, seconds=KEPT_FOR_S),
        *talk_state(call, agent_id, acd.AgentState.HOLD),
    )


def agent_back(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Page and telephone are here again: ring the seat; a leg dialled before went to a telephone that is no more."""
    assert isinstance(event, m.AgentBack)
    parked = call.parked
    if parked is None or parked.agent.agent_id != event.agent_id:
        return call, ()
    before = () if parked.channel is None else (m.HangUp(channel=parked.channel),)
    call, channel = fresh(call, "agent")
    call = replace(call, parked=replace(parked, channel=channel))
    dial = m.RedialAgent(channel=channel, agent=parked.agent, caller_number=call.caller_number, timeout_s=KEPT_FOR_S)
    return call, (*before, dial)


def back_answered(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegAnswered)
    parked, bridge = call.parked, call.bridge
    if parked is None or bridge is None or event.channel != parked.channel:
        return late_answer(flows, call, event, now)
    agent_id, asked = parked.agent.agent_id, call.consult
    talk = Talk(agent=parked.agent, channel=event.channel, since=parked.talked_since)
    call = replace(call, phase=Phase.TALKING if asked is None else Phase.CONSULTING, parked=None, talk=talk)
    state = acd.AgentState.TALKING if asked is None else acd.AgentState.CONSULTING
    kind, number = SegmentKind.TALK, None
    join = m.Join(bridge=bridge, channels=(call.channel, event.channel))
    if asked is not None and not asked.with_caller:
        kind, number = SegmentKind.CONSULT, asked.number
        join = m.Join(bridge=asked.bridge, channels=(event.channel, asked.channel))
    call = open_segment(call, kind, now, result="agent_back", agent_id=agent_id, queue=call.queue, number=number)
    return call, (join, m.DropTimer(name=parked.timer), *talk_state(call, agent_id, state))


def back_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """It did not reach them; the next sign of life tries again. Who was asked may have had enough of the music."""
    assert isinstance(event, m.LegGone)
    parked, asked = call.parked, call.consult
    if asked is not None and event.channel == asked.channel:
        return let_consulted_go(call, now, UNBLAMED, leg_up=False)
    if parked is None or event.channel != parked.channel:
        return call, ()
    return replace(call, parked=replace(parked, channel=None)), ()


def kept_long_enough(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The agent did not come back: the caller is next for whoever is free, with the story."""
    assert isinstance(event, m.TimerFired)
    if call.parked is None or event.name != call.parked.timer:
        return call, ()
    call, let_go = _asked_let_go(call, now)
    call, front = to_the_front(call, now, "agent_lost")
    return call, (*let_go, *front)


def _asked_let_go(call: Call, now: datetime) -> Outcome:
    return (call, ()) if call.consult is None else let_consulted_go(call, now, UNBLAMED, leg_up=True)


def parked_agent_hangs_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """The page is back and its agent has had enough of this call."""
    assert isinstance(event, m.AgentHangUp)
    if call.parked is None or call.parked.agent.agent_id != event.agent_id:
        return call, not_yours(event)
    call, let_go = _asked_let_go(call, now)
    call, left = agent_leaves(flows, call, now)
    return call, (*let_go, *left)
