"""What happens to calls and call-back places while they wait. Pure; acts on the floor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd import overflow
from callcenter.acd.floor import Floor
from callcenter.acd.keeping import (
    as_long_as_it_takes,
    keeper_of,
    let_back,
    look_at_keeper,
    next_look_at_excluded,
    somebody_for,
    sticky_until,
)
from callcenter.acd.messages import OverflowWhen
from callcenter.acd.places import as_known
from callcenter.acd.queue import Line, WaitingCall, levels_at, next_relax, points_key
from callcenter.acd.routing import drain_until
from callcenter.acd.standing import text_of
from callcenter.acd.timers import span
from callcenter.ids import CallId


def define(floor: Floor, command: m.QueuesDefined, now: datetime) -> None:
    """A queue that is no longer defined serves those who wait in it to the end."""
    kept = {name: queue for name, queue in floor.queues.items() if floor.lines[name]}
    floor.define(kept | {queue.name: queue for queue in command.queues}, command.order)
    for name in floor.queues:
        floor.lines.setdefault(name, Line())
        floor.thinned[name] = None
    for agent in floor.agents.values():
        floor.index(agent)
    for call in list(floor.calls.values()):
        floor.displace(call)
        line = floor.lines[call.queue]
        line.remove(call)
        call.key = points_key(call.request, call.number, floor.queues[call.queue])
        line.add(call)
        call.levels = {}
        refresh(floor, call, now)


# --- coming and going ---


def enqueue(floor: Floor, request: m.CallQueued, now: datetime) -> None:
    if request.call_id in floor.calls:
        return
    if request.queue not in floor.queues:
        floor.out.append(m.QueueRefused(call_id=request.call_id, queue=request.queue, reason="unknown_queue"))
        return
    held = keeper_of(floor, request, request.queue) is not None
    if request.only_target and not held:
        floor.out.append(m.QueueRefused(call_id=request.call_id, queue=request.queue, reason="agent_left"))
        return
    visited = [request.queue]
    name, moved_by = request.queue, ""
    while not held and (rule := overflow.on_arrival(floor, name, visited, now)) is not None:
        if not rule.to:
            _turn_away(floor, request, name, rule.when.value, now)
            return
        name, moved_by = rule.to, rule.when.value
        visited.append(name)
    settings = floor.queues[name]
    limit = settings.max_length
    if request.max_length is not None and name == request.queue:
        limit = min(limit, request.max_length)
    if floor.lines[name].standing >= limit:
        _turn_away(floor, request, name, "queue_full", now)
        return
    floor.arrivals += 1
    call = WaitingCall(request=request, number=floor.arrivals, queue=name, entered_at=now, visited=visited)
    story = floor.history.begin(request)
    add(floor, call, now)
    ahead = floor.lines[name].position(call) - 1
    story.add(now, "queued", {"queue": name, "ahead": ahead, "standing": -call.key[0]})
    if moved_by:
        story.add(now, "moved", {"to": name, "reason": moved_by})
        floor.out.append(m.CallMoved(call_id=call.call_id, queue=request.queue, to=name, reason=moved_by))


def _turn_away(floor: Floor, request: m.CallQueued, queue: str, reason: str, now: datetime) -> None:
    """It does not wait in this queue: that is told like a wait."""
    floor.history.begin(request)
    floor.wait_over(request.call_id, now, "turned_away", queue=queue, reason=reason)
    floor.out.append(m.QueueRefused(call_id=request.call_id, queue=request.queue, reason=reason))


def add(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Put a call into its line and set its times by that queue's settings."""
    settings = floor.queues[call.queue]
    call.key = points_key(call.request, call.number, settings)
    if call.terms is None:
        # The queue's limit is of the wait in it, the flow's own of the whole.
        limit, begin = settings.max_wait_s, call.entered_at
        if call.request.max_wait_s is not None:
            limit, begin = call.request.max_wait_s, call.first_at or call.entered_at
        call.expires_at = begin + span(limit) if limit > 0 else None
        every = settings.announce_position_every_s
        if call.announce_at is None and every > 0:
            call.announce_at = now + span(every)
    floor.calls[call.call_id] = call
    floor.lines[call.queue].add(call)
    refresh(floor, call, now)


