"""Offers: made as soon as a free agent and a waiting call can meet, and settled once. Pure; acts on the floor."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd import standing, waiting
from callcenter.acd.agent import IN_CALL, Agent
from callcenter.acd.floor import Floor
from callcenter.acd.messages import AgentState as S
from callcenter.acd.queue import WaitingCall
from callcenter.acd.routing import KEPT, Passed, Rank, best_call, candidates, decide, rank_of, why_not
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.quick import maker

_offer: Final = maker(m.OfferMade)
SHARED_RINGS_FREE: Final = 2
"""So many rings in vain more than ``max_missed`` are allowed to who rang together with others: each may have left it to
the others, but a room that nobody is in must not ring for ever."""
_MANY: Final = 8
"""Agents freed at once from which on it is cheaper to go through their calls."""


def match(floor: Floor, now: datetime) -> None:
    """Offer what has become possible, the call served first before all others.

    Before every command no free agent stands beside a call they could take. So only agents and calls that the
    command touched can meet, and only these are looked at.
    """
    agents, calls = list(floor.fresh_agents), list(floor.fresh_calls)
    floor.fresh_agents, floor.fresh_calls = {}, {}
    try:
        _offer_around(floor, agents, calls, now)
    finally:
        for call_id in calls:
            call = floor.calls.get(call_id)
            if call is not None and call.offer is None:
                _waits_on(floor, call, now)
    # What offering touched is not new: nothing more can meet.
    floor.fresh_agents, floor.fresh_calls = {}, {}


def _offer_around(floor: Floor, agents: list[AgentId], calls: list[CallId], now: datetime) -> None:
    """Let these agents and calls meet each other, and all those who are there already."""
    if not floor.free:
        pass
    elif len(calls) == 1 and not agents:
        _find_agent(floor, floor.calls.get(calls[0]), now)
    elif len(agents) == 1 and not calls:
        _find_call(floor, floor.agents[agents[0]], now)
    else:
        _meet(floor, agents, [floor.calls[call_id] for call_id in calls if call_id in floor.calls], now)
    if floor.ring_all and floor.free:
        for agent_id in agents:
            join(floor, floor.agents[agent_id], now)


def _waits_on(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Nobody took the call: only now is it worth knowing when to look at it again."""
    waiting.set_timer(floor, call, now)
    call.had_to_wait = True
    standing.note_wait(floor, call, now)


def _find_agent(floor: Floor, call: WaitingCall | None, now: datetime) -> None:
    """The commonest case by far: one call, and nobody's state has changed."""
    if call is not None and call.offer is None and not call.asleep and (able := candidates(floor, call, now)):
        make(floor, call, able, now)


def _find_call(floor: Floor, agent: Agent, now: datetime) -> None:
    """Next to that: one agent, and no call is new. Whose turn it is before them may take what they found."""
    at = now.timestamp()
    while agent.offerable and (found := best_call(floor, agent, at)) is not None:
        able = candidates(floor, found.call, now)
        make(floor, found.call, able, now, found.passed if able[0] is agent else ())


def _meet(floor: Floor, agents: list[AgentId], calls: list[WaitingCall], now: datetime) -> None:
    at = now.timestamp()
    heap: list[tuple[Rank, int, WaitingCall, Agent | None, Passed]] = []
    count = 0

    def suggest(agent: Agent) -> None:
        nonlocal count
        found = best_call(floor, agent, at) if agent.offerable else None
        if found is not None:
            count += 1
            heapq.heappush(heap, (found.rank, count, found.call, agent, found.passed))

    if len(agents) > _MANY:
        queues = {queue for agent_id in agents for queue in floor.agents[agent_id].profile.queues}
        mine = {id(call): call for call in calls}
        for queue in queues:
            if queue in floor.lines:
                mine |= {id(c): c for _, c in floor.lines[queue].open_calls}
        mine |= {id(c): c for agent_id in agents for c in floor.held.get(agent_id, ())}
        calls = list(mine.values())
    else:
        for agent_id in agents:
            suggest(floor.agents[agent_id])
    for call in calls:
        if call.offer is None and not call.asleep:
            count += 1
            heap.append((rank_of(floor, call, at), count, call, None, ()))
    heapq.heapify(heap)
    while heap and floor.free:
        _, _, call, agent, passed = heapq.heappop(heap)
        if call.offer is None and (agent is None or agent.offerable):
            able = candidates(floor, call, now)
            if able:
                make(floor, call, able, now, passed if able[0] is agent else ())
        if agent is not None:
            suggest(agent)


