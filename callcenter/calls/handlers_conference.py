"""Caller, agent and colleague in one conversation: whoever leaves, the other two go on. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.handlers_talk import is_mine, not_yours, release
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Outcome, Talk, beside, open_segment
from callcenter.ivr.flow import FlowSet


def member_hangs_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentHangUp)
    assert call.consult is not None
    if is_mine(call, event):
        return _agent_leaves(call, now, leg_up=True)
    if call.consult.agent.agent_id == event.agent_id:
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
    if call.consult is not None and call.consult.agent.lost_by(event.agent_id):
        return _colleague_leaves(call, now, leg_up=True)
    return call, ()


def _agent_leaves(call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    """The colleague has the caller from here on, as after a transfer."""
    asked, talk = call.consult, call.talk
    assert asked is not None
    assert talk is not None
    call, released = release(call, leg_up=leg_up)
    call = replace(
        call,
        phase=Phase.TALKING,
        talk=Talk(agent=asked.agent, channel=asked.channel, since=asked.since),
        consult=None,
        transfers=call.transfers + 1,
        transferred_by=talk.agent.agent_id,
    )
    call = open_segment(
        call, SegmentKind.TALK, now, result="agent_left", agent_id=asked.agent.agent_id, queue=call.queue
    )
    return beside(call, now, "took_over"), (*released, m.ShowCall(agent_id=asked.agent.agent_id))


def _colleague_leaves(call: Call, now: datetime, *, leg_up: bool) -> Outcome:
    asked, talk = call.consult, call.talk
    assert asked is not None
    assert talk is not None
    call = replace(call, phase=Phase.TALKING, consult=None)
    call = open_segment(
        call, SegmentKind.TALK, now, result="colleague_left", agent_id=talk.agent.agent_id, queue=call.queue
    )
    return beside(call, now, "left"), (
        *colleague_released(call, asked.channel, asked.agent, leg_up=leg_up),
        m.ShowCall(agent_id=talk.agent.agent_id),
    )


def colleague_released(call: Call, channel: str, agent: acd.AgentProfile, *, leg_up: bool) -> tuple[m.Action, ...]:
    """They have met the caller: their wrap-up begins."""
    return (
        *((m.HangUp(channel=channel),) if leg_up else ()),
        m.TellDesk(command=acd.TalkEnded(call_id=call.id, agent_id=agent.agent_id)),
        m.ShowCall(agent_id=agent.agent_id),
    )
