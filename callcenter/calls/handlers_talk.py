"""What events do to a conversation: hold, resume, transfer, the agent's end. Pure; listed in ``table.TABLE``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from callcenter.acd import messages as acd
from callcenter.calls import messages as m
from callcenter.calls.following import comfort_timer, in_line, menu_input
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.state import Call, Outcome, Wait, end_by_us, open_segment
from callcenter.ids import AgentId
from callcenter.ivr import messages as ivr
from callcenter.ivr.flow import FlowSet


class ByAgent(Protocol):
    """An event in which an agent asks for something."""

    @property
    def agent_id(self) -> AgentId: ...


def is_mine(call: Call, event: ByAgent) -> bool:
    return call.talk is not None and call.talk.agent.agent_id == event.agent_id


def not_yours(event: ByAgent) -> tuple[m.Action, ...]:
    return (m.RefuseAgent(agent_id=event.agent_id, code="not_your_call"),)


def agent_hangs_up(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentHangUp)
    return agent_leaves(flows, call, now) if is_mine(call, event) else (call, not_yours(event))


def release(call: Call, *, leg_up: bool) -> Outcome:
    """End the agent's part: their leg, their place at the desk (wrap-up begins), their page."""
    leg = call.talk or call.parked
    assert leg is not None
    ended = m.TellDesk(command=acd.TalkEnded(call_id=call.id, agent_id=leg.agent.agent_id))
    hang_up = (m.HangUp(channel=leg.channel),) if leg_up and leg.channel is not None else ()
    timer = () if call.parked is None else (m.DropTimer(name=call.parked.timer),)
    call = replace(call, talk=None, parked=None)
    # The desk first: the next caller need not wait until Asterisk has said that the leg is gone. What is asked of it
    # for that caller comes after the hang-up all the same.
    return call, (ended, *hang_up, *timer, m.ShowCall(agent_id=leg.agent.agent_id))


def agent_leaves(flows: FlowSet, call: Call, now: datetime, *, leg_up: bool = True) -> Outcome:
    """The conversation is over and the caller still there: back to the flow (a survey), else good-bye."""
    held = call.phase in (Phase.HELD, Phase.PARKED)
    call, released = release(call, leg_up=leg_up)
    assert call.bridge is not None
    apart: m.Action = (
        m.StopMusic(channel=call.channel) if held else m.LeaveBridge(bridge=call.bridge, channel=call.channel)
    )
    call = replace(call, phase=Phase.MENU, wait=None, end_reason=None, ended_by=None)
    call = open_segment(call, SegmentKind.MENU, now, result="agent_left")
    if call.run is None:  # a call that we made has no flow to go back to
        call, actions = end_by_us(call, "completed", "agent")
    else:
        call, actions = menu_input(flows, call, ivr.Returned(reason=ivr.ReturnReason.AGENT_LEFT), now)
    if call.phase is Phase.LEAVING:  # nothing more in the flow: it was the agent who ended the call
        call = replace(call, end_reason="completed", ended_by="agent")
    return call, (*released, apart, *actions)


def agent_holds(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentHold)
    if not is_mine(call, event):
        return call, not_yours(event)
    assert call.talk is not None
    assert call.bridge is not None
    call = open_segment(
        replace(call, phase=Phase.HELD),
        SegmentKind.HOLD,
        now,
        result="held",
        agent_id=event.agent_id,
        queue=call.queue,
    )
    return call, (
        m.LeaveBridge(bridge=call.bridge or "", channel=call.channel),
        m.StartMusic(channel=call.channel, music=call.music),
        *talk_state(call, event.agent_id, acd.AgentState.HOLD),
    )


def agent_resumes(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    assert isinstance(event, m.AgentResume)
    if not is_mine(call, event):
        return call, not_yours(event)
    call = open_segment(
        replace(call, phase=Phase.TALKING),
        SegmentKind.TALK,
        now,
        result="resumed",
        agent_id=event.agent_id,
        queue=call.queue,
    )
    return call, (
        m.Join(bridge=call.bridge or "", channels=(call.channel,)),
        *talk_state(call, event.agent_id, acd.AgentState.TALKING),
    )


def talk_state(call: Call, agent_id: AgentId, state: acd.AgentState) -> tuple[m.Action, ...]:
    changed = acd.TalkChanged(call_id=call.id, agent_id=agent_id, state=state)
    return (m.TellDesk(command=changed), m.ShowCall(agent_id=agent_id))


def agent_transfers(flows: FlowSet, call: Call, event: m.Event, now: datetime) -> Outcome:
    """Blind transfer: the agent is free for wrap-up at once; the caller waits a little ahead of the others."""
    assert isinstance(event, m.AgentTransfer)
    if not is_mine(call, event):
        return call, not_yours(event)
    queue = event.queue or call.queue
    definition = flows.queues.get(queue) if queue else None
    if queue is None or definition is None:
        return call, (m.RefuseAgent(agent_id=event.agent_id, code="unknown_queue"),)
    held = call.phase is Phase.HELD
    call, released = release(call, leg_up=True)
    priority = min(9, (call.wait.priority if call.wait else 5) + 2)
    wait = Wait(queue=queue, since=now, priority=priority, music=definition.music)
    call = replace(call, phase=Phase.WAITING, wait=wait, transfers=call.transfers + 1, transferred_by=event.agent_id)
    call = open_segment(call, SegmentKind.WAIT, now, result="transferred", queue=queue)
    apart: tuple[m.Action, ...] = () if held else (m.LeaveBridge(bridge=call.bridge or "", channel=call.channel),)
    return call, (
        *released,
        *apart,
        m.StartMusic(channel=call.channel, music=wait.music),
        *comfort_timer(flows, queue),
        in_line(
            call,
            target_agent=event.to_agent,
            back_to=event.agent_id if event.to_agent is not None and call.direction == "outbound" else None,
            excluded_agents=frozenset({event.agent_id}),
        ),
    )
