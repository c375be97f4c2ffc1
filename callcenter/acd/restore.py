"""The desk as one frozen value, back from it, and compared with what the calls hold. Pure; acts on the floor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd import offers, waiting
from callcenter.acd.agent import ENGAGED, IN_CALL, OFFERED, Agent
from callcenter.acd.estimate import HandoverRate
from callcenter.acd.floor import Floor
from callcenter.acd.messages import AgentState as S
from callcenter.acd.queue import WaitingCall
from callcenter.ids import AgentId, CallId, OfferId

Known = dict[AgentId, tuple[tuple[object, ...], m.RestoredAgent]]
"""Of each agent, what the last snapshot was made of, and what it was."""


def snapshot(floor: Floor, known: Known | None = None) -> m.Restored:
    """All that :func:`restore` needs to decide on exactly as this desk would.

    ``known``: the one of the last time, which is brought up to date. Who is as they were then is the same object again:
    with ninety agents, of whom one or two have changed, that takes a sixth of the time.
    """
    dialling = {agent_id: offer_id for offer_id, (_, agent_id) in floor.dialling.items()}
    now: Known = {}
    for agent_id, agent in floor.agents.items():
        more = (dialling.get(agent_id), agent_id in floor.awaited)
        facts = (*_FACTS(agent), dict(agent.last_offers), *more)
        before = known.get(agent_id) if known is not None else None
        now[agent_id] = before if before is not None and before[0] == facts else (facts, _agent(agent, *more))
    if known is not None:
        known.clear()
        known.update(now)
    return m.Restored(
        agents=tuple(agent for _, agent in now.values()),
        waiting=tuple(_call(floor, call) for call in sorted(floor.calls.values(), key=lambda c: c.number)),
        rates=tuple(
            m.RestoredRate(
                queue=queue, samples=rate.samples, mean_s=rate.mean_s, variance=rate.variance, mark=rate.mark
            )
            for queue, rate in floor.rates.items()
        ),
        offer_count=floor.offer_count,
        arrivals=floor.arrivals,
        done_callbacks=tuple(floor.done_callbacks),
    )


_FACTS: Final = attrgetter(
    *("profile", "state", "since", "epoch", "cause", "reason", "call_id", "offer_id", "queue", "until", "duty"),
    *("allowance_until", "overdue", "pending", "pending_allowance_s", "pending_by", "phone", "page", "ready_since"),
    *("missed", "calls", "busy_s", "idle_s"),
)
"""What :func:`_agent` reads, but for the last offers, which are a mapping that changes."""


def _agent(agent: Agent, dialling: OfferId | None, awaited: bool) -> m.RestoredAgent:
    return m.RestoredAgent(
        profile=agent.profile,
        state=agent.state,
        since=agent.since,
        epoch=agent.epoch,
        cause=agent.cause,
        reason=agent.reason,
        call_id=agent.call_id,
        offer_id=agent.offer_id or dialling,
        queue=agent.queue,
        until=agent.until,
        allowance_until=agent.allowance_until,
        overdue=agent.overdue,
        pending=agent.pending,
        pending_allowance_s=agent.pending_allowance_s,
        pending_by=agent.pending_by,
        phone=agent.phone,
        page=agent.page,
        awaited=awaited,
        ready_since=agent.ready_since,
        missed=agent.missed,
        calls=agent.calls,
        busy_s=agent.busy_s,
        idle_s=agent.idle_s,
        last_offers=dict(agent.last_offers),
        duty=agent.duty,
    )


def _call(floor: Floor, call: WaitingCall) -> m.RestoredCall:
    return m.RestoredCall(
        request=call.request,
        number=call.number,
        queue=call.queue,
        entered_at=call.entered_at,
        first_at=call.first_at,
        visited=tuple(call.visited),
        missed_by=tuple(sorted(call.missed_by)),
        released=call.released,
        held_for=call.held_for,
        announce_at=call.announce_at,
        offer_id=call.offer,
        waited_for_offer=call.had_to_wait,
        terms=call.terms,
        attempt=call.attempt,
        asleep_until=call.paused_until,
        events=floor.history.events(call.call_id),
    )


def restore(floor: Floor, told: m.Restored, now: datetime) -> None:
    """Take up a desk where it was left. Agents and calls that are here already are not touched."""
    floor.offer_count = max(floor.offer_count, told.offer_count)
    floor.arrivals = max(floor.arrivals, told.arrivals)
    for call_id in told.done_callbacks:
        floor.done_callback(call_id)
    for rate in told.rates:
        floor.rates[rate.queue] = HandoverRate(
            samples=rate.samples, mean_s=rate.mean_s, variance=rate.variance, mark=rate.mark
        )
    offered = {one.offer_id: one.profile.agent_id for one in told.agents if one.state in OFFERED and one.offer_id}
    talking = {one.offer_id: one.profile.agent_id for one in told.agents if one.state in IN_CALL and one.offer_id}
    for one in told.agents:
        if one.profile.agent_id not in floor.agents:
            try:
                _restore_agent(floor, one, now)
            except Exception:  # what one was left in by other rules keeps nobody else from coming back
                floor.out.append(_not_restored(agent_id=one.profile.agent_id))
    for waits in told.waiting:
        call_id = waits.request.call_id
        if call_id in floor.calls:
            continue
        try:
            _restore_call(floor, waits, offered, talking, now)
        except Exception:
            floor.out += [
                _not_restored(call_id=call_id),
                m.QueueRefused(call_id=call_id, queue=waits.request.queue, reason="not_restored"),
            ]
    # An agent who was on the telephone for a call-back that is not answered yet.
    for call_id, place in list(floor.calls.items()):
        if place.terms is not None and place.offer in talking:
            floor.dialling[place.offer] = (call_id, talking[place.offer])


def _restore_call(
    floor: Floor, waits: m.RestoredCall, offered: dict[OfferId, AgentId], talking: dict[OfferId, AgentId], now: datetime
) -> None:
    """``offered``, ``talking``: the offers that ring, and those that were answered, with their agents."""
    call_id = waits.request.call_id
    queue = waits.queue if waits.queue in floor.queues else waits.request.queue
    if queue not in floor.queues:
        floor.out.append(m.QueueRefused(call_id=call_id, queue=waits.request.queue, reason="unknown_queue"))
        return
    number = waits.number or floor.arrivals + 1
    floor.arrivals = max(floor.arrivals, number)
    kept = waits.offer_id if waits.offer_id in offered or waits.offer_id in talking else None
    beside = [
        offer_id
        for offer_id in offered
        if kept in offered and offer_id != kept and floor.offers.get(offer_id, ("",))[0] == call_id
    ]
    call = WaitingCall(
        request=waits.request,
        number=number,
        queue=queue,
        entered_at=waits.entered_at or waits.request.since,
        first_at=waits.first_at,
        offer=kept,
        others=sorted(beside, key=lambda one: int(one.rpartition("-")[2])),
        missed_by=set(waits.missed_by),
        announce_at=waits.announce_at,
        released=waits.released,
        had_to_wait=waits.waited_for_offer,
        visited=list(waits.visited) or [waits.request.queue],
        terms=waits.terms,
        attempt=waits.attempt,
        paused_until=waits.asleep_until,
    )
    call.held_for = waits.held_for
    floor.history.begin(waits.request).restore(waits.events)
    waiting.add(floor, call, now)


def _not_restored(*, call_id: CallId | None = None, agent_id: AgentId | None = None) -> m.IncidentFound:
    text = "what the desk had kept could not be taken up: a caller goes on in the flow, an agent signs in anew"
    return m.IncidentFound(kind="desk_note_unreadable", text=text, call_id=call_id, agent_id=agent_id)


def _restore_agent(floor: Floor, told: m.RestoredAgent, now: datetime) -> None:
    state, since, cause = told.state, told.since, told.cause
    if state in OFFERED and not (told.offer_id and told.call_id):
        state, since, cause = S.READY, now, "offer_lost"
    elif state in OFFERED and told.offer_id and told.call_id:
        floor.offers[told.offer_id] = (told.call_id, told.profile.agent_id)
    agent = Agent(
        profile=told.profile,
        state=state,
        since=since,
        epoch=told.epoch,
        cause=cause,
        reason=told.reason,
        call_id=told.call_id if state in ENGAGED or state is S.WRAP_UP else None,
        offer_id=told.offer_id if state in OFFERED else None,
        queue=told.queue,
        until=(told.until or now) if state is S.WRAP_UP else None,
        pending=told.pending,
        pending_allowance_s=told.pending_allowance_s,
        pending_by=told.pending_by,
        phone=told.phone,
        page=told.page,
        ready_since=(told.ready_since or since) if state in OFFERED or state is S.READY else None,
        missed=told.missed,
        allowance_until=told.allowance_until if state is S.BREAK else None,
        overdue=told.overdue and state is S.BREAK,
        calls=told.calls,
        busy_s=told.busy_s,
        idle_s=told.idle_s,
        last_offers=dict(told.last_offers),
        duty=told.duty,
        lacks=floor.codes.lacks(told.profile.skills, drill=told.profile.drill),
    )
    floor.agents[agent.agent_id] = agent
    if told.awaited and not agent.page:
        floor.awaited[agent.agent_id] = agent
    if agent.draining:
        floor.draining[agent.agent_id] = agent
    floor.count(agent, +1)
    floor.index(agent)
    floor.watch(agent)
    floor.show(agent)


# --- the comparison ---


def truth_seen(floor: Floor, truth: m.TruthSeen, now: datetime) -> None:
    """Free what the calls know nothing of, and mark as talking whom they hold."""
    settled = now - timedelta(seconds=truth.grace_s)
    for agent in list(floor.agents.values()):
        for incident in _compare(floor, agent, truth, settled, now):
            floor.out.append(incident)
    if truth.waiting is None:
        return
    for call in list(floor.calls.values()):
        here = floor.calls.get(call.call_id) is call
        known = call.call_id in truth.waiting or call.call_id in truth.in_motion
        if here and call.terms is None and not known and call.entered_at <= settled:
            _forget(floor, call, now)


def _compare(
    floor: Floor, agent: Agent, truth: m.TruthSeen, settled: datetime, now: datetime
) -> Iterator[m.IncidentFound]:
    agent_id, name = agent.agent_id, agent.profile.name
    if agent.since > settled:
        return
    seen = truth.talking.get(agent_id)
    if agent.call_id in truth.in_motion or seen in truth.in_motion:
        return
    if agent.state in IN_CALL:
        if seen is None:
            call_id = agent.call_id
            offers.give_up_dialling(floor, agent, now, "agent_ended")
            floor.wrap_up(agent, now, "freed")
            yield _incident("agent_freed", f"{name} was held by a call that is over", agent, call_id)
        elif seen != agent.call_id:
            before = agent.call_id
            agent.call_id = seen
            floor.show(agent)
            yield _incident("call_corrected", f"{name} is in another call than noted ({before})", agent, seen)
    elif seen is not None:
        if agent.offer_id:
            offers.withdraw(floor, agent, now, "in_another_call")
        before_state = agent.state.value
        agent.call_id = seen
        floor.set_state(agent, S.TALKING, now, "found_talking")
        text = f"{name} was {before_state} but is in a call"
        yield _incident("agent_found_talking", text, agent, seen, before_state)
    elif agent.state in OFFERED and truth.offered.get(agent_id) != agent.offer_id:
        call_id = agent.call_id
        offers.withdraw(floor, agent, now, "offer_lost")
        if agent.state in OFFERED:  # an offer that was settled without its agent
            floor.set_state(agent, S.READY, now, "freed")
        floor.settle_pending(agent, now)
        yield _incident("offer_freed", f"{name} was reserved for an offer that no call knows", agent, call_id)


def _incident(kind: str, text: str, agent: Agent, call_id: CallId | None, state: str = "") -> m.IncidentFound:
    facts = {"agent": agent.profile.name, "state": state or agent.state.value}
    return m.IncidentFound(kind=kind, text=text, agent_id=agent.agent_id, call_id=call_id, facts=facts)


def _forget(floor: Floor, call: WaitingCall, now: datetime) -> None:
    while call.offer is not None and call.offer in floor.offers:
        agent = floor.agents[floor.offers[call.offer][1]]
        offers.withdraw(floor, agent, now, "caller_gone")
        floor.settle_pending(agent, now)
    floor.wait_over(call.call_id, now, "left", cause="forgotten")
    if call.call_id in floor.calls:  # else its wait was over as well
        waiting.remove(floor, call)
    text = f"a call that no longer exists waited in {call.queue}"
    facts = {"queue": call.queue}
    floor.out.append(m.IncidentFound(kind="waiting_call_freed", text=text, call_id=call.call_id, facts=facts))
