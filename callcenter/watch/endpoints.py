"""``/metrics`` for Prometheus, and the health page: parts, versions, curves, incidents."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection, Request

from callcenter.access import audit
from callcenter.access.guard import Guard, require
from callcenter.access.roles import LEADS, MACHINE_KEEPERS, Role
from callcenter.access.sessions import Principal
from callcenter.context import ServicesDep, services
from callcenter.errors import NotAuthenticated
from callcenter.health import Probe, ask_all
from callcenter.watch import incidents
from callcenter.watch.limits import LIMITS
from callcenter.watch.metrics import Metrics
from callcenter.watch.watcher import Watcher

VIEWERS: Final = (Role.OPS, *LEADS)


@dataclass(slots=True, kw_only=True)
class WatchRoom:
    """What these endpoints need; ``composition`` puts it on ``app.state.watch``."""

    watcher: Watcher
    metrics: Metrics
    probes: Mapping[str, Probe]
    versions: Callable[[], Awaitable[Mapping[str, str]]]
    started_at: datetime
    live: Mapping[str, Callable[[], Mapping[str, int]]] = field(default_factory=dict)


class MetricsReader(Guard):
    """Admits programs on this machine, and others with the token of the settings. Not behind a proxy: one that
    speaks for somebody else says so in its headers, and then only the token counts."""

    def __init__(self) -> None:
        super().__init__(None)

    async def __call__(self, request: Request) -> None:
        token = services(request).settings.metrics_token
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if token is not None and scheme.lower() == "bearer":
            if secrets.compare_digest(given.strip().encode(), token.get_secret_value().encode()):
                return
        elif _local(request):
            return
        raise NotAuthenticated("metrics are for this machine, or with the token of CALLCENTER_METRICS_TOKEN")


def _local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in ("forwarded", "x-forwarded-for")):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def room(connection: HTTPConnection) -> WatchRoom:
    found: WatchRoom = connection.app.state.watch
    return found


router = APIRouter(tags=["health"])
Room = Annotated[WatchRoom, Depends(room)]
Viewer = Annotated[Principal, Depends(require(*VIEWERS))]
Keeper = Annotated[Principal, Depends(require(*MACHINE_KEEPERS))]
IncidentId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=1000)


@router.get("/metrics", dependencies=[Depends(MetricsReader())])
async def metrics(made: Room) -> Response:
    """For Prometheus: this machine may read it, another one with the token of `metrics_token`."""
    return Response(made.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/api/v1/health")
async def health(_: Viewer, made: Room) -> dict[str, Any]:
    """Each part, the versions, the newest measurements and their curves (one point a second)."""
    limits = {name: limit.kind for name, limit in LIMITS.items()}
    return {
        "parts": await ask_all(made.probes),
        "versions": dict(await made.versions()),
        "started_at": made.started_at,
        "values": dict(made.watcher.values),
        "curves": {name: [round(value, 4) for value in curve] for name, curve in made.watcher.curves.items()},
        "limits": limits,
        "live": {name: dict(ask()) for name, ask in made.live.items()},
    }


@router.get("/api/v1/incidents")
async def list_incidents(
    _: Viewer, services: ServicesDep, limit: Annotated[int, Query(ge=1, le=500)] = 100, open_only: bool = False
) -> dict[str, Any]:
    """Open ones first, then newest first."""
    async with services.db.read() as session:
        found = await incidents.listed(session, limit=limit, open_only=open_only)
        return {"open": await incidents.open_count(session), "incidents": found}


@router.post("/api/v1/incidents/{incident_id}/acknowledge")
async def acknowledge(incident_id: IncidentId, who: Keeper, services: ServicesDep) -> dict[str, Any]:
    """Somebody looks after it."""
    at = services.clock.now()
    async with services.db.write() as session:
        kind = await incidents.acknowledge(session, incident_id, who.account_id, at)
        audit.record(session, at, who.account_id, "incident.acknowledged", incident_id, kind=kind)
    return {"id": incident_id}


@router.post("/api/v1/incidents/{incident_id}/resolve")
async def resolve(incident_id: IncidentId, body: NoteIn, who: Keeper, services: ServicesDep) -> dict[str, Any]:
    """It is done with."""
    at = services.clock.now()
    async with services.db.write() as session:
        kind = await incidents.resolve(session, incident_id, who.account_id, body.note, at)
        audit.record(session, at, who.account_id, "incident.resolved", incident_id, kind=kind, note=body.note)
    return {"id": incident_id}
