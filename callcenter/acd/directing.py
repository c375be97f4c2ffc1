"""A supervisor's hand on a call that waits: another queue, another priority, one agent. Pure; acts on the floor."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd import waiting
from callcenter.acd.floor import Floor
from callcenter.acd.places import as_directed
from callcenter.acd.queue import points_key

BY_SUPERVISOR: Final = "supervisor"
"""Why a call moved, beside the conditions of an overflow."""


def refusal(floor: Floor, command: m.CallDirected) -> str:
    """The code for which it cannot be done; empty: it can."""
    call = floor.calls.get(command.call_id)
    if call is None or call.terms is not None:
        return "not_waiting"
    if call.offer is not None:
        return "ringing"  # whoever it rings with may be taking it at this moment
    if command.queue is not None:
        queue = floor.queues.get(command.queue)
        if queue is None or queue.drill != call.request.drill:
            return "unknown_queue"
    if command.agent_id is not None:
        agent = floor.agents.get(command.agent_id)
        if agent is None or not floor.is_on_duty(command.agent_id):
            return "agent_off_duty"
        if agent.profile.drill != call.request.drill:
            return "drill_apart"
    return ""


def direct(floor: Floor, command: m.CallDirected, now: datetime) -> None:
    """Do it, or refuse with one of the codes of :func:`refusal`. Who has waited keeps what they have waited."""
    code = refusal(floor, command)
    if code:
        floor.refuse(command, code, f"the call cannot be directed: {code}")
        return
    call = floor.calls[command.call_id]
    floor.displace(call)
    before = call.queue
    floor.lines[before].remove(call)
    call.request = as_directed(call.request, command)
    floor.history.asks_anew(call.request)
    if command.queue is not None and command.queue != before:
        call.first_at = call.first_at or call.entered_at
        call.queue, call.entered_at, call.levels = command.queue, now, {}
        call.visited.append(command.queue)
    call.key = points_key(call.request, call.number, floor.queues[call.queue])
    standing = -call.key[0]
    if call.queue != before:
        by = command.by
        floor.history.note(call.call_id, now, "moved", to=call.queue, reason=BY_SUPERVISOR, by=by, standing=standing)
        floor.out.append(m.CallMoved(call_id=call.call_id, queue=before, to=call.queue, reason=BY_SUPERVISOR))
    if command.priority is not None:
        floor.history.note(
            call.call_id, now, "prioritised", priority=command.priority, by=command.by, standing=standing
        )
    if command.agent_id is not None:
        floor.history.note(call.call_id, now, "given", agent=command.agent_id, by=command.by)
    if command.queue is not None or command.agent_id is not None:
        if call.held_for is not None:
            floor.history.note(call.call_id, now, "not_held", agent=call.held_for)
        call.held_for, call.released = None, False
    waiting.add(floor, call, now)
