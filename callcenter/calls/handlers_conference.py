"""Caller, agent and whom they asked in, in one conversation: whoever leaves, the other two go on. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.consulting import taken_over, three
from callcenter.calls.handlers_talk import is_mine, not_yours, release
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Consult, Outcome, beside, open_segment
from callcenter.ivr.flow import FlowSet


def member_hangs_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentHangUp)
    assert call.consult is not None
    if is_mine(call, event):
        return _agent_leaves(call, now, leg_up=True)
    if call.consult.agent is not None and call.consult.agent.agent_id == event.agent_id:
        return _colleague_leaves(call, now, leg_up=True)
    return call, not_yours(event)


def member_leg_gone(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.LegGone)
    if call.talk is not None and event.channel == call.talk.channel:
        return _agent_leaves(call, now, leg_up=False)
    if call.consult is not None and event.channel == call.consult.channel:
        return _colleague_leaves(call, now, leg_up=False)
    return call, ()


def member_away(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentAway)
    if call.talk is not None and call.talk.agent.lost_by(event.agent_id):
        return _agent_leaves(call, now, leg_up=True)
    asked = call.consult
    if asked is not None and asked.agent is not None and asked.agent.lost_by(event.agent_id):
        return _colleague_leaves(call, now, leg_up=True)
    return call, ()


def _agent_leaves(call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    """Who was asked has the caller from here on, as after a transfer."""
    asked, talk, _ = three(call)
    call, released = release(call, leg_up=leg_up)
    call, told = taken_over(call, asked, talk.agent.agent_id, asked.since, "agent_left", now)
    return beside(call, now, "took_over"), (*released, *told)


def _colleague_leaves(call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    asked, talk, _ = three(call)
    call = replace(call, phase=Phase.TALKING, consult=None)
    call = open_segment(
        call, SegmentKind.TALK, now, result="colleague_left", agent_id=talk.agent.agent_id, queue=call.queue
    )
    return beside(call, now, "left"), (
        *member_released(call, asked, leg_up=leg_up),
        m.ShowCall(agent_id=talk.agent.agent_id),
    )


def member_released(call: Call, asked: Consult, *, leg_up: bool) -> tuple[m.Action, ...]:
    """Who joined is out of it. A colleague has met the caller: their wrap-up begins."""
    hang_up = (m.HangUp(channel=asked.channel),) if leg_up else ()
    if asked.agent is None:
        return hang_up
    agent_id = asked.agent.agent_id
    ended = m.TellDesk(command=acd.TalkEnded(call_id=call.id, agent_id=agent_id))
    return (*hang_up, ended, m.ShowCall(agent_id=agent_id))
