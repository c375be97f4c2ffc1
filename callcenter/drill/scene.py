"""All calls of a chaos drill in their places before it strikes, and who they are."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import func, select

from callcenter.calls.tables import Contact, SegmentRow
from callcenter.drill.crew import CrewFailed, DrillAgent
from callcenter.drill.dialler import Caller, CallerBank, Carriers
from callcenter.drill.own import carriers_of
from callcenter.drill.phone import Talk
from callcenter.drill.run import Stage, mine, reserved_number
from callcenter.settings import Settings, split_bind

_FILL_WITHIN_S = 30.0
RING_S = 7.0
"""How long the telephones ring that ring while it strikes: less than the queue's time-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosPlan:
    kind: str
    calls: int = 90
    outage_s: float = 10.0
    """How long the database hangs, or the trunk is away."""
    hold_s: float = 1.0
    service_too: bool = False
    """While the database is away the service is killed as well."""

    @property
    def agents(self) -> int:
        """Each with a call of their own, or just out of one."""
        return max(self.calls // 3, 2)

    @property
    def some(self) -> int:
        """How many are on hold, ringing and in wrap-up."""
        return self.agents // 10 or int(self.agents >= 4)

    @property
    def colleagues(self) -> int:
        """Agents beside those, who are asked in consultations."""
        return self.some if self.agents >= 5 else 0


@dataclass(slots=True)
class Scene:
    """All calls in their places."""

    stage: Stage
    callers: Carriers
    hotline: str
    wrapped: list[DrillAgent] = field(default_factory=list)
    held: list[DrillAgent] = field(default_factory=list)
    ringing: list[DrillAgent] = field(default_factory=list)
    asking: list[DrillAgent] = field(default_factory=list)
    colleagues: list[DrillAgent] = field(default_factory=list)
    """Whom they ask."""
    consultations: list[Talk] = field(default_factory=list)
    """The colleagues' part of it, at their telephones."""
    lost: list[DrillAgent] = field(default_factory=list)
    """Whose browser was lost."""
    cut_off: set[str] = field(default_factory=set)
    """Numbers of the callers whose trunk was away."""
    waiting: list[Caller] = field(default_factory=list)
    in_menu: list[Caller] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def agents(self) -> list[DrillAgent]:
        return self.stage.agents

    def talking(self) -> list[DrillAgent]:
        return [agent for agent in self.agents if agent.seen.phase == "talking"]


@asynccontextmanager
async def set_scene(made: Stage, settings: Settings, kind: str) -> AsyncIterator[Scene]:
    hotline = reserved_number(settings)
    target, media, aside = split_bind(settings.sip_bind), made.bank.media, made.bank.aside
    if kind == "trunk":
        banks = [
            CallerBank(target, hotline, media, aside, at=at, prefix=f"000{number}0")
            for number, at in enumerate(carriers_of(settings).values(), 1)
        ]
    else:
        banks = [CallerBank(target, hotline, media, aside)]
    callers = Carriers(banks)
    await callers.open()
    scene = Scene(made, callers, hotline)
    for agent in made.agents:
        agent.release = scene.release
    try:
        yield scene
    finally:
        scene.release.set()
        await callers.close()


async def fill(scene: Scene, plan: ChaosPlan) -> None:
    talkers, some = plan.agents, plan.some
    scene.wrapped = await _wrap_up(scene, some)
    await scene.callers.place(talkers - 2 * some, key="1")
    await _until(lambda: len(scene.talking()) >= talkers - 2 * some, "conversations")
    scene.held = scene.talking()[:some]
    for agent in scene.held:
        await agent.hold()
    await _consult(scene, plan.colleagues)
    scene.in_menu = await scene.callers.place((plan.calls - talkers) // 2)
    scene.ringing = [agent for agent in scene.agents if agent.seen.state == "ready"]
    for agent in scene.ringing:
        if agent.phone is not None:
            agent.phone.ring_s = RING_S
    ringing = await scene.callers.place(len(scene.ringing), key="1")
    await _until(lambda: sum(agent.seen.phase == "ringing" for agent in scene.ringing) >= len(ringing), "rings")
    rest = plan.calls - len(scene.callers.callers)
    scene.waiting = await scene.callers.place(rest, key="1")
    await _until_waiting(scene, rest)


async def _consult(scene: Scene, count: int) -> None:
    scene.asking = [agent for agent in scene.talking() if agent not in scene.held][:count]
    scene.colleagues = [agent for agent in scene.agents if agent.seen.state == "ready"][:count]
    for agent, colleague in zip(scene.asking, scene.colleagues, strict=True):
        await agent.consult(colleague)
    await _until(lambda: in_consultation(scene) == count, "consultations")
    scene.consultations = [agent.phone.talks[-1] for agent in scene.colleagues if agent.phone is not None]


def in_consultation(scene: Scene) -> int:
    """How many are, as the pages of both show it."""
    return sum(
        agent.seen.phase == "consulting" and colleague.seen.phase == "consulted"
        for agent, colleague in zip(scene.asking, scene.colleagues, strict=True)
    )


async def _wrap_up(scene: Scene, count: int) -> list[DrillAgent]:
    """Agents whose call has just ended."""
    if not count:
        return []
    for agent in scene.agents:
        agent.keeps_wrap_up = True
    first, later = asyncio.Event(), scene.release
    for agent in scene.agents:
        agent.release = first
    await scene.callers.place(count, key="1")
    first.set()
    await _until(lambda: sum(agent.seen.state == "wrap_up" for agent in scene.agents) >= count, "wrap-ups")
    found = [agent for agent in scene.agents if agent.seen.state == "wrap_up"]
    for agent in scene.agents:
        agent.release = later
        agent.keeps_wrap_up = agent in found
    return found


async def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _FILL_WITHIN_S
    while not true():
        if time.monotonic() > deadline:
            raise CrewFailed(f"the calls cannot be brought up: the {what} did not come about")
        await asyncio.sleep(0.05)  # several agents' pages together: none of them tells of all


async def _until_waiting(scene: Scene, count: int) -> None:
    deadline = time.monotonic() + _FILL_WITHIN_S
    open_waits = (
        select(func.count())
        .select_from(SegmentRow)
        .join(Contact, Contact.id == SegmentRow.contact_id)
        .where(mine(scene.stage), SegmentRow.kind == "wait", SegmentRow.ended_at.is_(None))
    )
    while time.monotonic() < deadline:
        async with scene.stage.db.read() as session:
            if (await session.scalar(open_waits) or 0) >= count:
                return
        await asyncio.sleep(0.05)  # the database tells nobody
    raise CrewFailed("the calls cannot be brought up: the callers did not come to wait")


def doing(scene: Scene) -> dict[str, int]:
    return {
        "menu": len(scene.in_menu),
        "waiting": len(scene.waiting),
        **Counter(agent.seen.phase for agent in scene.agents if agent.seen.call_id),
        "wrap_up": sum(agent.seen.state == "wrap_up" for agent in scene.agents),
    }
