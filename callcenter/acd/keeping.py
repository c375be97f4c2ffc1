"""For whom a call is kept, and who is spared it. Pure; acts on the floor."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd.agent import ON_DUTY
from callcenter.acd.floor import Floor
from callcenter.acd.messages import AgentState
from callcenter.acd.queue import WaitingCall
from callcenter.acd.timers import span
from callcenter.ids import AgentId

EXCLUDED_FOR: Final = timedelta(seconds=10)
"""For so long nobody is given back a call that they have just given away or could not be joined to; then only as long
as somebody else is there for it."""


def keeper_of(floor: Floor, request: m.CallQueued, queue: str) -> AgentId | None:
    """Whom a call that enters is held for: the person asked for, or for a while who knows the customer."""
    if request.target_agent is None and request.back_to is None and request.preferred_agent is None:
        return None
    sticky = request.preferred_agent if floor.queues[queue].sticky_s > 0 else None
    if sticky in request.excluded_agents or request.only_target:
        sticky = None
    for agent_id in (request.target_agent, request.back_to, sticky):
        agent = floor.agents.get(agent_id) if agent_id else None
        if agent is not None and agent.state in ON_DUTY and agent.profile.drill == request.drill:
            return agent_id
    return None


def look_at_keeper(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Find whom to hold the call for, once; then hold it until they leave duty or the time is over."""
    if call.released:
        return
    if call.held_for is None:
        _hold(floor, call, keeper_of(floor, call.request, call.queue), now)
    keeper = call.held_for
    over = keeper not in as_long_as_it_takes(call) and now >= sticky_until(floor, call)
    if keeper is not None and (over or not floor.is_on_duty(keeper)):
        floor.history.note(call.call_id, now, "not_held", agent=keeper)
        back = call.request.back_to
        _hold(floor, call, back if keeper == call.request.target_agent and floor.is_on_duty(back) else None, now)


def _hold(floor: Floor, call: WaitingCall, keeper: AgentId | None, now: datetime) -> None:
    call.held_for, call.released = keeper, keeper is None
    if keeper is None:
        return
    floor.history.note(call.call_id, now, "held", agent=keeper)
    agent = floor.agents[keeper]
    if keeper == call.request.back_to and agent.state is AgentState.WRAP_UP and agent.call_id == call.call_id:
        floor.after_wrap_up(agent, now, "call_came_back")


def as_long_as_it_takes(call: WaitingCall) -> tuple[AgentId | None, AgentId | None]:
    """For them a call is held as long as they are on duty."""
    return (call.request.target_agent, call.request.back_to)


def sticky_until(floor: Floor, call: WaitingCall) -> datetime:
    return call.entered_at + span(floor.queues[call.queue].sticky_s)


def next_look_at_excluded(call: WaitingCall, now: datetime) -> datetime | None:
    """When it is asked next whether anybody but those who may not take the call is there."""
    if not call.request.excluded_agents or call.held_for is not None:
        return None
    looks = int(max(timedelta(0), now - call.entered_at) / EXCLUDED_FOR) + 1
    return call.entered_at + looks * EXCLUDED_FOR


def somebody_for(floor: Floor, call: WaitingCall) -> bool:
    """Whether anybody is on duty who may take the call as it is now, at once or after what they do."""
    return any(
        agent.state in ON_DUTY
        and call.queue in agent.profile.queues
        and agent.agent_id not in call.request.excluded_agents
        and agent.profile.drill == call.request.drill
        and not call.needs & agent.lacks
        and (agent.offerable or agent.state is not AgentState.READY)
        for agent in floor.agents.values()
    )


def let_back(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Who has given a call away, or could not be joined to it, may take it after all when nobody else is there."""
    barred = call.request.excluded_agents
    if not barred or call.held_for is not None or now < call.entered_at + EXCLUDED_FOR:
        return
    if somebody_for(floor, call):
        return
    call.request = replace(call.request, excluded_agents=frozenset())
    floor.history.asks_anew(call.request)
    floor.history.note(call.call_id, now, "let_back")
