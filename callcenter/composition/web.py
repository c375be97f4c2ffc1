"""The pages' side, put together: each room's endpoints, and what they share on ``app.state``."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI

from callcenter.access.endpoints import router as access_router
from callcenter.acd.endpoints import DeskRoom
from callcenter.acd.endpoints import router as desk_router
from callcenter.acd.live import LiveDesk
from callcenter.acd.live import router as desk_socket
from callcenter.acd.wall import router as wall_socket
from callcenter.business.endpoints import router as business_router
from callcenter.calls.messages import Directed
from callcenter.cases.routers import ROUTERS as case_routers
from callcenter.composition.parts import Parts
from callcenter.context import Services
from callcenter.cti.agents import agents_router
from callcenter.cti.endpoints import cti_router
from callcenter.health import Probe, health_router
from callcenter.http import install
from callcenter.ivr.counts import DayCounts
from callcenter.ivr.endpoints import FlowRoom
from callcenter.ivr.endpoints import router as flows_router
from callcenter.ivr.live import router as flows_socket
from callcenter.messages.endpoints import router as messages_router
from callcenter.openapi import router as openapi_router
from callcenter.outbound.click import ClickToCall
from callcenter.outbound.endpoints import OutboundRoom
from callcenter.outbound.endpoints import router as outbound_router
from callcenter.pages import pages_router
from callcenter.quality.endpoints import router as sound_router
from callcenter.recording.endpoints import router as recording_router
from callcenter.reporting.endpoints import router as reports_router
from callcenter.reporting.forecast_endpoints import router as forecast_router
from callcenter.reporting.monthly_endpoints import router as monthly_router
from callcenter.reporting.room import ReportRoom
from callcenter.reporting.today import line_peaks, live_lines, midnight
from callcenter.roster.routers import ROUTERS as roster_routers
from callcenter.spool.entries import OUTCOME
from callcenter.supervision.endpoints import router as supervision_router
from callcenter.trail.endpoints import TrailRoom
from callcenter.trail.endpoints import router as trail_router
from callcenter.trunks.endpoints import TrunkRoom
from callcenter.trunks.endpoints import router as trunks_router
from callcenter.visits.endpoints import router as visits_router
from callcenter.watch.endpoints import WatchRoom
from callcenter.watch.endpoints import router as watch_router
from callcenter.watch.room import OpenSockets, SocketCount, flows_ready, trunks_ready, watch_room


def install_rooms(app: FastAPI, parts: Parts) -> None:
    settings, kept, phones, staff, live = parts.settings, parts.kept, parts.phones, parts.staff, parts.live
    database, clock, runner, desk, registry = kept.database, kept.clock, live.runner, staff.desk, phones.registry
    install(app, settings)
    app.state.services = Services(
        settings=settings,
        clock=clock,
        db=database,
        sessions=parts.sessions,
        in_call=live.in_call,
        keep_outcome=kept.counter.outcome,
        outcomes_wait=lambda: kept.spool.waits(OUTCOME),
        on_account_changed=[live.account_changed],
    )

    async def peaks() -> Mapping[str | None, int]:
        async with database.read() as session:
            return await line_peaks(session, midnight(clock.now(), settings.zone), live_lines(runner.live.calls))

    app.state.flows = FlowRoom(
        registry=registry,
        prompts=phones.prompts,
        counts=DayCounts(database, clock, settings.zone, lambda: runner.live.calls),
    )
    app.state.outbound = OutboundRoom(
        click=ClickToCall(desk, runner, phones.dialler, lambda: registry.current),
        callbacks=live.callbacks,
        prepare=live.pops.prepare,
    )
    app.state.desk = DeskRoom(
        desk=desk, directed=lambda command: runner.post(command.call_id, Directed(command=command))
    )
    app.state.live_desk = LiveDesk(
        desk=desk,
        calls=lambda: runner.live.calls,
        today=live.today,
        clock=clock,
        max_lines=runner.max_lines,
        supervised=live.supervision.at,
        listened_to=live.supervision.at_caller,
    )
    app.state.supervision = live.supervision
    app.state.roster = staff.roster
    app.state.trail = TrailRoom(
        queues=lambda: {q.name: (q.title, q.title_en or q.title) for q in registry.current.queues.values()}
    )
    app.state.reports = ReportRoom(
        database=database,
        clock=clock,
        zone=settings.zone,
        expected=staff.expected,
        queues=lambda: {one.name: (one.title, one.title_en) for one in registry.current.queues.values()},
        hotlines=lambda: {one.number: (one.title, one.title_en) for one in registry.current.hotlines.values()},
        trunks=lambda: {view.trunk.endpoint: (view.trunk.title, view.trunk.title_en) for view in phones.lines.views},
    )
    app.state.trunks = TrunkRoom(keeper=phones.lines, peaks=peaks)
    probes: dict[str, Probe] = {
        "database": parts.lease.db.ping,  # by a connection of its own: a busy pool is not a database that is away
        "asterisk": phones.ready,
        "calls": live.ready,
        "flows": flows_ready(lambda: registry.current),
        "trunks": trunks_ready(phones.lines),
    }
    app.state.watch = _watched(app, parts, probes)
    for router in (
        access_router,
        business_router,
        *case_routers,
        recording_router,
        messages_router,
        cti_router(live.console, live.pages, phones.node, lambda: registry.current),
        agents_router(desk.rules.agents),
        flows_router,
        outbound_router,
        visits_router,
        desk_router,
        desk_socket,
        wall_socket,
        supervision_router,
        *roster_routers,
        reports_router,
        monthly_router,
        forecast_router,
        flows_socket,
        trunks_router,
        sound_router,
        trail_router,
        watch_router,
        openapi_router,
        health_router(probes),
        pages_router(settings.web_dir),  # last: it has an answer for every address
    ):
        app.include_router(router)


def _watched(app: FastAPI, parts: Parts, probes: dict[str, Probe]) -> WatchRoom:
    kept, phones = parts.kept, parts.phones
    sockets = OpenSockets()
    app.add_middleware(SocketCount, count=sockets)
    return watch_room(
        settings=parts.settings,
        clock=kept.clock,
        database=kept.database,
        node=phones.node,
        runner=parts.live.runner,
        desk=kept.desk,
        spool=kept.spool,
        trunks=phones.lines,
        flows=lambda: phones.registry.current,
        incidents=phones.incidents,
        probes=probes,
        sockets=sockets,
        legs=parts.live.legs,
    )
