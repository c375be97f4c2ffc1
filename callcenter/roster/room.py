"""What the roster's endpoints share, and what they work out together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Final, NamedTuple

from fastapi import Depends
from starlette.requests import HTTPConnection

from callcenter.acd.messages import AgentSnapshot
from callcenter.clock import Clock
from callcenter.db.engine import ReadSession
from callcenter.roster import repository
from callcenter.roster.adherence import HERE
from callcenter.roster.coverage import (
    Minimum,
    Quarter,
    Shortfall,
    ShortNow,
    Worker,
    coverage,
    shortfalls,
    within,
    worker_of,
)
from callcenter.roster.demand import Demand, Thin
from callcenter.roster.planner import Planner
from callcenter.roster.planning import Titles
from callcenter.roster.schemas import ShortfallOut, ShortNowOut, ThinOut
from callcenter.roster.shifts import DAY, Span, day_span
from callcenter.settings import Settings

COMING: Final = timedelta(hours=12)
"""How far ahead shortfalls raise an alarm."""


def _nobody() -> Iterable[AgentSnapshot]:
    return ()


def _no_breaks(agent_id: str, now: datetime) -> Mapping[str, float]:
    return {}


async def _no_forecast() -> Sequence[Demand]:
    return ()


class Rostered(NamedTuple):
    """What the rules of coverage are asked with, in their order."""

    spans: list[tuple[str, Span]]
    workers: Mapping[str, Worker]
    minimums: Sequence[Minimum]
    within: Span
    zone: tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRoom:
    """``composition`` puts it on ``app.state.roster``."""

    settings: Settings
    clock: Clock
    planner: Planner = field(default_factory=Planner)
    agents: Callable[[], Iterable[AgentSnapshot]] = _nobody
    """How everybody stands at the desk now."""
    break_used: Callable[[str, datetime], Mapping[str, float]] = _no_breaks
    """Seconds on a break by reason, of one agent's working day."""
    demand: Callable[[], Awaitable[Sequence[Demand]]] = _no_forecast
    """What the forecast asks for in the weeks to come: all callers', then each queue's; empty while too little is
    known. Raises BadRequest, Unavailable."""
    queues: Callable[[], Titles] = dict
    on_changed: list[Callable[[], None]] = field(default_factory=list)

    def changed(self) -> None:
        """Somebody's roster is another one now: duties follow."""
        for listener in self.on_changed:
            listener()

    def today(self) -> date:
        return self.clock.now().astimezone(self.settings.zone).date()

    async def spans(self, session: ReadSession, reach: Span) -> list[tuple[str, Span]]:
        """Who is to be there and when, as the roster stands; whoever is only on call apart."""
        zone = self.settings.zone
        first, last = (at.astimezone(zone).date() for at in (reach.begins, reach.ends))
        rows = await repository.assignments(session, first - DAY, last)
        kinds = await repository.kinds(session, all_=True)
        return [(row.account_id, span) for row, span in repository.on_duty(rows, kinds, zone)]

    async def rostered(self, session: ReadSession, reach: Span) -> Rostered:
        """The roster as it stands."""
        spans, workers = await self.spans(session, reach), await repository.people(session)
        return Rostered(spans, workers, await repository.minimums(session), reach, self.settings.zone)

    async def covered(self, session: ReadSession, reach: Span) -> Sequence[Quarter]:
        """Coverage as the roster stands."""
        return coverage(*await self.rostered(session, reach))

    async def coming(self, session: ReadSession, now: datetime) -> Sequence[Shortfall]:
        """Where the next hours fall short."""
        zone = self.settings.zone
        today = now.astimezone(zone).date()
        reach = Span(day_span(today - DAY, zone).begins, day_span(today + DAY, zone).ends)
        return within(shortfalls(await self.covered(session, reach)), now, now + COMING)

    def here(self) -> Iterable[Worker]:
        """Who is at work at this moment, the drill apart."""
        for agent in self.agents():
            if agent.state.value in HERE and not agent.profile.drill:
                yield worker_of(agent.profile)


def short_out(short: Shortfall) -> ShortfallOut:
    return ShortfallOut(
        begins=short.span.begins,
        ends=short.span.ends,
        need=short.minimum.need,
        have=short.have,
        missing=short.missing,
        queue=short.minimum.queue,
        skill=short.minimum.skill,
    )


def thin_out(thin: Thin) -> ThinOut:
    return ThinOut(
        begins=thin.span.begins,
        ends=thin.span.ends,
        asked=thin.asked,
        on_calls=thin.on_calls,
        have=thin.have,
        missing=thin.missing,
        agent_hours=round(thin.agent_hours, 1),
        queue=thin.queue,
    )


def short_now_out(short: ShortNow) -> ShortNowOut:
    asked = short.minimum
    return ShortNowOut(need=asked.need, here=short.here, queue=asked.queue, skill=asked.skill)


async def room(connection: HTTPConnection) -> RosterRoom:
    found: RosterRoom = connection.app.state.roster
    return found


Room = Annotated[RosterRoom, Depends(room)]
