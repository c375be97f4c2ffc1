"""All that the desk knows, and the indexes that let an agent and a call find each other at once. Pure.

The functions of :mod:`staff`, :mod:`waiting`, :mod:`offers` and :mod:`restore` act on one :class:`Floor`; an
agent's state changes in :meth:`Floor.set_state` alone, a call's openness in :meth:`Floor.place`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from callcenter.acd import messages as m
from callcenter.acd.agent import ON_DUTY, STATES, TRAITS, Agent, Place, agent_snapshot
from callcenter.acd.estimate import HandoverRate
from callcenter.acd.history import History
from callcenter.acd.messages import AgentState as S
from callcenter.acd.queue import Line, WaitingCall
from callcenter.acd.skills import SkillCodes
from callcenter.acd.timers import Timers, span
from callcenter.ids import AgentId, CallId, OfferId

_MAX_DONE: Final = 20_000
_MEASURES: Final[dict[str, Callable[[Agent, str], float]]] = {
    m.Strategy.ROUND_ROBIN: lambda agent, queue: float(agent.last_offers.get(queue, 0)),
    m.Strategy.FEWEST_CALLS: lambda agent, _: float(agent.calls),
}
"""The part of a strategy's measure that does not change while the agent is free."""
_NAMES: Final = tuple(state.value for state in STATES)
_DUTY_NUMBERS: Final = tuple(TRAITS[state].number for state in ON_DUTY if state is not S.READY)


