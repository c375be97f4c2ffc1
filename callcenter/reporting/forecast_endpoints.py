"""The next two weeks over HTTP: callers expected, agents needed, and who is on the roster."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from callcenter.access.guard import require
from callcenter.access.sessions import Principal
from callcenter.errors import NotFound
from callcenter.reporting import history
from callcenter.reporting.endpoints import VIEWERS
from callcenter.reporting.erlang import required
from callcenter.reporting.figures import SERVICE_LEVEL_S, SERVICE_TARGET, ServiceFigures, total
from callcenter.reporting.forecast import SLOTS, WEEKS, forecast
from callcenter.reporting.history import By, Selection
from callcenter.reporting.room import Room as Reports
from callcenter.roster import repository
from callcenter.roster.room import Room as Roster
from callcenter.roster.shifts import DAY, Span, day_span, instant

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
AHEAD: Final = 14
_HALF_HOUR_S: Final = 1800.0
_AHT_WEEKS: Final = 4


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
    now, zone = made.clock.now(), made.zone
    today = now.astimezone(zone).date()
    midnight = day_span(today, zone).begins
    past = Selection(since=day_span(today - (WEEKS + 1) * 7 * DAY, zone).begins, until=midnight, queue=queue)
    lately = Selection(
        since=day_span(today - _AHT_WEEKS * 7 * DAY, zone).begins, until=midnight, by=By.TIME, queue=queue
    )
    reach = Span(midnight, day_span(today + AHEAD * DAY, zone).begins)
    async with made.one_at_a_time, made.database.read() as session:
        days = await history.half_hours(session, past, now, zone)
        handled = total(ServiceFigures, [row.figures for row in await history.service(session, lately, now, zone, {})])
        spans = await roster.spans(session, reach)
        people = await repository.people(session)
        serving = {one.agent_id for one in people.values() if queue is None or queue in one.queues}
    if days:  # a day on which nobody came is a day as well
        first = min(days)
        quiet = [0.0] * SLOTS
        days = {first + n * DAY: days.get(first + n * DAY, quiet) for n in range((today - first).days)}
    found = forecast(days, today, AHEAD)
    if found is None or handled.aht_s is None:
        raise NotFound("there is less than a whole week of calls to forecast from", details={"reason": "too_little"})
    within_s = made.levels().get(queue, SERVICE_LEVEL_S) if queue else SERVICE_LEVEL_S
    aht_s = handled.aht_s
    there = [span for agent_id, span in spans if agent_id in serving]
    slots = []
    for day, calls in found.days.items():
        for number in range(SLOTS):
            at = instant(day, time(number // 2, number % 2 * 30), zone)
            need = required(calls[number], _HALF_HOUR_S, aht_s, share=SERVICE_TARGET, within_s=within_s)
            middle = at + timedelta(minutes=15)
            slots.append(
                SlotOut(
                    at=at, calls=calls[number], agents=need.agents, rostered=sum(one.holds(middle) for one in there)
                )
            )
    return ForecastOut(
        queue=queue,
        weeks=found.weeks,
        trend=found.trend,
        error=found.error,
        aht_s=round(aht_s, 1),
        share=SERVICE_TARGET,
        within_s=within_s,
        slots=slots,
    )
