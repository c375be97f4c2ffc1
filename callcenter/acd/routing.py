"""Who may take which call, and who takes it first. Pure.

A free agent finds the call served first by walking the open ones of their queues in serving order; a waiting call
finds its agent by walking the free ones of its queue in the order of the strategy. Neither looks at every pair.
"""

from __future__ import annotations

import heapq
from datetime import UTC, datetime
from typing import Final, NamedTuple

from callcenter.acd.agent import Agent
from callcenter.acd.floor import Floor
from callcenter.acd.messages import AgentState, Decision, Strategy
from callcenter.acd.queue import WaitingCall, levels_at, points, rank
from callcenter.acd.timers import span
from callcenter.ids import AgentId, OfferId
from callcenter.quick import maker

_decision: Final = maker(Decision)
KEPT: Final = 10
"""Candidates and exclusions kept with a decision."""

Rank = tuple[float, float, float, int]
Passed = tuple[tuple[str, str], ...]
"""See :class:`callcenter.acd.actions.Decision`."""


class Next(NamedTuple):
    """What a free agent takes next, its rank, and what of their other queues it goes before."""

    rank: Rank
    call: WaitingCall
    passed: Passed


def why_not(agent: Agent, call: WaitingCall) -> str:
    """The reason code that keeps this agent from this call; empty: none."""
    request, agent_id = call.request, agent.profile.agent_id
    if call.held_for is not None:
        # A call for one person needs no queue or skill of theirs.
        if agent_id != call.held_for:
            return "not_the_one_asked_for"
    elif call.queue not in agent.profile.queues:
        return "not_in_queue"
    if agent.profile.drill != request.drill:
        return "drill_apart"
    if agent.state is not AgentState.READY:
        return agent.state.value
    if not agent.phone:
        return "phone_not_registered"
    if not agent.page:
        return "page_away"
    if call.held_for is None:
        if agent_id in request.excluded_agents:
            return "excluded"
        if call.needs & agent.lacks:
            return "skill_missing"
        if agent.draining:
            return "draining"
    return ""


def needs_anybody(floor: Floor, call: WaitingCall, now: datetime) -> bool:
    """Whether a call has waited so long that even those take it who are about to leave."""
    return now >= drain_until(floor, call)


def drain_until(floor: Floor, call: WaitingCall) -> datetime:
    """For so long agents who are about to leave are spared a call: the queue's service level."""
    return call.entered_at + span(floor.queues[call.queue].service_level_s)


def _last_resort(floor: Floor, call: WaitingCall) -> list[Agent]:
    """Draining agents who can take the call, longest idle first."""
    able = [
        agent
        for agent in floor.draining.values()
        if agent.offerable
        and call.queue in agent.profile.queues
        and agent.profile.drill == call.request.drill
        and not call.needs & agent.lacks
        and agent.agent_id not in call.request.excluded_agents
    ]
    return sorted(able, key=lambda agent: (agent.agent_id in call.missed_by, agent.ready_since or agent.since))


def _left_to_me(floor: Floor, agent: Agent, now: datetime) -> list[WaitingCall]:
    """Calls that a draining agent may take: they need anybody."""
    return [
        call
        for queue in agent.profile.queues
        for call in floor.lines.get(queue, ())
        if call.offer is None
        and not call.asleep
        and call.held_for is None
        and call.request.drill == agent.profile.drill
        and not call.needs & agent.lacks
        and agent.agent_id not in call.request.excluded_agents
        and needs_anybody(floor, call, now)
    ]


def rank_of(floor: Floor, call: WaitingCall, now: float) -> Rank:
    """The order across all lines; the smallest is served first. A queue no longer defined keeps its settings
    as long as anybody waits there."""
    return rank(call.key, floor.queues[call.queue], floor.order, now)


def best_call(floor: Floor, agent: Agent, now: float) -> Next | None:
    """The call that a free agent takes next at ``now`` (Unix seconds)."""
    found: list[WaitingCall] = []
    if agent.agent_id in floor.held:
        found += [call for call in floor.held[agent.agent_id] if agent.profile.drill == call.request.drill]
    if agent.draining:
        found += _left_to_me(floor, agent, datetime.fromtimestamp(now, UTC))
    for queue in () if agent.draining else agent.profile.queues:
        line = floor.lines.get(queue)
        if line is not None and line.open_calls:
            first = line.first(agent.lacks, agent.agent_id)
            if first is not None:
                found.append(first)
    if not found:
        return None
    ranked = [(rank_of(floor, call, now), call) for call in found]
    best = min(ranked, key=lambda pair: pair[0])
    return Next(*best, _passed(floor, best, ranked) if len(ranked) > 1 else ())


def _passed(floor: Floor, best: tuple[Rank, WaitingCall], ranked: list[tuple[Rank, WaitingCall]]) -> Passed:
    """Each other queue that somebody waits in, and why they come later."""
    rank, call = best
    whys: dict[str, str] = {}
    for later, other in ranked:
        if other.queue != call.queue and other.held_for is None and other.queue not in whys:
            kept = "kept" if call.held_for is not None else ""
            whys[other.queue] = kept or ("points" if rank[0] < later[0] else floor.order)
    return tuple(whys.items())


