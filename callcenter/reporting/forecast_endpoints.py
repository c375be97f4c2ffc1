"""The next two weeks over HTTP: callers expected, agents needed, who is on the roster; and the shrinkage in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from callcenter.access import audit
from callcenter.access.guard import require
from callcenter.access.roles import ACCOUNT_KEEPERS
from callcenter.access.schemas import Strict
from callcenter.access.sessions import Principal
from callcenter.business.tables import BreakReason
from callcenter.db.engine import ReadSession
from callcenter.errors import NotFound
from callcenter.reporting import attendance
from callcenter.reporting.endpoints import VIEWERS
from callcenter.reporting.figures import SERVICE_TARGET
from callcenter.reporting.room import Room as Reports
from callcenter.reporting.shrinkage import LARGEST, Shrinkage, Source
from callcenter.reporting.tables import ShrinkageRow
from callcenter.roster import repository
from callcenter.roster.adherence import SIGNED_IN
from callcenter.roster.coverage import quarters, tracks
from callcenter.roster.demand import Demand, anyone_of, half_hour
from callcenter.roster.room import Room as Roster
from callcenter.roster.schemas import FromRow
from callcenter.roster.shifts import DAY, Span, day_span

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])
Keeper = Annotated[Principal, Depends(require(*ACCOUNT_KEEPERS))]
AHEAD: Final = 14
"""Days that are shown."""
_TITLES: Final = {
    SIGNED_IN: ("签入未就绪", "Logged on, not ready yet"),
    "supervisor": ("由主管设置", "Set by a supervisor"),
    attendance.NOT_RESPONDING: ("未应答暂停", "Not responding"),
}


class SlotOut(BaseModel):
    """Half an hour that begins at ``at``: callers expected, agents needed at their desks, agents to have on the roster
    so that so many are, and agents who are on it for all of it. A day on which the clocks change has 46 or 50."""

    at: datetime
    calls: float
    agents: int
    scheduled: int
    rostered: int


class PartOut(FromRow):
    """One part of shrinkage. ``share`` is what counts, ``measured`` what the records of ``days`` days say (null: too
    little is on record). ``source``: ``measured``; ``house``, as a supervisor entered it; ``default`` where there is
    too little on record, or more than half of the time, which is not believed."""

    share: float
    source: Source
    measured: float | None
    days: int


class ReasonOut(BaseModel):
    """``share`` of the time logged on."""

    code: str
    title: str
    title_en: str
    share: float


class ShrinkageOut(BaseModel):
    """``in_office``: of the time logged on, in which no call can come; what counts for a half hour leans towards what
    was measured in that half hour of the day. ``out_of_office``: of the time rostered, not logged on. ``whole``: both,
    of the time rostered."""

    in_office: PartOut
    out_of_office: PartOut
    whole: float
    reasons: list[ReasonOut]


Share = Annotated[float, Field(ge=0, le=LARGEST)]


class ShrinkageIn(Strict):
    """Null: as the records say."""

    in_office: Share | None
    out_of_office: Share | None


class ForecastOut(BaseModel):
    """``error``: what the forecast for the last week would have missed, as a share of what came; null: not known.

    ``trend``: what the mean of past weeks was multiplied by. Agents are those of Erlang C who answer ``share`` of the
    callers within ``within_s`` seconds; ``shrinkage`` makes of them those to have on the roster.
    """

    queue: str | None
    weeks: int
    trend: float
    error: float | None
    aht_s: float
    share: float
    within_s: float
    shrinkage: ShrinkageOut
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
    demand, calls = Demand(queue=queue or "", days=found.scheduled, on_calls=found.agents), found.forecast.days
    today = made.clock.now().astimezone(zone).date()
    reach = Span(day_span(today, zone).begins, day_span(today + (AHEAD - 1) * DAY, zone).ends)
    async with made.database.read() as session:
        spans, people = await roster.spans(session, reach), await repository.people(session)
        lost = await _shrinkage_out(session, found.shrinkage)
    (there,) = tracks(spans, people, [anyone_of(demand.queue, 0)], reach, zone)
    slots = []
    for number, at in enumerate(quarters(reach)[::2]):
        wall = at.astimezone(zone)
        slots.append(
            SlotOut(
                at=at,
                calls=calls[wall.date()][half_hour(wall)],
                agents=found.agents[wall.date()][half_hour(wall)],
                scheduled=demand.at(at, zone) or 0,
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
        shrinkage=lost,
        slots=slots,
    )


async def _shrinkage_out(session: ReadSession, found: Shrinkage) -> ShrinkageOut:
    titles = {one.code: (one.title, one.title_en) for one in await session.scalars(select(BreakReason))} | _TITLES
    return ShrinkageOut(
        in_office=PartOut.model_validate(found.in_office),
        out_of_office=PartOut.model_validate(found.out_of_office),
        whole=found.whole,
        reasons=[
            ReasonOut(code=code, title=zh, title_en=en, share=share)
            for code, share in sorted(found.reasons.items(), key=lambda one: -one[1])
            for zh, en in [titles.get(code, (code, code))]
        ],
    )


def _told(shares: Mapping[str, float | None]) -> dict[str, str | None]:
    return {part: None if share is None else f"{share:.1%}" for part, share in shares.items()}


@router.put("/shrinkage")
async def put_shrinkage(body: ShrinkageIn, who: Keeper, made: Reports) -> ShrinkageIn:
    """What the house says of the time in which people cannot take calls, in the place of what is on record."""
    async with made.database.write() as session:
        before = await attendance.given(session)
        await session.merge(ShrinkageRow(id=1, in_office=body.in_office, out_of_office=body.out_of_office))
        changed = audit.changes(_told(asdict(before)), _told(body.model_dump()))
        audit.record(session, made.clock.now(), who.account_id, "roster.shrinkage", "", changes=changed)
    made.expected.shrinkage_changed()
    return body
