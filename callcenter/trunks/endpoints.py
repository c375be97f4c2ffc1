"""The trunks over HTTP: how each one is, taking it out of service and back, reading the file again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection

from callcenter.access import audit
from callcenter.access.guard import require
from callcenter.access.roles import LEADS, MACHINE_KEEPERS, Role
from callcenter.access.sessions import Principal
from callcenter.context import ServicesDep
from callcenter.errors import Unavailable
from callcenter.reporting.today import midnight
from callcenter.trunks import repository
from callcenter.trunks.keeper import TrunkKeeper, TrunkView
from callcenter.trunks.repository import DayOfTrunk

VIEWERS: Final = (Role.OPS, *LEADS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkRoom:
    """What these endpoints need; ``composition`` puts it on ``app.state.trunks``."""

    keeper: TrunkKeeper
    peaks: Callable[[], Awaitable[Mapping[str | None, int]]]
    """The most lines at once today, by endpoint name. Raises Unavailable."""


async def room(connection: HTTPConnection) -> TrunkRoom:
    found: TrunkRoom = connection.app.state.trunks
    return found


router = APIRouter(prefix="/api/v1/trunks", tags=["trunks"])
Room = Annotated[TrunkRoom, Depends(room)]
Viewer = Annotated[Principal, Depends(require(*VIEWERS))]
Keeper = Annotated[Principal, Depends(require(*MACHINE_KEEPERS))]
Name = Annotated[str, Path(max_length=64)]


class OutIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=500)


@router.get("")
async def trunks(_: Viewer, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Each trunk now and today. ``figures`` false: the database is away, and today's numbers are not known."""
    days: Mapping[str, DayOfTrunk] = {}
    peaks: Mapping[str | None, int] = {}
    known = True
    try:
        now, zone = services.clock.now(), services.settings.zone
        async with services.db.read() as session:
            days = await repository.day_of(session, midnight(now, zone), now.astimezone(zone).date())
        peaks = await made.peaks()
    except Unavailable:
        known = False
    shown = [
        _shown(view, days.get(view.trunk.name, DayOfTrunk()), peaks.get(view.trunk.endpoint, 0), known)
        for view in made.keeper.views
    ]
    return {"figures": known, "trunks": shown}


@router.post("/reload")
async def reload(who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Read ``trunks.yaml`` again; refused as a whole with every mistake."""
    found = await made.keeper.reload()
    names = [trunk.name for trunk in found]
    async with services.db.write() as session:
        audit.record(session, services.clock.now(), who.account_id, "trunk.reloaded", "trunks", trunks=names)
    return {"trunks": names}


@router.post("/{name}/out")
async def take_out(name: Name, body: OutIn, who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """No further call of ours goes by it; calls under way and callers it brings are not touched."""
    made.keeper.find(name)
    at = services.clock.now()
    async with services.db.write() as session:
        await repository.keep_out(session, name, who.account_id, body.note, at)
        audit.record(session, at, who.account_id, "trunk.taken_out", name, note=body.note)
    made.keeper.take_out(name, at)
    return {"name": name, "in_service": False}


@router.post("/{name}/in")
async def put_back(name: Name, who: Keeper, made: Room, services: ServicesDep) -> dict[str, Any]:
    """Calls may go by it again."""
    made.keeper.find(name)
    async with services.db.write() as session:
        await repository.keep_in(session, name)
        audit.record(session, services.clock.now(), who.account_id, "trunk.put_back", name)
    made.keeper.put_back(name)
    return {"name": name, "in_service": True}


def _shown(view: TrunkView, day: DayOfTrunk, peak: int, known: bool) -> dict[str, Any]:
    trunk, health = view.trunk, view.health
    changed: datetime = max(health.since, view.out_since) if view.out_since else health.since
    return {
        "name": trunk.name,
        "title": trunk.title,
        "title_en": trunk.title_en,
        "state": health.state,
        "reason": health.reason,
        "since": changed,
        "in_service": view.in_service,
        "rtt_ms": None if health.rtt_ms is None else round(health.rtt_ms, 1),
        "qualified": bool(trunk.qualify_s),
        "hosts": [
            {"host": host, "reachable": contact.reachable if contact else None}
            for host in trunk.hosts
            for contact in [health.contacts.get(f"sip:{host}")]
        ],
        "outbound": trunk.outbound,
        "priority": trunk.priority,
        "weight": trunk.weight,
        "cost": trunk.cost,
        "max_lines": trunk.max_lines or None,
        "reserve": trunk.reserve,
        "in_use": {"inbound": view.in_use_in, "outbound": view.in_use_out},
        "today": {
            "peak": max(peak, view.in_use),
            "inbound": day.inbound,
            "outbound": day.outbound,
            "asr": None if day.asr is None else round(day.asr, 3),
        }
        if known
        else None,
    }
