"""``callcenter serve``: the service's process. Gets the desk's lease, then serves; as a standby it waits for it.

The listening socket may come from the parent or from systemd, so that nobody is refused while one process follows
another. How far it is it tells by a pipe to the parent and by ``sd_notify`` to systemd.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy.orm import configure_mappers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callcenter.acd import keeper as desk_keeper
from callcenter.app import build
from callcenter.asterisk.ari import check_version
from callcenter.beat import beat
from callcenter.calls import journal_format
from callcenter.collector import collect_regularly, set_apart
from callcenter.db.engine import Database
from callcenter.errors import CallCenterError, Conflict, GatewayError, SettingsError
from callcenter.http import guarded
from callcenter.ivr.registry import ReadyMade
from callcenter.lease.lease import POLL_S, Lease, node_of
from callcenter.logs import configure
from callcenter.parent.checks import listening_socket
from callcenter.settings import Settings

HANDOVER_S = 15.0
"""How long a process that was handed a socket leaves callers of it in the kernel's line while it waits for the desk."""
_LAST_REQUESTS_S = 2
_FIRST_REQUEST_S = 0.2
"""How long one that is told to stop waits for the request of a connection it has taken already."""
_LARGEST_FRAME = 1 << 20
"""Bytes that a browser may send at once; what is larger ends its socket before it is held in memory."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Made:
    """A service that is put together, and holds nothing yet."""

    database: Database
    lease: Lease
    app: FastAPI


def make(settings: Settings, ready_made: ReadyMade | None = None) -> Made:
    """Put it together. Raises SettingsError."""
    database_url, _ = settings.to_serve()
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(database_url, pool_size=1, statement_timeout_s=2)
    lease = Lease(database, node_of(folder), folder / "lease.json")
    return Made(database, lease, build(settings, lease, ready_made))


def warm(settings: Settings) -> Made:
    """Put a spare together and do beforehand what is otherwise done at the first use. Connects and writes nothing."""
    configure(settings)
    configure_mappers()
    uvicorn.Config(_pages_of_a_standby, log_config=None).load()
    journal_format.make_adapters()
    desk_keeper.make_adapters()
    ready_made = None
    with suppress(CallCenterError):  # the service itself says what is wrong with them
        ready_made = ReadyMade.of(settings.flows_dir, settings.zone)
    made = make(settings, ready_made)
    nowhere = {"type": "http", "method": "GET", "path": "/nowhere", "root_path": "", "headers": [], "app": made.app}
    for route in made.app.router.routes:
        route.matches(nowhere)  # FastAPI makes the validators of all routes when the first request is matched
    return made


def run(
    settings: Settings,
    *,
    standby: bool = False,
    http_fd: int | None = None,
    tell_fd: int | None = None,
    made: Made | None = None,
    first: bool = True,
) -> None:
    """Serve until told to stop. Raises CallCenterError when something it needs is not there.

    ``made``: what a copy of a loaded process has already. ``first``: it follows no other of the same parent.
    """
    configure(settings)
    factory = uvicorn.Config(_pages_of_a_standby, log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        process = _Process(settings, standby or settings.standby, http_fd, tell_fd, made, first)
        runner.run(process.run())


class _Process:
    def __init__(
        self,
        settings: Settings,
        standby: bool,
        http_fd: int | None,
        tell_fd: int | None,
        made: Made | None,
        first: bool,
    ) -> None:
        self._began, self._loaded, self._first = time.monotonic(), made is not None, first
        self._settings, self._standby, self._tell_fd = settings, standby, tell_fd
        if http_fd is None and os.environ.get("LISTEN_PID") == str(os.getpid()):
            http_fd = 3  # systemd's socket activation
        self._handed = http_fd is not None
        self._ear = listening_socket(settings) if http_fd is None else socket.socket(fileno=http_fd)
        if made is not None:
            made.lease.become()
        made = made or make(settings)
        self._database, self._lease, self._app = made.database, made.lease, made.app
        self._stop = asyncio.Event()

    async def run(self) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, self._stop.set)
        beating = asyncio.create_task(beat(self._tell_fd), name="beat") if self._tell_fd is not None else None
        if self._first:  # else its predecessor spoke with this Asterisk a moment ago
            await refuse_old_asterisk(self._settings)
        try:
            if not await self._get_desk():
                return
            keeping = asyncio.create_task(self._lease.keep(), name="lease")
            collecting = asyncio.create_task(collect_regularly(), name="collector")
            server = _Server(self._app, self._stop, self._settings, on_started=self._ready)
            await server.serve(sockets=[self._ear])
            keeping.cancel()
            collecting.cancel()
            await self._lease.release()
            if not server.started:
                raise Conflict("the service did not start; the reason is above")
        finally:
            if beating is not None:
                beating.cancel()
            await self._database.close()

    def _ready(self) -> None:
        _log.info("ready", after_s=round(time.monotonic() - self._began, 2), loaded_before=self._loaded)
        self.tell("ready")
        set_apart()

    async def _get_desk(self) -> bool:
        """Wait for the lease as one may; False when told to stop meanwhile. Raises Conflict, Unavailable."""
        held = await self._lease.try_acquire()
        while held is not None and held.lapsed and not self._standby:
            await asyncio.sleep(POLL_S)
            held = await self._lease.try_acquire()
        if held is None:
            return True
        if not self._standby:
            raise Conflict(
                f"{held.node} has the desk of this database since {held.since}: stop that one, or start this one "
                "with --standby (CALLCENTER_STANDBY=true) to wait for it"
            )
        self.tell("waiting")
        _log.info("standing_by", holder=held.node)
        waiting = asyncio.create_task(self._lease.wait(), name="lease-wait")
        stopped = asyncio.create_task(self._stop.wait())
        both = {waiting, stopped}
        try:
            if self._handed:
                await asyncio.wait(both, timeout=HANDOVER_S, return_when=asyncio.FIRST_COMPLETED)
            if not (waiting.done() or stopped.done()):
                server = _Server(guarded(_pages_of_a_standby, self._settings), self._stop, self._settings)
                serving = asyncio.create_task(server.serve(sockets=[self._ear.dup()]))
                await asyncio.wait({*both, serving}, return_when=asyncio.FIRST_COMPLETED)
                server.should_exit = True
                await serving
            return waiting.done() and not self._stop.is_set() and waiting.exception() is None
        finally:
            for task in both:
                task.cancel()

    def tell(self, word: str) -> None:
        """Tell whoever started us how far we are."""
        if self._tell_fd is not None:
            with suppress(OSError):
                os.write(self._tell_fd, word.encode() + b"\n")
        state = "READY=1" if word == "ready" else "READY=1\nSTATUS=standing by"
        if name := os.environ.get("NOTIFY_SOCKET"):
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.sendto(state.encode(), "\0" + name[1:] if name.startswith("@") else name)


class _Server(uvicorn.Server):
    """uvicorn's server, told to stop by an event, that says when it takes requests."""

    def __init__(self, app: Any, stop: asyncio.Event, settings: Settings, on_started: Any = None) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            log_config=None,
            server_header=False,
            date_header=False,
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_graceful_shutdown=_LAST_REQUESTS_S,
            # Frames of some hundred bytes on a local network: packing them costs more than it saves.
            ws_per_message_deflate=False,
            ws_max_size=_LARGEST_FRAME,
        )
        super().__init__(config)
        self._stop, self._on_started = stop, on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and self._on_started is not None:
            self._on_started()

    async def main_loop(self) -> None:
        stopping = asyncio.create_task(self._watch_stop())
        try:
            await super().main_loop()
        finally:
            stopping.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, except that what it took and has not read yet has its answer: nobody else can give it."""
        for server in self.servers:
            server.close()
        last = time.monotonic() + _FIRST_REQUEST_S
        await asyncio.sleep(0.02)  # what was taken in this very moment becomes a connection
        while time.monotonic() < last and any(  # noqa: ASYNC110 - uvicorn tells nobody
            getattr(connection, "cycle", connection) is None for connection in self.server_state.connections
        ):
            await asyncio.sleep(0.01)
        await super().shutdown(sockets)

    async def _watch_stop(self) -> None:
        await self._stop.wait()
        self.should_exit = True


async def _pages_of_a_standby(scope: Any, receive: Any, send: Any) -> None:
    """``/healthz`` and ``/readyz`` as everywhere; all else is on the machine that has the desk."""
    if scope["type"] == "lifespan":
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})
        return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1013})
        return
    answer: Response
    if Request(scope).url.path == "/healthz":
        answer = JSONResponse({"status": "alive"})
    else:
        parts = {"desk": "standing by: another machine has the desk"}
        error = {"code": "standby", "message": "本机待命中 this machine stands by", "details": {}}
        answer = JSONResponse(
            {"ready": False, "parts": parts, "error": error}, status_code=503, headers={"Retry-After": "2"}
        )
    await answer(scope, receive, send)


async def refuse_old_asterisk(settings: Settings) -> None:
    """Raises SettingsError when Asterisk is there and is too old, or does not know us. One that is away may come."""
    assert settings.asterisk_password is not None
    who = (settings.asterisk_user, settings.asterisk_password.get_secret_value())
    url = f"{settings.asterisk_base_url}/ari/asterisk/info"
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=3) as client:
            answer = await client.get(url, auth=who)
        if answer.status_code == 401:
            raise SettingsError(
                f"Asterisk at {settings.asterisk_base_url} refuses our password: see CALLCENTER_ASTERISK_USER and "
                "CALLCENTER_ASTERISK_PASSWORD, and its ari.conf"
            )
        answer.raise_for_status()
        check_version(str(answer.json()["system"]["version"]))
    except GatewayError as error:
        raise SettingsError(f"{settings.asterisk_base_url}: {error.message}") from None
    except (httpx.HTTPError, KeyError, TypeError, ValueError, CallCenterError) as error:
        if isinstance(error, SettingsError):
            raise
        _log.warning("asterisk_not_answering", url=settings.asterisk_base_url, error=type(error).__name__)
