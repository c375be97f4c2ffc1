"""When a waiting call goes elsewhere. Pure; the first rule of its queue that holds decides."""

from __future__ import annotations

from datetime import datetime

from callcenter.acd import messages as m
from callcenter.acd.floor import Floor
from callcenter.acd.messages import OverflowWhen
from callcenter.acd.queue import WaitingCall
from callcenter.acd.timers import span


def open_to(floor: Floor, visited: list[str], rule: m.Overflow) -> bool:
    """A call never goes back to a queue it has been in."""
    return not rule.to or (rule.to in floor.queues and rule.to not in visited)


def on_arrival(floor: Floor, name: str, visited: list[str], now: datetime) -> m.Overflow | None:
    """The rule that sends a call elsewhere before it waits in the queue ``name``."""
    line = floor.lines[name]
    for rule in floor.queues[name].overflow:
        if not open_to(floor, visited, rule):
            continue
        match rule.when:
            case OverflowWhen.LENGTH:
                due = line.standing >= rule.over
            case OverflowWhen.ESTIMATED_WAIT:
                rate = floor.rates.get(name)
                measured = rate if line.standing and floor.on_duty(name) else None
                seconds = measured.estimate(line.standing + 1, now) if measured else None
                due = seconds is not None and seconds > rule.over
            case OverflowWhen.NO_AGENT:
                due = rule.over <= 0 and floor.on_duty(name) == 0
            case OverflowWhen.WAIT:
                due = False
        if due:
            return rule
    return None


def while_waiting(floor: Floor, call: WaitingCall, now: datetime) -> m.Overflow | None:
    """The rule by which a waiting call has waited long enough where it is. Who waits for one person stays."""
    if call.held_for is not None and call.held_for in (call.request.target_agent, call.request.back_to):
        return None
    for rule in floor.queues[call.queue].overflow:
        late = now >= call.entered_at + span(rule.over)
        if not late or not open_to(floor, call.visited, rule):
            continue
        if rule.when is OverflowWhen.WAIT or (
            rule.when is OverflowWhen.NO_AGENT and floor.on_duty(call.queue) == 0 and call.held_for is None
        ):
            return rule
    return None
