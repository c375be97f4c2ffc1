"""The next two weeks over HTTP: callers expected, agents needed, and who is on the roster."""

from __future__ import annotations

from datetime import datetime
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
from callcenter.roster.coverage import quarters, tracks
from callcenter.roster.demand import Demand, anyone_of, half_hour
from callcenter.roster.room import Room as Roster
from callcenter.roster.shifts import DAY, Span, day_span

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
AHEAD: Final = 14
"""Days that are shown."""


class SlotOut(BaseModel):
    """Half an hour that begins at ``at``: callers expected, agents needed at their desks, and agents on the roster for
    all of it. A day on which the clocks change has 46 or 50 of them."""

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
    demand, calls = Demand(queue=queue or "", days=found.agents), found.forecast.days
    today = made.clock.now().astimezone(zone).date()
    reach = Span(day_span(today, zone).begins, day_span(today + (AHEAD - 1) * DAY, zone).ends)
    async with made.database.read() as session:
        spans, people = await roster.spans(session, reach), await repository.people(session)
    (there,) = tracks(spans, people, [anyone_of(demand.queue, 0)], reach, zone)
    slots = []
    for number, at in enumerate(quarters(reach)[::2]):
        wall = at.astimezone(zone)
        slots.append(
            SlotOut(
                at=at,
                calls=calls[wall.date()][half_hour(wall)],
                agents=demand.at(at, zone) or 0,
                rostered=min(there.have[2 * number : 2 * number + 2]),
            )
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
