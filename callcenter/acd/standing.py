"""How things stand for a call that waits: why nobody takes it now. Pure; changes nothing."""

from __future__ import annotations

from datetime import datetime

from callcenter.acd.floor import Floor
from callcenter.acd.queue import WaitingCall


def note_wait(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Nobody could take the call at once: keep how things stood."""
    if call.held_for is not None:
        return  # that it is held says why
    states = {state.value: number for state, number in floor.staff.get(call.queue, {}).items() if number}
    free = [agent for _, agent in floor.ready.get(call.queue, ())]
    details: dict[str, str | int | float] = {**states, "on_duty": floor.on_duty(call.queue)}
    if free:
        details["free"] = len(free)
        details["without_skill"] = sum(bool(call.needs & agent.lacks) for agent in free)
    if call.levels:
        details["skills"] = text_of(call.levels)
    floor.history.note(call.call_id, now, "nobody_free", **details)


def blocked_by(floor: Floor, call: WaitingCall) -> str:
    """Why nobody takes the call at this moment, as a code: ``offered``, ``asleep`` (a call-back's pause or
    hours), ``held``, ``no_agent_on_duty``, ``free_without_skill``, ``excluded`` or ``all_busy``."""
    if call.offer is not None:
        return "offered"
    if call.asleep:
        return "asleep"
    if call.held_for is not None:
        return "held"
    if floor.on_duty(call.queue) == 0:
        return "no_agent_on_duty"
    free = [agent for _, agent in floor.ready.get(call.queue, ())]
    if not free:
        return "all_busy"
    return "free_without_skill" if all(call.needs & agent.lacks for agent in free) else "excluded"


def text_of(levels: dict[str, int]) -> str:
    return " ".join(f"{skill}:{level}" for skill, level in sorted(levels.items()))
