"""Puts the watching together: what is measured, where it is shown."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from statistics import median

from sqlalchemy import text
from starlette.types import ASGIApp, Receive, Scope, Send

from callcenter.acd.rules import DeskRules
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls.runner import CallRunner
from callcenter.clock import Clock, SystemClock
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.health import Probe
from callcenter.ivr.flow import FlowSet
from callcenter.quality.watch import LegWatch
from callcenter.settings import Settings
from callcenter.spool.store import Spool
from callcenter.trunks.keeper import TrunkKeeper
from callcenter.trunks.routing import Health
from callcenter.watch.endpoints import WatchRoom
from callcenter.watch.incidents import IncidentBook
from callcenter.watch.metrics import Metrics
from callcenter.watch.watcher import Sources, Watcher

LATENCIES = 200


class OpenSockets:
    """How many WebSockets are open."""

    count = 0


class SocketCount:
    """Counts the open WebSockets of an application."""

    def __init__(self, app: ASGIApp, count: OpenSockets) -> None:
        self._app, self._count = app, count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        self._count.count += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._count.count -= 1


def product_version() -> str:
    try:
        return version("callcenter")
    except PackageNotFoundError:
        return "development"


def watch_room(
    *,
    settings: Settings,
    clock: Clock,
    database: Database,
    node: AsteriskNode,
    runner: CallRunner,
    desk: DeskRules,
    spool: Spool,
    trunks: TrunkKeeper,
    flows: Callable[[], FlowSet],
    incidents: IncidentBook,
    probes: dict[str, Probe],
    sockets: OpenSockets,
    legs: LegWatch,
) -> WatchRoom:
    metrics, newest = Metrics(), deque[float](maxlen=LATENCIES)

    def answered(seconds: float) -> None:
        newest.append(seconds)
        metrics.ari_answered(seconds)

    def waiting() -> dict[str, int]:
        return {queue.name: len(desk.in_line(queue.name)) for queue in desk.queues()}

    def lag_s() -> float:
        oldest = spool.pending(1) if spool.unshipped else []
        return max(0.0, (clock.now() - oldest[0].at).total_seconds()) if oldest else 0.0

    node.on_answer = answered
    legs.on_over = metrics.leg_over
    sources = Sources(
        calls=lambda: sum(not call.drill for call in runner.live.calls),
        waiting=lambda: sum(waiting().values()),
        deepest_mailbox=lambda: runner.live.deepest_mailbox,
        journal_lag_s=lag_s,
        journal_backlog=lambda: spool.unshipped,
        spool_filled=lambda: spool.filled,
        spool_bytes=lambda: spool.size,
        spool_in_memory=lambda: spool.in_memory,
        switch_connected=lambda: node.connected,
        sockets=lambda: sockets.count,
        ari_ms=lambda: median(newest) * 1000 if newest else 0.0,
    )
    watcher = Watcher(sources, incidents, SystemClock(), settings.data_dir)  # the machine's own, which may jump
    metrics.live(watcher, lambda: runner.live.calls, desk, trunks, product_version())
    database_version: list[str] = []

    async def versions() -> dict[str, str]:
        if not database_version:
            try:
                async with database.read() as session:
                    database_version.append(str(await session.scalar(text("SHOW server_version"))))
            except Unavailable:
                pass
        return {
            "callcenter": product_version(),
            "asterisk": node.version,
            "postgresql": database_version[0] if database_version else "",
            "flows": flows().version,
        }

    return WatchRoom(
        watcher=watcher,
        metrics=metrics,
        probes=probes,
        versions=versions,
        started_at=clock.now(),
        live={
            "calls": lambda: _tally(call.phase.value for call in runner.live.calls if not call.drill),
            "agents": lambda: _tally(agent.state.value for agent in desk.agents()),
            "queues": waiting,
        },
    )


def _tally(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def trunks_ready(trunks: TrunkKeeper) -> Probe:
    """Ready while at least one trunk is not known to be down."""

    async def probe() -> None:
        down = [view.trunk.name for view in trunks.views if view.health.state is Health.DOWN]
        if down and len(down) == len(trunks.views):
            raise Unavailable(f"every trunk is down: {', '.join(down)}")

    return probe


def flows_ready(flows: Callable[[], FlowSet]) -> Probe:
    async def probe() -> None:
        flows()  # says itself that there are none

    return probe
