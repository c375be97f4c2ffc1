"""A colleague for an agent who asks: the one they name, or the best free one of a queue. Pure; acts on the floor.

The caller waits nowhere meanwhile, so the offer has no waiting call behind it; it is settled like any other.
"""

from __future__ import annotations

from datetime import datetime

from callcenter.acd import messages as m
from callcenter.acd import offers
from callcenter.acd.floor import Floor
from callcenter.acd.queue import WaitingCall, levels_at, points_key
from callcenter.acd.routing import candidates, why_not
from callcenter.acd.staff import in_call


def asked(floor: Floor, command: m.ConsultAsked, now: datetime) -> None:
    """Reserve the colleague, or say why not."""
    if in_call(floor, command.agent_id, command.call_id) is None:
        return  # whoever asked is no longer in the call, and needs no answer
    code = ""
    if command.to_agent is not None:
        colleague = floor.agents.get(command.to_agent)
        if colleague is None or command.to_agent == command.agent_id:
            code = "unknown_agent"
        queue = _any_queue(floor, command)
    else:
        queue = command.queue
    if not code and queue not in floor.queues:
        code = "unknown_queue"
    if code:
        _refuse(floor, command, code)
        return
    call = _asking(floor, command, queue, now)
    if command.to_agent is not None:
        reason = why_not(floor.agents[command.to_agent], call)
        if reason:
            _refuse(floor, command, f"consult_{reason}")
            return
    able = candidates(floor, call, now)
    if not able:
        _refuse(floor, command, "nobody_free")
        return
    offers.reserve(floor, call, able, now, consult_by=command.agent_id)


def _any_queue(floor: Floor, command: m.ConsultAsked) -> str:
    """Whose ring time applies to a colleague asked by name: that of the caller's queue, else of one of theirs."""
    if command.queue in floor.queues or command.to_agent is None:
        return command.queue
    theirs = floor.agents[command.to_agent].profile.queues if command.to_agent in floor.agents else {}
    return next((queue for queue in theirs if queue in floor.queues), next(iter(floor.queues), ""))


def _asking(floor: Floor, command: m.ConsultAsked, queue: str, now: datetime) -> WaitingCall:
    """The question as routing understands it: like a call that has just come, which the asker may not take."""
    request = m.CallQueued(
        call_id=command.call_id,
        queue=queue,
        since=now,
        target_agent=command.to_agent,
        excluded_agents=frozenset({command.agent_id}),
        language=command.language,
        drill=command.drill,
    )
    call = WaitingCall(request=request, number=0, queue=queue, entered_at=now, held_for=command.to_agent)
    call.key = points_key(request, 0, floor.queues[queue])
    call.levels = levels_at(request, floor.queues[queue], now)
    call.needs = floor.codes.needs(call.levels, drill=command.drill)
    return call


def _refuse(floor: Floor, command: m.ConsultAsked, code: str) -> None:
    floor.out.append(m.ConsultRefused(call_id=command.call_id, agent_id=command.agent_id, code=code))
