"""How long an agent may still be on a break, by its reason. Pure.

An allowance is for a working day, not for a log-in: who logs out and in again has used what they used, and so has
whoever the service's restart found on a break. A working day is over when one has been away for :data:`REST`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from callcenter.acd.messages import AgentSnapshot, AgentState
from callcenter.acd.model import StateBegun
from callcenter.ids import AgentId

REST: Final = timedelta(hours=4)
"""Logged out for so long: the next log-in begins a new working day. Shorter than the rest between two shifts, longer
than a meal or a machine that had to be mended."""
REACH: Final = timedelta(hours=24)
"""How far back a restart looks for breaks."""


@dataclass(slots=True)
class _Away:
    reason: str = ""
    since: datetime | None = None
    """Of the break that goes on."""
    gone: datetime | None = None
    """Since when the agent is logged out."""
    used_s: dict[str, float] = field(default_factory=dict)

    def go_on(self, state: AgentState, reason: str, at: datetime) -> None:
        if self.since is not None and (state, reason) != (AgentState.BREAK, self.reason):
            used = (at - self.since).total_seconds()
            self.used_s[self.reason] = self.used_s.get(self.reason, 0.0) + max(0.0, used)
            self.since = None
        if state is AgentState.OFFLINE:
            self.gone = self.gone or at
            return
        if self.gone is not None and at - self.gone >= REST:
            self.used_s.clear()
        self.gone = None
        if state is AgentState.BREAK and self.since is None:
            self.reason, self.since = reason, at


class BreakTimes:
    """How much of each reason's allowance is left in the agent's working day. Fed with the desk's snapshots and,
    after a restart, with the log of states."""

    def __init__(self) -> None:
        self._agents: dict[AgentId, _Away] = {}
        self._now: dict[AgentId, StateBegun] = {}
        self.recalled = False
        """The log of the time before this start has been read."""
        self.allowances: dict[str, float | None] = {}
        """Reason → seconds a working day; None: no limit. Empty until the reasons have been read."""

    def follow(self, agent: AgentSnapshot) -> None:
        begun = StateBegun(agent.profile.agent_id, agent.state, agent.reason, agent.since)
        self._now[begun.agent_id] = begun
        self._agents.setdefault(begun.agent_id, _Away()).go_on(begun.state, begun.reason, begun.at)

    def recall(self, log: Iterable[StateBegun]) -> None:
        """Work out anew what was used, from the log in order of time; how agents stand now goes last."""
        found: dict[AgentId, _Away] = {}
        for begun in log:
            found.setdefault(begun.agent_id, _Away()).go_on(begun.state, begun.reason, begun.at)
        for agent_id, now in self._now.items():
            found.setdefault(agent_id, _Away()).go_on(now.state, now.reason, now.at)
        self._agents, self.recalled = found, True

    def known(self, reason: str) -> bool:
        return not self.allowances or reason in self.allowances

    def used_s(self, agent_id: AgentId, now: datetime) -> Mapping[str, float]:
        """Seconds by reason in this working day, the break that goes on included."""
        away = self._agents.get(agent_id)
        if away is None or (away.gone is not None and now - away.gone >= REST):
            return {}
        used = dict(away.used_s)
        if away.since is not None:
            used[away.reason] = used.get(away.reason, 0.0) + max(0.0, (now - away.since).total_seconds())
        return used

    def left_s(self, agent_id: AgentId, reason: str) -> float | None:
        """Before the break begins; None: no limit."""
        allowance = self.allowances.get(reason)
        if allowance is None:
            return None
        away = self._agents.get(agent_id)
        return max(0.0, allowance - (away.used_s.get(reason, 0.0) if away else 0.0))
