"""How long an agent may still be on a break, by its reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.acd.messages import AgentSnapshot, AgentState
from callcenter.ids import AgentId


@dataclass(slots=True)
class _Away:
    reason: str = ""
    since: datetime | None = None
    used_s: dict[str, float] = field(default_factory=dict)


class BreakTimes:
    """How much of each reason's allowance is left since log-in. Pure; fed with the desk's snapshots."""

    def __init__(self) -> None:
        self._agents: dict[AgentId, _Away] = {}
        self.allowances: dict[str, float | None] = {}
        """Reason → seconds a shift; None: no limit. Empty until the reasons have been read."""

    def follow(self, agent: AgentSnapshot) -> None:
        agent_id = agent.profile.agent_id
        away = self._agents.setdefault(agent_id, _Away())
        if away.since is not None and (agent.state, agent.reason) != (AgentState.BREAK, away.reason):
            used = (agent.since - away.since).total_seconds()
            away.used_s[away.reason] = away.used_s.get(away.reason, 0.0) + max(0.0, used)
            away.since = None
        if agent.state is AgentState.OFFLINE:
            del self._agents[agent_id]
        elif agent.state is AgentState.BREAK:
            away.reason, away.since = agent.reason, agent.since

    def known(self, reason: str) -> bool:
        return not self.allowances or reason in self.allowances

    def left_s(self, agent_id: AgentId, reason: str) -> float | None:
        """None: no limit."""
        allowance = self.allowances.get(reason)
        if allowance is None:
            return None
        away = self._agents.get(agent_id)
        return max(0.0, allowance - (away.used_s.get(reason, 0.0) if away else 0.0))
