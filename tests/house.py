"""The HTTP side of the product on a real database, and people of every role to use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute

from callcenter import http
from callcenter.access import accounts, passwords
from callcenter.access.endpoints import router as access_router
from callcenter.access.roles import Role
from callcenter.access.sessions import Sessions
from callcenter.acd.desk import Desk
from callcenter.acd.messages import QueuesDefined, QueueSettings
from callcenter.acd.rules import DeskRules
from callcenter.business.endpoints import router as business_router
from callcenter.cases.routers import ROUTERS as CASE_ROUTERS
from callcenter.context import Services
from callcenter.db.engine import Database
from callcenter.errors import GatewayError
from callcenter.ivr.hours import ALWAYS
from callcenter.messages.endpoints import router as messages_router
from callcenter.outbound.callbacks import CallbackRoom
from callcenter.outbound.click import ClickToCall
from callcenter.outbound.endpoints import OutboundRoom
from callcenter.outbound.endpoints import router as outbound_router
from callcenter.outbound.results import Results
from callcenter.outbound.rules import DialRules
from callcenter.quality.endpoints import router as sound_router
from callcenter.recording.endpoints import router as recording_router
from callcenter.reporting.endpoints import router as reports_router
from callcenter.reporting.expected import Expectations
from callcenter.reporting.forecast_endpoints import router as forecast_router
from callcenter.reporting.monthly_endpoints import router as monthly_router
from callcenter.reporting.room import ReportRoom
from callcenter.roster.room import RosterRoom
from callcenter.roster.routers import ROUTERS as ROSTER_ROUTERS
from callcenter.settings import Settings
from callcenter.spool.store import Spool
from callcenter.trail.endpoints import TrailRoom
from callcenter.trail.endpoints import router as trail_router
from callcenter.trunks.endpoints import TrunkRoom
from callcenter.trunks.endpoints import router as trunks_router
from callcenter.trunks.keeper import TrunkKeeper
from callcenter.trunks.model import Trunk
from callcenter.trunks.reader import load_trunks
from callcenter.visits.endpoints import router as visits_router
from callcenter.watch.endpoints import WatchRoom
from callcenter.watch.endpoints import router as watch_router
from callcenter.watch.incidents import IncidentBook
from callcenter.watch.metrics import Metrics
from callcenter.watch.watcher import Sources, Watcher

TRUNKS = Path(__file__).parents[1] / "dialplan" / "trunks.yaml"

ORIGIN = "http://desk.test:8080"
PASSWORD = "correct-horse-7"
_HASH = passwords.hash_blocking(PASSWORD)


class MovableClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@dataclass
class House:
    app: FastAPI
    services: Services
    clock: MovableClock
    open_clients: AsyncExitStack
    live_calls: set[tuple[str, str]] = field(default_factory=set)
    changed_accounts: list[str] = field(default_factory=list)

    @property
    def db(self) -> Database:
        return self.services.db

    async def client(self, **headers: str) -> httpx.AsyncClient:
        """A browser on our own pages, not signed in."""
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url=ORIGIN,
            headers={"Origin": ORIGIN, **headers},
        )
        return await self.open_clients.enter_async_context(made)

    async def account(self, role: Role, login: str = "", **fields: object) -> str:
        """Add an account (password: PASSWORD) and give its id."""
        login = login or f"{role}-{len(self.changed_accounts)}"
        async with self.db.write() as session:
            made = await accounts.create(
                session, self.clock.now(), login=login, name=login.title(), role=role, password_hash=_HASH, **fields
            )
        self.changed_accounts.append(made.id)
        return made.id

    async def signed_in(self, role: Role, login: str = "") -> tuple[httpx.AsyncClient, str]:
        """A browser with a session of a new account of that role, and the account's id."""
        account_id = await self.account(role, login)
        async with self.db.write() as session:
            token, _ = await self.services.sessions.open(session, account_id, "cookie")
        client = await self.client()
        client.cookies.set(self.services.sessions.cookie_name, token)
        return client, account_id


class NoSwitch:
    """An Asterisk that is away."""

    connected = False

    async def provision_trunks(self, trunks: Sequence[Trunk]) -> None:
        raise GatewayError("not connected to Asterisk")

    def trunk_endpoint(self, name: str) -> str:
        return f"trunk-{name}"