def candidates(floor: Floor, call: WaitingCall, now: datetime) -> list[Agent]:
    """Who can take the call now, best first; at most :data:`KEPT`.

    The agent who knows the customer comes first, whoever let this very call ring last; between them the better
    queue level, then the strategy, then who has been idle for longer.
    """
    if call.held_for is not None:
        keeper = floor.agents.get(call.held_for)
        fits = keeper is not None and keeper.offerable and keeper.profile.drill == call.request.drill
        return [keeper] if keeper is not None and fits else []
    needs, barred, missed_by = call.needs, call.request.excluded_agents, call.missed_by
    free = floor.ready.get(call.queue, [])
    strategy = floor.queues[call.queue].strategy
    first: list[Agent] = []
    last: list[Agent] = []
    if strategy in (Strategy.LEAST_OCCUPIED, Strategy.BEST_SKILL):
        able = [place for place in free if not needs & place[-1].lacks and place[-1].agent_id not in barred]
        sign = 1.0 if strategy == Strategy.LEAST_OCCUPIED else -1.0
        scored = (
            (level, sign * score(agent, call, strategy, now), idle, agent_id, agent)
            for level, _, idle, agent_id, agent in able
        )
        for *_, agent in heapq.nsmallest(KEPT + len(missed_by), scored):
            (last if agent.agent_id in missed_by else first).append(agent)
    else:
        for place in free:
            agent = place[-1]
            if needs & agent.lacks or (barred and agent.agent_id in barred):
                continue
            if missed_by and agent.agent_id in missed_by:
                last.append(agent)
                continue
            first.append(agent)
            if len(first) == KEPT:
                break
    known = call.request.preferred_agent
    if known is not None and len(first) > 1:
        knows = floor.agents.get(known)
        if knows is not None and not why_not(knows, call) and known not in missed_by:
            first = [knows, *(agent for agent in first if agent is not knows)]
    if not first and not last and floor.draining and needs_anybody(floor, call, now):
        return _last_resort(floor, call)[:KEPT]
    return (first + last)[:KEPT]


def score(agent: Agent, call: WaitingCall, strategy: str, now: datetime) -> float:
    """The strategy's own measure; see :class:`Decision.scores`."""
    match strategy:
        case Strategy.LEAST_OCCUPIED:
            return agent.occupancy(now)
        case Strategy.ROUND_ROBIN:
            return float(agent.last_offers.get(call.queue, 0))
        case Strategy.FEWEST_CALLS:
            return float(agent.calls)
        case Strategy.BEST_SKILL:
            skills = agent.profile.skills
            return float(sum(skills.get(skill, 0) - level for skill, level in call.levels.items()))
        case _:
            return max(0.0, (now - (agent.ready_since or agent.since)).total_seconds())


def _scores(able: list[Agent], call: WaitingCall, strategy: str, now: datetime, at: float) -> tuple[float, ...]:
    """``at``: ``now`` in Unix seconds."""
    if strategy == Strategy.LONGEST_IDLE:
        ms = round(at * 1000)
        return tuple([(ms - agent.free_ms) / 1000 if agent.free_ms < ms else 0.0 for agent in able])
    return tuple([round(score(agent, call, strategy, now), 3) for agent in able])


def decide(
    floor: Floor,
    call: WaitingCall,
    able: list[Agent],
    offer_id: OfferId,
    now: datetime,
    reason: str = "",
    passed: Passed = (),
    consult_by: AgentId | None = None,
) -> Decision:
    """The account of giving ``call`` to the first of ``able``; ``reason``: where it is known already."""
    request, winner, settings, at = call.request, able[0], floor.queues[call.queue], now.timestamp()
    strategy = settings.strategy
    if reason:
        pass
    elif call.held_for is not None:
        reasons = {request.back_to: "came_back", request.target_agent: "asked_for"}
        reason = reasons.get(call.held_for, "sticky")
    elif winner.draining:
        reason = "leaving"
    else:
        reason = "sticky" if winner.agent_id == request.preferred_agent and len(able) > 1 else str(strategy)
    return _decision(
        candidates=tuple([agent.agent_id for agent in able]),
        excluded=_excluded(floor, call, winner),
        reason=reason,
        scores=_scores(able, call, strategy, now, at),
        number=floor.offer_count,
        at=now,
        offer_id=offer_id,
        call_id=call.call_id,
        agent_id=winner.agent_id,
        queue=call.queue,
        since=request.since,
        waited_s=max(0.0, (now - request.since).total_seconds()),
        points=points(call.key, settings, at),
        vip_points=settings.vip_bonus if request.vip else 0.0,
        aged_points=round(settings.ageing * (at - call.key[1]), 6),
        passed=passed,
        standing=-call.key[0],
        needs=dict(call.levels),
        relaxed=bool(settings.relax or settings.relax_every_s)
        and call.levels != levels_at(request, settings, request.since),
        staff=floor.staff(call.queue),
        missed_before=len(call.missed_by),
        consult_by=consult_by,
    )


def _excluded(floor: Floor, call: WaitingCall, winner: Agent) -> tuple[tuple[AgentId, str], ...]:
    """Free agents who stood before the winner and were passed over: they are what people ask about. Those
    who are not free are counted in ``staff``."""
    found: list[tuple[AgentId, str]] = []
    for place in floor.ready.get(call.queue, ()):
        agent = place[-1]
        if agent is winner or len(found) == KEPT:
            break
        reason = why_not(agent, call)
        if reason:
            found.append((agent.agent_id, reason))
    return tuple(found)
