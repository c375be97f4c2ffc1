"""Who may take which call, and who takes it first. Pure.

Longest idle agent first: of those allowed, the one who has been ready for the longest.
"""

from __future__ import annotations

from collections.abc import Iterable

from callcenter.acd.agent import Agent
from callcenter.acd.messages import AgentState, Decision
from callcenter.acd.queue import WaitingCall

_KEPT = 20
"""Candidates and exclusions kept with a decision."""


def why_not(agent: Agent, call: WaitingCall) -> str:
    """The reason code that keeps this agent from this call; empty: none."""
    request = call.request
    if request.target_agent is not None:
        # A call for one person needs no queue of theirs.
        if agent.profile.agent_id != request.target_agent:
            return "not_the_one_asked_for"
    elif request.queue not in agent.profile.queues:
        return "not_in_queue"
    if agent.profile.drill != request.drill:
        return "drill_apart"
    if agent.state is not AgentState.READY:
        return agent.state.value
    if not agent.phone:
        return "phone_not_registered"
    if not agent.page:
        return "page_away"
    if agent.profile.agent_id in request.excluded_agents:
        return "excluded"
    for skill, level in request.skills.items():
        if agent.profile.skills.get(skill, 0) < level:
            return "skill_missing"
    return ""


def choose(agents: Iterable[Agent], call: WaitingCall) -> tuple[Agent, Decision] | None:
    """The agent for a call, with the account of the decision; None: nobody is free for it.

    Whoever let this very call ring comes after all others, longest idle first among equals.
    """
    candidates: list[Agent] = []
    excluded: list[tuple[str, str]] = []
    for agent in agents:
        reason = why_not(agent, call)
        if reason:
            if len(excluded) < _KEPT and reason != "not_in_queue":
                excluded.append((agent.profile.agent_id, reason))
        else:
            candidates.append(agent)
    if not candidates:
        return None
    candidates.sort(key=lambda a: order(a, call))
    best = candidates[0]
    decision = Decision(
        candidates=tuple(a.profile.agent_id for a in candidates[:_KEPT]),
        excluded=tuple(excluded),
        reason="asked_for" if call.request.target_agent else "longest_idle",
    )
    return best, decision


def order(agent: Agent, call: WaitingCall) -> tuple[bool, float, str]:
    """Sort key of an eligible agent for a call."""
    idle_since = (agent.ready_since or agent.since).timestamp()
    return (agent.profile.agent_id in call.missed_by, idle_since, agent.profile.agent_id)