def with_ops_rooms(app: FastAPI, services: Services) -> None:
    """Trunks (the shipped file's) and the health page, without an Asterisk."""
    book = IncidentBook(Spool(services.settings.data_dir / "incidents"), services.clock)
    trunks = load_trunks(TRUNKS)

    async def again() -> Sequence[Trunk]:
        return load_trunks(TRUNKS)

    async def no_peaks() -> dict[str | None, int]:
        return {}

    async def versions() -> dict[str, str]:
        return {"callcenter": "0"}

    keeper = TrunkKeeper(trunks, gateway=NoSwitch(), clock=services.clock, incidents=book, load=again)
    sources = Sources(
        calls=lambda: 0,
        waiting=lambda: 0,
        deepest_mailbox=lambda: 0,
        journal_lag_s=lambda: 0.0,
        journal_backlog=lambda: 0,
        switch_connected=lambda: False,
        sockets=lambda: 0,
        ari_ms=lambda: 0.0,
    )
    watcher = Watcher(sources, book, services.clock, services.settings.data_dir)
    metrics = Metrics()
    metrics.live(watcher, lambda: (), DeskRules(), keeper, "0")
    app.state.trunks = TrunkRoom(keeper=keeper, peaks=no_peaks)
    app.state.incidents = book
    app.state.watch = WatchRoom(
        watcher=watcher, metrics=metrics, probes={}, versions=versions, started_at=services.clock.now()
    )


def outbound_without_calls(db: Database, clock: MovableClock, folder: Path) -> OutboundRoom:
    """Call-backs at a desk of their own; nobody here has a telephone, so no call is ever begun."""
    rules = DialRules(
        allow=("CN:mobile",), hours=ALWAYS, zone=ZoneInfo("Asia/Shanghai"), hotlines=frozenset({"4008001"})
    )
    desk = Desk(DeskRules(), clock, lambda action: room.seen(action))
    desk.tell(QueuesDefined(queues=(QueueSettings(name="general", title="general"),)))
    results = Results(Spool(folder), clock)
    room = CallbackRoom(
        db, desk, clock, lambda: rules, results,
        flow_version=lambda: "v", live=lambda call_id: False, abort=lambda place: None,
    )  # fmt: skip

    async def nothing(number: str) -> None:
        pass

    return OutboundRoom(click=cast(ClickToCall, None), callbacks=room, prepare=nothing)


@cache
def _routes() -> Sequence[BaseRoute]:
    """Made once: what they are is the same for all tests, what they work on stands in each app's ``state``."""
    app = FastAPI(openapi_url=None)
    for router in (
        access_router,
        business_router,
        *CASE_ROUTERS,
        recording_router,
        outbound_router,
        visits_router,
        messages_router,
        *ROSTER_ROUTERS,
        trail_router,
        reports_router,
        monthly_router,
        forecast_router,
        trunks_router,
        sound_router,
        watch_router,
    ):
        app.include_router(router)
    return app.router.routes


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(data_dir=tmp_path, recordings_dir=tmp_path / "recordings")
    clock = MovableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    live: set[tuple[str, str]] = set()
    services = Services(
        settings=settings,
        clock=clock,
        db=db,
        sessions=Sessions(db, clock, settings),
        in_call=lambda call_id, account_id: (call_id, account_id) in live,
    )
    app = FastAPI(openapi_url=None)
    app.router.routes.extend(_routes())
    app.state.services = services
    app.state.outbound = outbound_without_calls(db, clock, tmp_path / "spool")
    levels = {"general": 20.0, "night": 30.0}
    expected = Expectations(db, clock, settings.zone, lambda: levels)
    app.state.reports = ReportRoom(
        database=db,
        clock=clock,
        zone=settings.zone,
        expected=expected,
        queues=lambda: {"general": ("人工服务", "General service")},
        hotlines=lambda: {"4008001": ("客服热线", "Service hotline")},
        trunks=dict,
    )
    app.state.roster = RosterRoom(settings=settings, clock=clock, demand=expected.demand)
    app.state.trail = TrailRoom(queues=lambda: {"general": ("人工服务", "General")})
    with_ops_rooms(app, services)
    http.install(app, settings)
    async with AsyncExitStack() as stack:
        made = House(app=app, services=services, clock=clock, open_clients=stack, live_calls=live)
        yield made
