"""The desk's rules: who is offered what, and what becomes of agents. Deterministic: no clock, no I/O.

:class:`DeskRules` keeps its state to itself and changes it only in :meth:`DeskRules.apply`, so that the same
commands at the same instants always give the same actions. It is a mutable object and not a frozen value for
one reason: a copy of hundreds of agents at each command would cost more than the decision.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from callcenter.acd import messages as m
from callcenter.acd.agent import ASKED, Agent, Answer
from callcenter.acd.messages import AgentState as S
from callcenter.acd.queue import Line, WaitingCall
from callcenter.acd.routing import choose
from callcenter.ids import AgentId, CallId, OfferId

_IN_CALL = (S.TALKING, S.HOLD, S.CONSULTING)
_TRUSTED_HANDOVERS = 5
"""Hand-overs that must have been seen before an estimated wait is said."""


class DeskRules:
    def __init__(self) -> None:
        self._queues: dict[str, m.QueueSettings] = {}
        self._lines: dict[str, Line] = {}
        self._calls: dict[CallId, WaitingCall] = {}
        self._agents: dict[AgentId, Agent] = {}
        self._offers: dict[OfferId, tuple[CallId, AgentId]] = {}
        self._offer_count = 0
        self._handovers: dict[str, deque[datetime]] = {}
        self._arrivals = 0
        self._out: list[m.Action] = []

    # --- reading ---

    def agents(self) -> tuple[m.AgentSnapshot, ...]:
        return tuple(agent.snapshot() for agent in self._agents.values())

    def agent(self, agent_id: AgentId) -> m.AgentSnapshot | None:
        agent = self._agents.get(agent_id)
        return agent.snapshot() if agent else None

    def queues(self) -> tuple[m.QueueSettings, ...]:
        return tuple(self._queues.values())

    def waiting(self, queue: str) -> tuple[WaitingCall, ...]:
        """The calls of a queue in serving order."""
        return tuple(self._lines[queue]) if queue in self._lines else ()

    def position(self, call_id: CallId) -> tuple[int, float | None] | None:
        """(place in line from 1, estimated wait in seconds or None); None: the call does not wait.

        The estimate is place x mean interval between the queue's last hand-overs (Little's law with a
        measured rate). It is None until enough hand-overs were seen.
        """
        call = self._calls.get(call_id)
        if call is None:
            return None
        queue = call.request.queue
        place = self._lines[queue].position(call_id)
        seen = self._handovers.get(queue, deque())
        if len(seen) < _TRUSTED_HANDOVERS:
            return place, None
        return place, place * (seen[-1] - seen[0]).total_seconds() / (len(seen) - 1)

    def next_deadline(self) -> datetime | None:
        """The earliest instant at which ``TimePassed`` has something to do."""
        times = [a.until for a in self._agents.values() if a.until]
        for call in self._calls.values():
            if call.offer is None:
                times += [at for at in (call.expires_at, call.announce_at) if at]
        return min(times, default=None)

    # --- writing ---

    def apply(self, command: m.Command, now: datetime) -> list[m.Action]:
        """Let a command act at ``now`` (aware UTC). Never raises for commands that are late or doubled."""
        self._out = []
        match command:
            case m.QueuesDefined():
                self._define(command)
            case m.AgentLoggedIn():
                self._log_in(command, now)
            case m.AgentPresence():
                self._presence(command, now)
            case m.AgentLoggedOut() | m.AgentReady() | m.AgentBreak() | m.WrapUpDone() | m.WrapUpExtended():
                self._asked(command, now)
            case m.CallQueued():
                self._queue(command, now)
            case m.CallLeft():
                self._leave(command.call_id)
            case m.OfferRinging():
                self._ringing(command, now)
            case m.OfferAnswered():
                self._answered(command, now)
            case m.OfferFailed():
                self._offer_failed(command, now)
            case m.TalkChanged():
                agent = self._in_call(command.agent_id, command.call_id)
                if agent and command.state in _IN_CALL:
                    self._set(agent, command.state, now, "call")
            case m.TalkEnded():
                agent = self._in_call(command.agent_id, command.call_id)
                if agent:
                    self._wrap_up(agent, now)
            case m.TalkRestored():
                self._restore_talk(command, now)
            case m.TimePassed():
                self._time_passed(now)
        self._match(now)
        return self._out

    def _define(self, command: m.QueuesDefined) -> None:
        # A queue that is no longer defined serves those who wait in it to the end.
        kept = {name: queue for name, queue in self._queues.items() if self._lines[name]}
        self._queues = kept | {queue.name: queue for queue in command.queues}
        for name in self._queues:
            self._lines.setdefault(name, Line())

    # --- agents ---

    def _set(self, agent: Agent, state: S, now: datetime, cause: str, reason: str = "") -> None:
        """The one place where an agent's state changes."""
        agent.state, agent.since, agent.cause, agent.reason = state, now, cause, reason
        if state is S.READY:
            agent.ready_since = agent.ready_since or now
        elif state not in (S.RESERVED, S.RINGING):
            agent.ready_since = None
        if state not in (*_IN_CALL, S.RESERVED, S.RINGING, S.WRAP_UP):
            agent.call_id = None
        if state not in (S.RESERVED, S.RINGING):
            agent.offer_id = None
        if state is not S.WRAP_UP:
            agent.until = None
        self._show(agent)

    def _show(self, agent: Agent) -> None:
        agent.epoch += 1
        self._out.append(agent.snapshot())

    def _log_in(self, command: m.AgentLoggedIn, now: datetime) -> None:
        agent = self._agents.get(command.profile.agent_id)
        if agent is None:
            agent = Agent(profile=command.profile, state=S.OFFLINE, since=now)
            self._agents[command.profile.agent_id] = agent
        agent.profile = command.profile
        if agent.state is S.OFFLINE:
            self._set(agent, S.BREAK, now, "logged_in", "logged_in")
        else:
            agent.pending = "" if agent.pending == "offline" else agent.pending
            self._show(agent)

    def _presence(self, command: m.AgentPresence, now: datetime) -> None:
        agent = self._agents.get(command.agent_id)
        if agent is None:
            return
        before = (agent.phone, agent.page)
        agent.phone = agent.phone if command.phone is None else command.phone
        agent.page = agent.page if command.page is None else command.page
        if (agent.phone, agent.page) == before:
            return
        if agent.offer_id and not (agent.phone and agent.page):
            offer_id = agent.offer_id
            call_id, _ = self._offers[offer_id]
            self._settle(offer_id)
            self._out.append(m.OfferWithdrawn(offer_id=offer_id, call_id=call_id, reason="agent_away"))
            self._set(agent, S.READY, now, "offer_withdrawn")
        else:
            self._show(agent)

    def _asked(
        self,
        command: m.AgentLoggedOut | m.AgentReady | m.AgentBreak | m.WrapUpDone | m.WrapUpExtended,
        now: datetime,
    ) -> None:
        """An agent (or a supervisor for them) asks for a state."""
        agent = self._agents.get(command.agent_id)
        if agent is None:
            self._refuse(command, "not_logged_in", "log in first")
            return
        answer = ASKED[agent.state, type(command)]
        if answer is Answer.NO:
            self._refuse(command, f"not_while_{agent.state.value}", f"not possible while {agent.state.value}")
        elif answer is Answer.LATER:
            agent.pending = {m.AgentReady: "", m.AgentLoggedOut: "offline"}.get(type(command), "")
            if isinstance(command, m.AgentBreak):
                agent.pending = f"break:{command.reason}"
            self._show(agent)
        elif answer is Answer.NOW:
            self._do(agent, command, now)

    def _do(self, agent: Agent, command: m.Command, now: datetime) -> None:
        match command:
            case m.AgentLoggedOut():
                agent.pending = ""
                self._set(agent, S.OFFLINE, now, command.cause)
            case m.AgentBreak():
                agent.pending = ""
                self._set(agent, S.BREAK, now, command.cause, command.reason)
            case m.AgentReady():
                if not agent.phone:
                    self._refuse(command, "phone_not_registered", "the telephone is not registered yet")
                elif not agent.page:
                    self._refuse(command, "page_away", "the agent's page is not connected")
                else:
                    agent.pending, agent.missed = "", 0
                    self._set(agent, S.READY, now, command.cause)
            case m.WrapUpDone():
                self._after_wrap_up(agent, now, "wrap_up_done")
            case m.WrapUpExtended() if agent.until:
                agent.until += timedelta(seconds=max(0.0, min(command.seconds, 600.0)))
                self._show(agent)
            case _:
                pass

    def _refuse(self, command: m.Command, code: str, message: str) -> None:
        self._out.append(m.CommandRefused(command=command, code=code, message=message))

    def _in_call(self, agent_id: AgentId, call_id: CallId) -> Agent | None:
        agent = self._agents.get(agent_id)
        return agent if agent and agent.state in _IN_CALL and agent.call_id == call_id else None

    def _wrap_up(self, agent: Agent, now: datetime) -> None:
        queue = self._queues.get(agent.queue)
        seconds = agent.profile.wrap_up_s
        if seconds is None:
            seconds = queue.wrap_up_s if queue else 0.0
        if seconds <= 0:
            self._after_wrap_up(agent, now, "call_ended")
            return
        agent.until = now + timedelta(seconds=seconds)
        self._set(agent, S.WRAP_UP, now, "call_ended")

    def _after_wrap_up(self, agent: Agent, now: datetime, cause: str) -> None:
        pending, agent.pending = agent.pending, ""
        if pending == "offline":
            self._set(agent, S.OFFLINE, now, cause)
        elif pending.startswith("break:"):
            self._set(agent, S.BREAK, now, cause, pending.removeprefix("break:"))
        else:
            self._set(agent, S.READY, now, cause)

    def _restore_talk(self, command: m.TalkRestored, now: datetime) -> None:
        agent = self._agents.get(command.agent_id)
        if agent is None or agent.offer_id or command.state not in _IN_CALL:
            return
        agent.call_id, agent.queue = command.call_id, command.queue
        self._set(agent, command.state, now, "restored")
        agent.since = command.since

    # --- calls ---

    def _queue(self, command: m.CallQueued, now: datetime) -> None:
        queue = self._queues.get(command.queue)
        if queue is None:
            reason = "unknown_queue"
        elif command.call_id in self._calls:
            reason = "already_waiting"
        elif len(self._lines[command.queue]) >= queue.max_length:
            reason = "queue_full"
        else:
            reason = ""
        if reason == "already_waiting":
            return
        if queue is None or reason:
            self._out.append(m.QueueRefused(call_id=command.call_id, queue=command.queue, reason=reason))
            return
        self._arrivals += 1
        call = WaitingCall(request=command, number=self._arrivals)
        if queue.max_wait_s > 0:
            call.expires_at = now + timedelta(seconds=queue.max_wait_s)
        if queue.announce_position_every_s > 0:
            call.announce_at = now + timedelta(seconds=queue.announce_position_every_s)
        self._calls[command.call_id] = call
        self._lines[command.queue].add(call)

    def _leave(self, call_id: CallId) -> None:
        """The call no longer waits. Its offer, if any, is settled by the call's own ``OfferFailed``."""
        call = self._calls.pop(call_id, None)
        if call:
            self._lines[call.request.queue].remove(call_id)

    # --- offers ---

    def _settle(self, offer_id: OfferId) -> tuple[WaitingCall | None, Agent] | None:
        """Forget an offer; (call if it still waits, agent). None: not ours or settled already."""
        found = self._offers.pop(offer_id, None)
        if found is None:
            return None
        call = self._calls.get(found[0])
        if call and call.offer == offer_id:
            call.offer = None
        return call, self._agents[found[1]]

    def _ringing(self, command: m.OfferRinging, now: datetime) -> None:
        found = self._offers.get(command.offer_id)
        agent = self._agents[found[1]] if found else None
        if agent and agent.state is S.RESERVED:
            self._set(agent, S.RINGING, now, "ringing")

    def _answered(self, command: m.OfferAnswered, now: datetime) -> None:
        settled = self._settle(command.offer_id)
        if settled is None:
            return
        call, agent = settled
        agent.missed = 0
        if call:
            self._leave(call.request.call_id)
            self._handovers.setdefault(call.request.queue, deque(maxlen=20)).append(now)
        self._set(agent, S.TALKING, now, "answered")

    def _offer_failed(self, command: m.OfferFailed, now: datetime) -> None:
        settled = self._settle(command.offer_id)
        if settled is None:
            return
        call, agent = settled
        agent_id = agent.profile.agent_id
        pending = agent.pending
        if command.failure is m.OfferFailure.CALLER_GONE:
            self._set(agent, S.READY, now, "caller_gone")
        else:
            agent.missed += 1
            if call:
                call.missed_by.add(agent_id)
            queue = self._queues.get(agent.queue)
            if agent.missed >= (queue.max_missed if queue else 1):
                self._set(agent, S.NOT_RESPONDING, now, "missed_offer", command.failure.value)
            else:
                agent.ready_since = None
                self._set(agent, S.READY, now, "missed_offer")
        if pending:
            self._after_wrap_up(agent, now, "asked")

    def _match(self, now: datetime) -> None:
        """Offer what can be offered: calls in order of priority and wait across all queues."""
        if not any(a.state is S.READY and a.phone and a.page for a in self._agents.values()):
            return
        free = [c for c in self._calls.values() if c.offer is None]
        for call in sorted(free, key=lambda c: c.key):
            chosen = choose(self._agents.values(), call)
            if chosen is not None:
                self._offer(call, *chosen, now)

    def _offer(self, call: WaitingCall, agent: Agent, decision: m.Decision, now: datetime) -> None:
        request = call.request
        self._offer_count += 1
        offer_id = OfferId(f"{request.call_id}-{self._offer_count}")
        call.offer = offer_id
        self._offers[offer_id] = (request.call_id, agent.profile.agent_id)
        agent.offer_id, agent.call_id, agent.queue = offer_id, request.call_id, request.queue
        self._set(agent, S.RESERVED, now, "offered")
        self._out.append(
            m.OfferMade(
                offer_id=offer_id,
                call_id=request.call_id,
                agent=agent.profile,
                queue=request.queue,
                ring_timeout_s=self._queues[request.queue].ring_timeout_s,
                waited_s=max(0.0, (now - request.since).total_seconds()),
                decision=decision,
            )
        )

    # --- time ---

    def _time_passed(self, now: datetime) -> None:
        for agent in self._agents.values():
            if agent.until and agent.until <= now:
                self._after_wrap_up(agent, now, "wrap_up_over")
        for call in list(self._calls.values()):
            if call.offer is not None:
                continue
            request = call.request
            if call.expires_at and call.expires_at <= now:
                self._leave(request.call_id)
                self._out.append(m.WaitExpired(call_id=request.call_id, queue=request.queue))
            elif call.announce_at and call.announce_at <= now:
                every = self._queues[request.queue].announce_position_every_s
                call.announce_at = now + timedelta(seconds=every) if every > 0 else None
                place = self.position(request.call_id)
                assert place is not None
                self._out.append(
                    m.PositionChanged(
                        call_id=request.call_id, queue=request.queue, position=place[0], estimated_wait_s=place[1]
                    )
                )
