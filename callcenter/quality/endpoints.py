"""How a day's legs sounded, by carrier and by agent."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends

from callcenter.access.guard import require
from callcenter.access.roles import LEADS, Role
from callcenter.access.sessions import Principal
from callcenter.context import ServicesDep
from callcenter.quality import repository
from callcenter.quality.schemas import DayOfSound, SoundedOut
from callcenter.roster.shifts import day_span

VIEWERS: Final = (Role.OPS, *LEADS)

router = APIRouter(prefix="/api/v1/sound", tags=["health"])
Viewer = Annotated[Principal, Depends(require(*VIEWERS))]


@router.get("")
async def day_of_sound(_: Viewer, services: ServicesDep, day: date | None = None) -> DayOfSound:
    """How the telephones of carriers and of agents sounded on a day of the site's (none: today), the worst first."""
    zone = services.settings.zone
    wanted = day or services.clock.now().astimezone(zone).date()
    span = day_span(wanted, zone)
    async with services.db.read() as session:
        found = await repository.sounded(session, span.begins, span.ends)
    return DayOfSound(day=wanted, sources=[SoundedOut.model_validate(one) for one in found])