def known(floor: Floor, command: m.CallKnown, now: datetime) -> None:
    """Who calls has become known while the call waits."""
    call = floor.calls.get(command.call_id)
    if call is None:
        return
    call.request = as_known(call.request, command)
    floor.history.asks_anew(call.request)
    line = floor.lines[call.queue]
    floor.displace(call)
    line.remove(call)
    call.key = points_key(call.request, call.number, floor.queues[call.queue])
    line.add(call)
    call.released = call.released and call.held_for is None and command.preferred_agent is None
    refresh(floor, call, now)


def leave(floor: Floor, command: m.CallLeft, now: datetime) -> None:
    """The call no longer waits. Its offer, if any, is settled by the call's own ``OfferFailed``."""
    call = floor.calls.get(command.call_id)
    if call is None:
        return
    if call.terms is not None:
        end_callback(floor, call, "cancelled", now)
    else:
        floor.wait_over(call.call_id, now, "left", cause=command.cause.value)
        remove(floor, call)


def remove(floor: Floor, call: WaitingCall) -> None:
    floor.displace(call)
    floor.lines[call.queue].remove(call)
    del floor.calls[call.call_id]
    floor.call_timers.set(call.call_id, None)


def reopen(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Its offer came to nothing: the next agent may have it, from the place it never lost."""
    call.offer = None
    look_at(floor, call, now)


# --- what a call asks for, and of whom ---


def refresh(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Bring up to date what the call asks for and for whom it is held.

    When to look again is settled with the end of the command, if nobody took the call: most are taken at once.
    """
    settings = floor.queues[call.queue]
    levels = levels_at(call.request, settings, now)
    if call.levels and levels != call.levels:
        floor.history.note(call.call_id, now, "relaxed", skills=text_of(levels))
    call.levels = levels
    call.needs = floor.codes.needs(levels, drill=call.request.drill)
    if call.offer is not None:
        return  # looked at again when the offer comes to nothing
    if call.terms is not None and not _awake(floor, call, now):
        call.held_for = None  # it is held for nobody while it sleeps; who knows the customer is looked for then
        return
    look_at_keeper(floor, call, now)
    if call.request.only_target and call.released:
        _expire(floor, call, "agent_left", now)
        return
    floor.place(call)


def set_timer(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """When this call, which no offer is made for, must be looked at next, unless something happens before."""
    settings = floor.queues[call.queue]
    times = [call.expires_at, call.announce_at, next_look_at_excluded(call, now)]
    if call.levels:
        times.append(next_relax(call, settings, now))
    if call.terms is not None:
        times.append(_sleep_begins(call.terms, now))
    if call.held_for is not None and call.held_for not in as_long_as_it_takes(call):
        times.append(sticky_until(floor, call))
    if floor.draining and call.held_for is None and drain_until(floor, call) > now:
        times.append(drain_until(floor, call))
    if call.terms is None:
        for rule in settings.overflow:
            if rule.when in (OverflowWhen.WAIT, OverflowWhen.NO_AGENT) and overflow.open_to(floor, call.visited, rule):
                at = call.entered_at + span(rule.over)
                times.append(at if at > now else None)
    due = [at for at in times if at is not None]
    floor.call_timers.set(call.call_id, min(due) if due else None)


def timer(floor: Floor, call_id: CallId, now: datetime) -> None:
    """Something is due for a call that waits."""
    call = floor.calls.get(call_id)
    if call is not None and call.offer is None:
        look_at(floor, call, now)


def look_at(floor: Floor, call: WaitingCall, now: datetime) -> None:
    """Do what has become due for a call without an offer: overflow, the end of its wait, its announcement."""
    request, needs = call.request, call.needs
    stood = call.is_open and not floor.draining and call.call_id not in floor.fresh_calls
    look_at_keeper(floor, call, now)
    if call.terms is None:
        rule = overflow.while_waiting(floor, call, now)
        if rule is not None:
            _overflow(floor, call, rule, now)
            return
        if call.expires_at and call.expires_at <= now:
            _expire(floor, call, "wait", now)
            return
        if call.announce_at and call.announce_at <= now:
            _announce(floor, call, now)
    let_back(floor, call, now)
    refresh(floor, call, now)
    if stood and call.is_open and call.request is request and call.needs == needs:
        # It was told its position, or the like: nobody can take it who could not before.
        del floor.fresh_calls[call.call_id]
        set_timer(floor, call, now)


def _announce(floor: Floor, call: WaitingCall, now: datetime) -> None:
    every = floor.queues[call.queue].announce_position_every_s
    call.announce_at = now + span(every) if every > 0 else None
    place, seconds = position(floor, call, now)
    floor.out.append(
        m.PositionChanged(call_id=call.call_id, queue=call.request.queue, position=place, estimated_wait_s=seconds)
    )


def position(floor: Floor, call: WaitingCall, now: datetime) -> tuple[int, float | None]:
    """The place in line from 1, and how many seconds it will take: None where that is not to be trusted. The measured
    rate says nothing of who waits for one person, nor of a call that nobody who is there may take as it is."""
    place = floor.lines[call.queue].position(call)
    rate = floor.rates.get(call.queue)
    seconds = rate.estimate(place, now) if rate else None
    if seconds is None or (call.held_for is not None and call.held_for in as_long_as_it_takes(call)):
        return place, None
    return place, seconds if somebody_for(floor, call) else None


# --- overflow ---


def _overflow(floor: Floor, call: WaitingCall, rule: m.Overflow, now: datetime) -> None:
    if not rule.to:
        _expire(floor, call, rule.when.value, now)
        return
    before = call.queue
    floor.displace(call)
    floor.lines[before].remove(call)
    call.first_at = call.first_at or call.entered_at
    call.queue, call.entered_at = rule.to, now
    call.visited.append(rule.to)
    call.levels = {}
    call.key = points_key(call.request, call.number, floor.queues[rule.to])
    floor.history.note(call.call_id, now, "moved", to=rule.to, reason=rule.when.value, standing=-call.key[0])
    floor.out.append(m.CallMoved(call_id=call.call_id, queue=before, to=rule.to, reason=rule.when.value))
    add(floor, call, now)


def _expire(floor: Floor, call: WaitingCall, reason: str, now: datetime) -> None:
    floor.wait_over(call.call_id, now, "expired", reason=reason)
    remove(floor, call)
    floor.out.append(m.WaitExpired(call_id=call.call_id, queue=call.request.queue, reason=reason))


def duty_left(floor: Floor, now: datetime) -> None:
    """Agents have left duty: calls held for them are open to all, and an empty queue overflows."""
    for agent_id in list(floor.left_duty):
        if not floor.is_on_duty(agent_id):
            for call in list(floor.held.get(agent_id, ())):
                look_at(floor, call, now)
    for queue in list(floor.thinned):
        line = floor.lines.get(queue)
        if line and floor.queues[queue].overflow and floor.on_duty(queue) == 0:
            for call in [call for call in line if call.offer is None]:
                look_at(floor, call, now)
    floor.left_duty, floor.thinned = {}, {}


# --- call-back places ---


def keep_callback(floor: Floor, command: m.CallbackKept, now: datetime) -> None:
    request, terms = command.place, command.terms
    if request.call_id in floor.done_callbacks:
        return
    call = floor.calls.get(request.call_id)
    if call is not None and call.terms is not None:
        if command.again and call.offer is None:
            floor.displace(call)
            floor.lines[call.queue].remove(call)
            call.request, call.terms, call.paused_until = request, terms, command.not_before
            add(floor, call, now)
        return
    if call is None:
        if request.queue not in floor.queues or floor.lines[request.queue].standing >= (
            floor.queues[request.queue].max_length
        ):
            floor.out.append(m.CallbackOver(call_id=request.call_id, result="refused", attempts=0))
            return
        floor.arrivals += 1
        call = WaitingCall(
            request=request,
            number=floor.arrivals,
            queue=request.queue,
            entered_at=now,
            visited=[request.queue],
            terms=terms,
            attempt=command.attempt,
            paused_until=command.not_before,
            had_to_wait=True,
        )
        floor.history.begin(request)
        floor.history.note(call.call_id, now, "callback_kept")
        add(floor, call, now)
        return
    # The very place: rank, wait and whoever missed it stay.
    call.terms, call.expires_at, call.announce_at = terms, None, None
    floor.history.note(call.call_id, now, "callback_kept")
    if call.offer is None:
        refresh(floor, call, now)


NOBODY_RUNG: Final = frozenset({"outside_hours", "no_trunk", "unavailable"})
"""Why an attempt ended before the customer's telephone could ring: it costs none of those that were promised."""


def callback_failed(floor: Floor, call: WaitingCall, reason: str, now: datetime) -> None:
    assert call.terms is not None
    call.offer = None
    if reason in NOBODY_RUNG:
        floor.history.note(call.call_id, now, "callback_put_off", reason=reason)
    else:
        call.attempt += 1
        floor.history.note(call.call_id, now, "callback_failed", reason=reason, attempt=call.attempt)
    if call.attempt >= call.terms.attempts:
        end_callback(floor, call, "agent_ended" if reason == "agent_ended" else "gave_up", now)
        return
    call.paused_until = now + timedelta(seconds=max(0.0, call.terms.pause_s))
    refresh(floor, call, now)
    if call.call_id in floor.calls:
        until = max(call.paused_until, _permitted(call.terms, call.paused_until) or call.paused_until)
        floor.out.append(m.CallbackPaused(call_id=call.call_id, attempt=call.attempt, reason=reason, until=until))


def end_callback(floor: Floor, call: WaitingCall, result: str, now: datetime) -> None:
    remove(floor, call)
    floor.done_callback(call.call_id)
    floor.wait_over(call.call_id, now, "callback_over", result=result)
    floor.out.append(m.CallbackOver(call_id=call.call_id, result=result, attempts=call.attempt))


def _permitted(terms: m.CallbackTerms, at: datetime) -> datetime | None:
    """The first instant from ``at`` on at which the customer may be called; None: never again."""
    return min((max(at, begin) for begin, end in terms.permitted if end > at and end > begin), default=None)


def _sleep_begins(terms: m.CallbackTerms, now: datetime) -> datetime | None:
    """The end of the permitted hours that ``now`` lies in."""
    return max((end for begin, end in terms.permitted if begin <= now < end), default=None)


def awake_since(call: WaitingCall, now: datetime) -> datetime:
    """Since when a call-back place that is offered at ``now`` waits for an agent: its pause over, its hours begun."""
    assert call.terms is not None
    begun = (begin for begin, end in call.terms.permitted if begin <= now < end)
    return max(call.entered_at, call.paused_until or call.entered_at, *begun)


def _awake(floor: Floor, call: WaitingCall, now: datetime) -> bool:
    """Whether a call-back place may be offered now; if not it sleeps, or ends when it never may again."""
    assert call.terms is not None
    begin = _permitted(call.terms, max(now, call.paused_until or now))
    if begin is None:
        end_callback(floor, call, "hours_over", now)
        return False
    if begin > now and floor.history.last(call.call_id) != "asleep":
        floor.history.note(call.call_id, now, "asleep", seconds=(begin - now).total_seconds())
    floor.lines[call.queue].sleep(call, begin > now)
    if call.asleep:
        floor.displace(call)
        floor.call_timers.set(call.call_id, begin)
        return False
    return True
