"""The desk: the one owner of all queues and agents. Applies commands in order and tells what was decided.

Everything runs in the event loop's thread and :meth:`Desk.tell` acts at once, so that a free agent and a
waiting call meet within the same turn of the loop. A command told from inside ``on_action`` (a call that
answers an offer) waits until the actions of the present one are out: no decision sees half of another.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from callcenter.acd import messages as m
from callcenter.acd.agent import ON_DUTY
from callcenter.acd.rules import DeskRules
from callcenter.clock import Clock
from callcenter.ids import AgentId

_log = structlog.get_logger()
_LONGEST_SLEEP_S = 3600.0


class Desk:
    def __init__(self, rules: DeskRules, clock: Clock, on_action: Callable[[m.Action], None]) -> None:
        self.rules = rules
        self._clock = clock
        self._on_action = on_action
        self._inbox: deque[m.Command] = deque()
        self._busy = False
        self._changed = asyncio.Event()

    def tell(self, command: m.Command) -> None:
        """Let a command act now, or right after the one that is acting."""
        self._inbox.append(command)
        if not self._busy:
            self._work()

    def on_duty(self, extension: str, *, drill: bool) -> tuple[AgentId, str] | None:
        """Who has this extension, if they are on duty, and the queue they serve first."""
        known = [queue.name for queue in self.rules.queues()]
        for agent in self.rules.agents():
            profile = agent.profile
            if profile.extension != extension or profile.drill != drill or agent.state not in ON_DUTY:
                continue
            queues = [name for name in profile.queues if name in known]
            if queues:
                return profile.agent_id, min(queues, key=lambda name: (profile.queues[name], name))
        return None

    def ask(self, command: m.Command) -> list[m.Action]:
        """Let a person's command act and see what came of it. Raises RuntimeError inside ``on_action``."""
        if self._busy:
            raise RuntimeError("the desk is acting; use tell")
        self._inbox.append(command)
        return self._work()

    def _work(self) -> list[m.Action]:
        """Empty the inbox; what the first command decided."""
        first: list[m.Action] | None = None
        self._busy = True
        try:
            while self._inbox:
                actions = self._apply(self._inbox.popleft())
                first = actions if first is None else first
                for action in actions:
                    self._hand_out(action)
        finally:
            self._busy = False
        self._changed.set()
        return first or []

    def _apply(self, command: m.Command) -> list[m.Action]:
        try:
            return self.rules.apply(command, self._clock.now())
        except Exception:
            # One bad command must not take the desk from everybody else.
            _log.exception("desk_command_failed", command=type(command).__name__)
            failed = m.IncidentFound(
                kind="desk_command_failed", text=type(command).__name__, facts={"command": type(command).__name__}
            )
            return [*self.rules.decided_so_far(), failed]

    def _hand_out(self, action: m.Action) -> None:
        try:
            self._on_action(action)
        except Exception:
            _log.exception("desk_action_failed", action=type(action).__name__)

    async def run(self) -> None:
        """Wake the rules when their next deadline comes; sleeps in between, never polls."""
        while True:
            self._changed.clear()
            deadline = self.rules.next_deadline()
            wait = _LONGEST_SLEEP_S
            if deadline is not None:
                wait = max(0.0, (deadline - self._clock.now()).total_seconds())
            try:
                async with asyncio.timeout(min(wait, _LONGEST_SLEEP_S)):
                    await self._changed.wait()
            except TimeoutError:
                self.tell(m.TimePassed())
