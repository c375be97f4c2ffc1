"""How things stand for a call that waits: why nobody takes it now. Pure; changes nothing."""

from __future__ import annotations

from datetime import datetime

from callcenter.acd.agent import Agent
from callcenter.acd.floor import Floor
from callcenter.acd.messages import AgentState
from callcenter.acd.queue import WaitingCall


def note_wait(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Nobody could take the call: keep how things stand, if something has changed since that was kept last."""
    if call.held_for is not None or floor.history.is_told(call.call_id):
        return  # that it is held says why
    states = floor.staff(call.queue)
    free, leaving = floor.ready.get(call.queue, ()), _leaving(floor, call)
    details: dict[str, str | int | float] = {**states, "on_duty": floor.on_duty(call.queue)}
    if leaving:
        details["leaving"] = len(leaving)
        details["spared_s"] = floor.queues[call.queue].service_level_s
    away = states.get(AgentState.READY.value, 0) - len(free) - len(leaving)
    if away > 0:
        details["away"] = away
    if free:
        details["free"] = len(free)
        details["without_skill"] = sum(bool(call.needs & place[-1].lacks) for place in free)
    if call.levels:
        details["skills"] = text_of(call.levels)
    floor.history.note(call.call_id, now, "nobody_free", **details)


def blocked_by(floor: Floor, call: WaitingCall) -> str:
    """Why nobody takes the call at this moment, as a code: ``offered``, ``asleep`` (a call-back's pause or
    hours), ``held``, ``no_agent_on_duty``, ``free_without_skill``, ``excluded``, ``leaving`` or ``all_busy``."""
    if call.offer is not None:
        return "offered"
    if call.asleep:
        return "asleep"
    if call.held_for is not None:
        return "held"
    if floor.on_duty(call.queue) == 0:
        return "no_agent_on_duty"
    free = [place[-1] for place in floor.ready.get(call.queue, ())]
    if not free:
        return "leaving" if _leaving(floor, call) else "all_busy"
    return "free_without_skill" if all(call.needs & agent.lacks for agent in free) else "excluded"


def _leaving(floor: Floor, call: WaitingCall) -> list[Agent]:
    """Those of its queue who could be offered a call, but are about to go home."""
    return [agent for agent in floor.draining.values() if agent.offerable and call.queue in agent.profile.queues]


def text_of(levels: dict[str, int]) -> str:
    return " ".join(f"{skill}:{level}" for skill, level in sorted(levels.items()))
