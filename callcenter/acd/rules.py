"""The desk's rules: who is offered what, and what becomes of agents. Deterministic: no clock, no I/O.

:class:`DeskRules` keeps its state to itself and changes it only in :meth:`DeskRules.apply`, so that the same
commands at the same instants always give the same actions. It is a mutable object and not a frozen value for
one reason: a copy of hundreds of agents at each command would cost more than the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from callcenter.acd import consult, directing, offers, restore, staff, standing, waiting
from callcenter.acd import messages as m
from callcenter.acd.agent import agent_snapshot
from callcenter.acd.floor import Floor
from callcenter.acd.history import WaitStory
from callcenter.acd.queue import WaitingCall
from callcenter.acd.timers import NEVER
from callcenter.ids import AgentId, CallId, OfferId

_ACTS: Final[Mapping[type[m.Command], Callable[[Floor, Any, datetime], None]]] = {
    m.TimePassed: lambda floor, command, now: None,
    m.OfferRinging: offers.ringing,
    m.OfferAnswered: offers.answered,
    m.OfferFailed: offers.failed,
    m.CallQueued: waiting.enqueue,
    m.CallKnown: waiting.known,
    m.CallDirected: directing.direct,
    m.CallLeft: waiting.leave,
    m.TalkChanged: staff.talk_changed,
    m.TalkEnded: staff.talk_ended,
    m.TalkStarted: staff.talk_started,
    m.ConsultAsked: consult.asked,
    m.TalkRestored: staff.restore_talk,
    m.AgentLoggedOut: staff.asked,
    m.AgentReady: staff.asked,
    m.AgentBreak: staff.asked,
    m.WrapUpDone: staff.asked,
    m.WrapUpExtended: staff.asked,
    m.AgentLoggedIn: staff.log_in,
    m.ProfileChanged: staff.profile_changed,
    m.AgentPresence: staff.presence,
    m.DutyMarked: staff.duty,
    m.ForceState: staff.force,
    m.CallbackKept: waiting.keep_callback,
    m.CallbackReached: offers.callback_reached,
    m.CallbackFailed: offers.callback_failed,
    m.QueuesDefined: waiting.define,
    m.TruthSeen: restore.truth_seen,
    m.Restored: restore.restore,
}
"""What each command does, before time and offers have their turn. Every command is here: a test looks."""


class DeskRules:
    def __init__(self) -> None:
        self._floor = Floor()
        self._now: datetime | None = None

    # --- reading ---

    def agents(self) -> tuple[m.AgentSnapshot, ...]:
        return tuple(agent_snapshot(agent) for agent in self._floor.agents.values())

    def agent(self, agent_id: AgentId) -> m.AgentSnapshot | None:
        agent = self._floor.agents.get(agent_id)
        return agent_snapshot(agent) if agent else None

    def profile(self, agent_id: AgentId) -> m.AgentProfile | None:
        agent = self._floor.agents.get(agent_id)
        return agent.profile if agent else None

    def at_seat(self, seat: str) -> AgentId | None:
        """Whose telephone that is; None: nobody's who is known here."""
        agents = self._floor.agents.values()
        return next((agent.profile.agent_id for agent in agents if agent.profile.seat == seat), None)

    def queues(self) -> tuple[m.QueueSettings, ...]:
        return tuple(self._floor.queues.values())

    @property
    def order(self) -> str:
        """How calls of different queues compare."""
        return self._floor.order

    def waiting(self, queue: str) -> tuple[WaitingCall, ...]:
        """The calls and call-back places of a queue in serving order."""
        return tuple(self._floor.lines.get(queue, ()))

    def in_line(self, queue: str) -> tuple[WaitingCall, ...]:
        """Of those the ones that wait to be served now: without call-back places that sleep until their hour."""
        return tuple(call for call in self._floor.lines.get(queue, ()) if not call.asleep)

    def waits(self, call_id: CallId) -> WaitingCall | None:
        return self._floor.calls.get(call_id)

    def blocked_by(self, call_id: CallId) -> str:
        """Why nobody takes a waiting call at this moment; see :func:`callcenter.acd.standing.blocked_by`."""
        call = self._floor.calls.get(call_id)
        return standing.blocked_by(self._floor, call) if call else ""

    def refusal(self, command: m.CallDirected) -> str:
        """Why a supervisor cannot decide so; see :func:`callcenter.acd.directing.refusal`."""
        return directing.refusal(self._floor, command)

    def on_duty(self, queue: str) -> int:
        """Agents of the queue who will take a call sooner or later."""
        return self._floor.on_duty(queue)

    def ready(self, queue: str) -> int:
        """Agents of the queue who can be offered a call at this moment."""
        return len(self._floor.ready.get(queue, ()))

    def position(self, call_id: CallId, now: datetime | None = None) -> tuple[int, float | None] | None:
        """(place in line from 1, estimated wait in seconds or None when it cannot be trusted); None: the call
        does not wait. ``now`` defaults to the instant of the last command."""
        call, now = self._floor.calls.get(call_id), now or self._now
        return waiting.position(self._floor, call, now) if call and now else None

    def story(self, call_id: CallId) -> WaitStory | None:
        """What happened to a call while it waits or waited, for :func:`callcenter.acd.explain.why_waited`."""
        return self._floor.history.story(call_id)

    def decisions(self) -> tuple[m.Decision, ...]:
        """The last ones, oldest first, for :mod:`callcenter.acd.explain`."""
        return self._floor.history.decisions

    def decision(self, offer_id: OfferId) -> m.Decision | None:
        return self._floor.history.decision(offer_id)

    def snapshot(self, known: restore.Known | None = None) -> m.Restored:
        """The command that makes another desk decide as this one would; see :func:`callcenter.acd.restore.snapshot`."""
        return restore.snapshot(self._floor, known)

    def next_deadline(self) -> datetime | None:
        """The earliest instant at which ``TimePassed`` has something to do."""
        agents, calls = self._floor.agent_timers.earliest, self._floor.call_timers.earliest
        first = agents if agents < calls else calls
        return first if first is not NEVER else None

    # --- writing ---

    def apply(self, command: m.Command, now: datetime) -> list[m.Action]:
        """Let a command act at ``now`` (aware UTC). Never raises for commands that are late or doubled."""
        floor = self._floor
        floor.out = []
        self._now = now
        _ACTS[type(command)](floor, command, now)
        if floor.agent_timers.earliest <= now or floor.call_timers.earliest <= now:
            self._time_passed(now)
        if floor.left_duty or floor.thinned:
            waiting.duty_left(floor, now)
        if floor.fresh_agents or floor.fresh_calls:
            offers.match(floor, now)
        return floor.out

    def decided_so_far(self) -> list[m.Action]:
        """What a command that failed half-way had decided before: it has happened and must be told."""
        return self._floor.out

    def _time_passed(self, now: datetime) -> None:
        floor = self._floor
        if floor.agent_timers.earliest <= now:
            for agent_id in floor.agent_timers.due(now):
                staff.timer(floor, agent_id, now)
        if floor.call_timers.earliest <= now:
            for call_id in floor.call_timers.due(now):
                waiting.timer(floor, call_id, now)
