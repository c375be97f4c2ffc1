"""The next two weeks over HTTP: callers expected, agents needed, and who is on the roster."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from callcenter.access.guard import require
from callcenter.access.sessions import Principal
from callcenter.errors import NotFound
from callcenter.reporting.endpoints import VIEWERS
from callcenter.reporting.figures import SERVICE_TARGET
from callcenter.reporting.room import Room as Reports
from callcenter.roster import repository
from callcenter.roster.room import Room as Roster
from callcenter.roster.shifts import Span, day_span, instant

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
AHEAD: Final = 14
"""Days that are shown."""


class SlotOut(BaseModel):
    """Half an hour that begins at ``at``: callers expected, agents needed at their desks, agents on the roster."""

    at: datetime
    calls: float
    agents: int
    rostered: int


class ForecastOut(BaseModel):
    """``error``: what the forecast for the last week would have missed, as a share of what came; null: not known.

    ``trend``: what the mean of past weeks was multiplied by. Agents are those of Erlang C who answer ``share`` of the
    callers within ``within_s`` seconds; breaks, training and absences come on top.
    """

    queue: str | None
    weeks: int
    trend: float
    error: float | None
    aht_s: float
    share: float
    within_s: float
    slots: list[SlotOut]


@router.get("/forecast")
async def expected(
    _: Annotated[Principal, Depends(require(*VIEWERS))],
    made: Reports,
    roster: Roster,
    queue: Annotated[str | None, Query(max_length=64)] = None,
) -> ForecastOut:
    """Today and the thirteen days after it, by half an hour. 404 while there is less than a whole week of calls."""
    zone = made.zone
    found = (await made.expected.read()).get(queue or "")
    if found is None:
        raise NotFound("there is less than a whole week of calls to forecast from", details={"reason": "too_little"})
    shown = list(found.forecast.days.items())[:AHEAD]
    first, last = shown[0][0], shown[-1][0]
    reach = Span(day_span(first, zone).begins, day_span(last, zone).ends)
    async with made.database.read() as session:
        spans = await roster.spans(session, reach)
        people = await repository.people(session)
    serving = {one.agent_id for one in people.values() if queue is None or queue in one.queues}
    there = [span for agent_id, span in spans if agent_id in serving]
    slots = []
    for day, calls in shown:
        for number, agents in enumerate(found.agents[day]):
            at = instant(day, time(number // 2, number % 2 * 30), zone)
            middle = at + timedelta(minutes=15)
            slots.append(
                SlotOut(at=at, calls=calls[number], agents=agents, rostered=sum(one.holds(middle) for one in there))
            )
    return ForecastOut(
        queue=queue,
        weeks=found.forecast.weeks,
        trend=found.forecast.trend,
        error=found.forecast.error,
        aht_s=round(found.aht_s, 1),
        share=SERVICE_TARGET,
        within_s=found.within_s,
        slots=slots,
    )