def make(floor: Floor, call: WaitingCall, able: list[Agent], now: datetime, passed: Passed = ()) -> None:
    """Offer a waiting call to the first of ``able``; ``passed``: see :class:`Decision`."""
    floor.displace(call)
    floor.call_timers.set(call.call_id, None)
    together = call.held_for is None and call.terms is None and call.queue in floor.ring_all
    call.offer = reserve(floor, call, able, now, together=together, passed=passed)
    if together:
        for agent in able[1:]:
            first = [agent, *(other for other in able if other is not agent)]
            call.others.append(reserve(floor, call, first, now, together=True))


def join(floor: Floor, agent: Agent, now: datetime) -> None:
    """Let an agent who has become free, and for whom no call waits, ring with those who ring for one already."""
    if not agent.offerable:
        return
    calls = [
        call
        for queue in agent.profile.queues
        if queue in floor.ring_all
        for call in floor.lines[queue]
        if call.has_room(KEPT) and agent.agent_id not in call.missed_by and not why_not(agent, call)
    ]
    if calls:
        call = min(calls, key=lambda one: rank_of(floor, one, now.timestamp()))
        call.others.append(reserve(floor, call, [agent], now, together=True, reason="joined_ring"))


def reserve(
    floor: Floor,
    call: WaitingCall,
    able: list[Agent],
    now: datetime,
    *,
    consult_by: AgentId | None = None,
    together: bool = False,
    reason: str = "",
    passed: Passed = (),
) -> OfferId:
    """Reserve the first of ``able``; ``consult_by``: not for a waiting caller, but to be asked by this agent;
    ``together``: others may be reserved for the call too; ``reason``: why, where it is not the strategy."""
    agent = able[0]
    floor.offer_count += 1
    offer_id = OfferId(f"{call.call_id}-{floor.offer_count}")
    decision = decide(floor, call, able, offer_id, now, reason, passed, consult_by)
    floor.offers[offer_id] = (call.call_id, agent.agent_id)
    agent.offer_id, agent.call_id, agent.queue = offer_id, call.call_id, call.queue
    agent.last_offers[call.queue] = floor.offer_count
    floor.set_state(agent, S.RESERVED, now, "offered")
    floor.history.decided(decision)
    floor.history.note(call.call_id, now, "offered", agent=agent.agent_id, offer=offer_id)
    place: m.CallbackPlace | None = None
    if call.terms is not None:
        place = m.CallbackPlace(number=call.terms.number, attempt=call.attempt + 1, attempts=call.terms.attempts)
    floor.out.append(
        _offer(
            offer_id=offer_id,
            call_id=call.call_id,
            agent=agent.profile,
            queue=call.queue,
            ring_timeout_s=floor.queues[call.queue].ring_timeout_s,
            waited_s=decision.waited_s,
            decision=decision,
            callback=place,
            consult_by=consult_by,
            together=together,
        )
    )
    return offer_id


def settle(floor: Floor, offer_id: OfferId) -> tuple[WaitingCall | None, Agent] | None:
    """Forget an offer; (call if it still waits with it, agent). None: not ours or settled already."""
    found = floor.offers.pop(offer_id, None)
    if found is None:
        return None
    call = floor.calls.get(found[0])
    return (call if call is not None and call.holds(offer_id) else None), floor.agents[found[1]]


def _over(floor: Floor, call: WaitingCall, offer_id: OfferId, now: datetime) -> None:
    """An offer came to nothing: unless others ring still, the call is open again."""
    call.settle(offer_id)
    if call.offer is None:
        waiting.reopen(floor, call, now)


def _others_are_free(floor: Floor, call: WaitingCall, winner: OfferId, now: datetime) -> None:
    """Of those who rang together one has answered: nobody else is to blame, nor loses their turn."""
    if not call.others:
        return  # most often: nobody rang beside the one who answered
    for offer_id in [one for one in (call.offer, *call.others) if one is not None and one != winner]:
        settled = settle(floor, offer_id)
        assert settled is not None
        agent = settled[1]
        floor.out.append(m.OfferWithdrawn(offer_id=offer_id, call_id=call.call_id, reason="answered_elsewhere"))
        floor.set_state(agent, S.READY, now, "offer_withdrawn")
        floor.settle_pending(agent, now)
    call.offer, call.others = winner, []


def withdraw(floor: Floor, agent: Agent, now: datetime, reason: str) -> None:
    """Take an offer back: the call is open again, the agent has not failed it."""
    offer_id = agent.offer_id
    settled = settle(floor, offer_id) if offer_id else None
    if settled is None or offer_id is None or agent.call_id is None:
        return
    floor.out.append(m.OfferWithdrawn(offer_id=offer_id, call_id=agent.call_id, reason=reason))
    floor.set_state(agent, S.READY, now, "offer_withdrawn")
    if settled[0] is not None:
        floor.history.note(settled[0].call_id, now, "withdrawn", agent=agent.agent_id, reason=reason)
        _over(floor, settled[0], offer_id, now)