class Floor:
    def __init__(self) -> None:
        self.queues: dict[str, m.QueueSettings] = {}
        self.ring_all: frozenset[str] = frozenset()
        """Queues in which all ring at once."""
        self._measures: dict[str, Callable[[Agent, str], float]] = {}
        self.order: str = m.QueueOrder.LONGEST_WAIT
        self.lines: dict[str, Line] = {}
        self.calls: dict[CallId, WaitingCall] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.offers: dict[OfferId, tuple[CallId, AgentId]] = {}
        self.dialling: dict[OfferId, tuple[CallId, AgentId]] = {}
        """Call-backs whose agent is in the call while the customer has not answered yet."""
        self.done_callbacks: OrderedDict[CallId, None] = OrderedDict()
        self.held: dict[AgentId, list[WaitingCall]] = defaultdict(list)
        self.ready: dict[str, list[Place]] = defaultdict(list)
        """Queue → agents who can be offered a call, in the order of the queue's strategy."""
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(STATES))
        """Queue → number of its agents in each of the states; read as :meth:`staff`."""
        self.rates: dict[str, HandoverRate] = defaultdict(HandoverRate)
        self.draining: dict[AgentId, Agent] = {}
        """Those about to leave: not among the ready ones."""
        self.awaited: dict[AgentId, Agent] = {}
        """Those whose page was there before a restart: on duty until it is known that it does not come back."""
        self.codes = SkillCodes()
        self.history = History()
        self.agent_timers: Timers[AgentId] = Timers()
        self.call_timers: Timers[CallId] = Timers()
        self.offer_count = 0
        self.arrivals = 0
        self.free = 0
        """Agents who can be offered a call."""
        self.out: list[m.Action] = []
        # What the present command made possible, looked at when it is over.
        self.fresh_agents: dict[AgentId, None] = {}
        self.fresh_calls: dict[CallId, None] = {}
        self.left_duty: dict[AgentId, None] = {}
        self.thinned: dict[str, None] = {}
        """Queues that may have nobody on duty any more."""

    def define(self, queues: dict[str, m.QueueSettings], order: str) -> None:
        self.queues, self.order = queues, order
        self.ring_all = frozenset(name for name, queue in queues.items() if queue.strategy == m.Strategy.RING_ALL)
        self._measures = {
            name: _MEASURES[queue.strategy] for name, queue in queues.items() if queue.strategy in _MEASURES
        }

    # --- agents ---

    def set_state(self, agent: Agent, state: S, now: datetime, cause: str, reason: str = "", by: str = "") -> None:
        """The one place where an agent's state changes."""
        before, after = TRAITS[agent.state], TRAITS[state]
        if before.ready:
            agent.idle_s += max(0.0, (now - agent.since).total_seconds())
        elif before.busy:
            agent.busy_s += max(0.0, (now - agent.since).total_seconds())
        if after is not before:
            left, entered = before.number, after.number
            for counts in agent.counts:
                counts[left] -= 1
                counts[entered] += 1
        if not after.on_duty:
            self.thinned.update(dict.fromkeys(agent.profile.queues))
            if before.on_duty:
                self.left_duty[agent.agent_id] = None
        elif after.ready and not (agent.phone and agent.page):
            self.thinned.update(dict.fromkeys(agent.profile.queues))
        agent.state, agent.since, agent.cause, agent.reason, agent.by = state, now, cause, reason, by
        if not after.of_a_call:
            agent.call_id = None
        if not after.offered:
            agent.offer_id = None
            agent.ready_since = (agent.ready_since or now) if after.ready else None
        if before.limited or after.limited:
            if not after.wrap_up:
                agent.until = None
            if not after.on_break:
                agent.allowance_until, agent.overdue = None, False
            self.watch(agent)
        if after.offline:
            agent.duty = ""
            self.draining.pop(agent.agent_id, None)
        self.show(agent)
        if before.ready or after.ready:
            self.index(agent)

    def watch(self, agent: Agent) -> None:
        """Wake when the agent's wrap-up or allowance is over."""
        allowance = None if agent.overdue else agent.allowance_until
        self.agent_timers.set(agent.agent_id, agent.until or allowance)

    def show(self, agent: Agent) -> None:
        """Tell everybody how the agent is now."""
        agent.epoch += 1
        self.out.append(agent_snapshot(agent))

    def index(self, agent: Agent) -> None:
        """Let free agents be found, and others not."""
        if agent.places or agent.agent_id in self.fresh_agents:
            self.unindex(agent)
        if not agent.offerable:
            return
        self.free += 1
        self.fresh_agents[agent.agent_id] = None
        idle = (agent.ready_since or agent.since).timestamp()
        agent.free_ms = round(idle * 1000)
        for queue, level in () if agent.draining else agent.profile.queues.items():
            measure = self._measures.get(queue)
            place = (level, measure(agent, queue) if measure else 0.0, idle, agent.agent_id, agent)
            agent.places[queue] = place
            insort(self.ready[queue], place)
        if not agent.places:
            # In no queue, or draining: only calls held for them, or that need them.
            agent.places[""] = (0, 0.0, idle, agent.agent_id, agent)

    def unindex(self, agent: Agent) -> None:
        if agent.places:
            self.free -= 1
        for queue, place in agent.places.items():
            if queue:
                free = self.ready[queue]
                del free[bisect_left(free, place)]
        agent.places = {}
        self.fresh_agents.pop(agent.agent_id, None)

    def wrap_up(self, agent: Agent, now: datetime, cause: str) -> None:
        """The time for the call's paperwork; the agent's own before the queue's."""
        queue = self.queues.get(agent.queue)
        seconds = agent.profile.wrap_up_s
        if seconds is None:
            seconds = queue.wrap_up_s if queue else 0.0
        if seconds <= 0:
            self.after_wrap_up(agent, now, cause)
            return
        agent.until = now + span(seconds)
        self.set_state(agent, S.WRAP_UP, now, cause)

    def after_wrap_up(self, agent: Agent, now: datetime, cause: str) -> None:
        """On to what was asked for during the call, else ready."""
        pending, allowance_s, by = agent.pending, agent.pending_allowance_s, agent.pending_by
        agent.later("")
        cause = "forced" if by else cause
        if pending == "offline":
            self.set_state(agent, S.OFFLINE, now, cause, by=by)
        elif pending.startswith("break:"):
            self.take_break(agent, now, cause, pending.removeprefix("break:"), allowance_s, by)
        else:
            self.set_state(agent, S.READY, now, cause)

    def take_break(
        self, agent: Agent, now: datetime, cause: str, reason: str, allowance_s: float | None, by: str = ""
    ) -> None:
        """``allowance_s``: what is left of it; None: no limit."""
        self.set_state(agent, S.BREAK, now, cause, reason, by)
        if allowance_s is not None:
            agent.allowance_until = now + timedelta(seconds=max(0.0, allowance_s))
            self.watch(agent)
            self.show(agent)

    def settle_pending(self, agent: Agent, now: datetime) -> None:
        """What was asked for during an offer that has come to nothing happens now."""
        if agent.pending:
            self.after_wrap_up(agent, now, "asked")

    def count(self, agent: Agent, by: int) -> None:
        """Add the agent to, or take them from, the figures of their queues."""
        agent.counts = [self._counts[queue] for queue in agent.profile.queues]
        for counts in agent.counts:
            counts[TRAITS[agent.state].number] += by

    def staff(self, queue: str) -> dict[str, int]:
        """How many of a queue's agents are in which state, those that nobody is in left out."""
        counts = enumerate(self._counts.get(queue, ()))
        return {_NAMES[state]: number for state, number in counts if number}

    def on_duty(self, queue: str) -> int:
        """Agents of the queue who will take a call sooner or later (free ones must be reachable)."""
        counts = self._counts.get(queue)
        if counts is None:
            return 0
        waiting = sum([counts[number] for number in _DUTY_NUMBERS])
        waiting += len(self.ready[queue])
        for agent in self.draining.values():
            waiting += agent.offerable and queue in agent.profile.queues
        for agent in self.awaited.values():
            waiting += agent.state is S.READY and queue in agent.profile.queues
        return waiting

    def is_on_duty(self, agent_id: AgentId | None) -> bool:
        agent = self.agents.get(agent_id) if agent_id else None
        return agent is not None and agent.state in ON_DUTY

    # --- calls ---

    def place(self, call: WaitingCall) -> None:
        """Let those find the call who may be offered it now."""
        if call.offer is not None or call.asleep:
            self.displace(call)
            return
        if call.is_open if call.held_for is None else call.kept_by == call.held_for:
            self.fresh_calls[call.call_id] = None  # stands there already
            return
        self.displace(call)
        self.fresh_calls[call.call_id] = None
        if call.held_for is not None:
            call.kept_by = call.held_for
            self.held[call.held_for].append(call)
        else:
            self.lines[call.queue].open(call)

    def displace(self, call: WaitingCall) -> None:
        """Nobody finds the call any more: it is offered, asleep or leaves."""
        self.fresh_calls.pop(call.call_id, None)
        if call.is_open:
            self.lines[call.queue].shut(call)
        elif (keeper := call.kept_by) is not None:
            call.kept_by = None
            self.held[keeper].remove(call)
            if not self.held[keeper]:
                del self.held[keeper]

    def wait_over(self, call_id: CallId, now: datetime, code: str, **details: m.Detail) -> None:
        """The end of a wait, told with its whole story."""
        over = self.history.end(call_id, now, code, details)
        if over is not None:
            self.out.append(over)

    def done_callback(self, call_id: CallId) -> None:
        """Never take this call-back up again."""
        self.done_callbacks[call_id] = None
        if len(self.done_callbacks) > _MAX_DONE:
            self.done_callbacks.popitem(last=False)

    def refuse(self, command: m.Command, code: str, message: str) -> None:
        self.out.append(m.CommandRefused(command=command, code=code, message=message))
