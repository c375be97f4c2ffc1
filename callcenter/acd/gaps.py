"""What queues ask for and nobody can give: looked for before a caller waits for it in vain. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from callcenter.acd.messages import AgentProfile, CallQueued, QueueSettings
from callcenter.acd.queue import levels_at
from callcenter.acd.sentences import LANGUAGES
from callcenter.ids import CallId

_BEGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_PATIENCE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """``code``: ``no_agents`` (nobody belongs to the queue), ``skill_missing`` (nobody of it has the skill),
    ``level_missing`` (nobody has enough of it), ``never_together`` (nobody has all of what is asked for). A
    language is a skill by its tag."""

    queue: str
    code: str
    skill: str = ""
    level: int = 0
    best: int = 0
    """The highest level that anybody of the queue has."""
    relaxes: bool = False
    """Somebody can take the call once it has waited long enough."""


def find_gaps(queues: Iterable[QueueSettings], profiles: Iterable[AgentProfile]) -> tuple[Gap, ...]:
    """The gaps of all queues, by what the queues themselves ask for (a flow's step may ask for more)."""
    everybody = tuple(profiles)
    return tuple(gap for queue in queues for gap in _of_queue(queue, everybody))


def _of_queue(queue: QueueSettings, everybody: tuple[AgentProfile, ...]) -> list[Gap]:
    agents = [agent for agent in everybody if queue.name in agent.queues and agent.drill == queue.drill]
    if not agents:
        return [Gap(queue.name, "no_agents")]
    gaps: list[Gap] = []
    for call in _calls(queue):
        asked, later = levels_at(call, queue, _BEGIN), levels_at(call, queue, _BEGIN + _PATIENCE)
        relaxes = any(_able(agent, later) for agent in agents)
        missing = []
        for skill, level in sorted(asked.items()):
            best = max(agent.skills.get(skill, 0) for agent in agents)
            if best < level:
                code = "level_missing" if best else "skill_missing"
                missing.append(Gap(queue.name, code, skill, level, best, relaxes))
        if not missing and not any(_able(agent, asked) for agent in agents):
            missing.append(Gap(queue.name, "never_together", relaxes=relaxes))
        gaps += [gap for gap in missing if gap not in gaps]
    return gaps


def _calls(queue: QueueSettings) -> list[CallQueued]:
    """One in each language, where languages matter."""
    languages = LANGUAGES if queue.language_level else ("",)
    return [CallQueued(call_id=CallId(""), queue=queue.name, since=_BEGIN, language=language) for language in languages]


def _able(agent: AgentProfile, levels: dict[str, int]) -> bool:
    return all(agent.skills.get(skill, 0) >= level for skill, level in levels.items())