def ringing(floor: Floor, command: m.OfferRinging, now: datetime) -> None:
    found = floor.offers.get(command.offer_id)
    agent = floor.agents[found[1]] if found else None
    if agent and agent.state is S.RESERVED:
        floor.set_state(agent, S.RINGING, now, "ringing")


def answered(floor: Floor, command: m.OfferAnswered, now: datetime) -> None:
    settled = settle(floor, command.offer_id)
    if settled is None:
        return
    call, agent = settled
    agent.missed = 0
    agent.calls += 1
    agent.call_id = command.call_id or agent.call_id
    if call is not None:
        _others_are_free(floor, call, command.offer_id, now)
    if call is not None and call.terms is not None:
        # Only the customer's answer uses up the place; but an agent was handed over, for whom others waited too.
        if floor.history.is_told(call.call_id):
            floor.rates[call.queue].handed_over(waiting.awake_since(call, now), now)
        floor.dialling[command.offer_id] = (call.call_id, agent.agent_id)
    elif call is not None:
        if call.had_to_wait:
            floor.rates[call.queue].handed_over(call.entered_at, now)
        floor.wait_over(call.call_id, now, "answered", agent=agent.agent_id)
        waiting.remove(floor, call)
    floor.set_state(agent, S.TALKING, now, "answered")


def failed(floor: Floor, command: m.OfferFailed, now: datetime) -> None:
    settled = settle(floor, command.offer_id)
    if settled is None:
        return
    call, agent = settled
    if command.failure is m.OfferFailure.CALLER_GONE:
        floor.set_state(agent, S.READY, now, "caller_gone")
    else:
        if call is not None:
            call.missed_by.add(agent.agent_id)
            floor.history.note(call.call_id, now, "missed", agent=agent.agent_id, failure=command.failure.value)
        _missed(floor, agent, command.failure, now)
    floor.settle_pending(agent, now)
    if call is not None:
        _over(floor, call, command.offer_id, now)


def _missed(floor: Floor, agent: Agent, failure: m.OfferFailure, now: datetime) -> None:
    """The telephone rang in vain. Who has let too many ring gets no more until they say that they are there."""
    shared = failure is m.OfferFailure.RANG_OUT
    agent.missed += 1
    queue = floor.queues.get(agent.queue)
    allowed = (queue.max_missed if queue else 1) + (SHARED_RINGS_FREE if shared else 0)
    if agent.missed >= allowed:
        floor.set_state(agent, S.NOT_RESPONDING, now, "missed_offer", failure.value)
        return
    if not shared:
        agent.ready_since = None
    floor.set_state(agent, S.READY, now, "rang_out" if shared else "missed_offer")


# --- call-backs ---


def callback_reached(floor: Floor, command: m.CallbackReached, now: datetime) -> None:
    """The customer is on the line: from here on it is a call like any other."""
    found = floor.dialling.pop(command.offer_id, None) or floor.offers.get(command.offer_id)
    call = floor.calls.get(found[0]) if found else None
    if call is None or call.terms is None or call.offer != command.offer_id:
        return
    waiting.end_callback(floor, call, "reached", now)


def callback_failed(floor: Floor, command: m.CallbackFailed, now: datetime) -> None:
    """The customer was not reached; the agent is free at once, without wrap-up or blame."""
    dialled = floor.dialling.pop(command.offer_id, None)
    if dialled is not None:
        agent = floor.agents[dialled[1]]
        call = floor.calls.get(dialled[0])
        if agent.state in IN_CALL:
            floor.after_wrap_up(agent, now, "callback_failed")
    else:
        found = floor.offers.get(command.offer_id)
        place = floor.calls.get(found[0]) if found else None
        if place is None or place.terms is None:
            return  # an ordinary offer, or settled already
        settled = settle(floor, command.offer_id)
        assert settled is not None
        call, agent = settled
        floor.set_state(agent, S.READY, now, "callback_failed")
        floor.settle_pending(agent, now)
    if call is not None and call.offer == command.offer_id:
        waiting.callback_failed(floor, call, command.reason, now)


def give_up_dialling(floor: Floor, agent: Agent, now: datetime, reason: str) -> None:
    """The agent's part ended before the customer answered: a failed attempt."""
    if not floor.dialling:
        return
    for offer_id in [o for o, (_, agent_id) in floor.dialling.items() if agent_id == agent.agent_id]:
        call_id, _ = floor.dialling.pop(offer_id)
        call = floor.calls.get(call_id)
        if call is not None and call.offer == offer_id:
            waiting.callback_failed(floor, call, reason, now)
