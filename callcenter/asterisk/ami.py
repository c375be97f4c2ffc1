"""AMI through panoramisk: what ARI cannot do, which is recording a channel's two directions apart.

panoramisk repeats actions that were waiting when its connection was lost, and takes a silent connection for a
live one. A MixMonitor started twice would write one file twice, so here nothing is repeated and nothing is sent
while the connection is down: it fails, and the call goes on. A heartbeat finds a connection that has gone silent.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from panoramisk import Manager

from callcenter.errors import GatewayError

_log = structlog.get_logger()


class _Manager(Manager):  # type: ignore[misc]
    """panoramisk's manager, which neither repeats actions nor comes back after it was closed."""

    closing = False

    async def send_awaiting_actions(self, *_: object) -> None:
        self.awaiting_actions.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closing:
            super().connection_lost(exc)

    def connect(self, *arguments: Any, **options: Any) -> Any:
        return None if self.closing else super().connect(*arguments, **options)


class Ami:
    """One manager connection. ``folder`` is where raw recordings are written, by Asterisk, absolute."""

    def __init__(self, host: str, port: int, user: str, secret: str, folder: Path, *, timeout_s: float = 3.0) -> None:
        self._folder, self._timeout_s = folder, timeout_s
        # We send our own pings, which must be answered. Events come by ARI; told here too they only cost.
        self._manager = _Manager(
            host=host, port=port, username=user, secret=secret, events="off", ping_delay=86400, reconnect_timeout=1
        )
        self._up = False
        self._loss = asyncio.Event()
        self._heart: asyncio.Task[None] | None = None
        self._manager.on_login = self._logged_in
        self._manager.on_disconnect = self._lost

    @property
    def connected(self) -> bool:
        return self._up

    async def connect(self) -> None:
        """Begin to connect; from then on it is tried again until it works, now and after every loss."""
        with suppress(OSError):  # the manager tries again by itself
            await self._manager.connect()
        self._heart = asyncio.create_task(self._beat(), name="ami-heartbeat")

    def close(self) -> None:
        self._manager.closing = True
        if self._heart is not None:
            self._heart.cancel()
        self._up = False
        self._manager.close()

    async def _beat(self) -> None:
        """A ping that is not answered is a loss; both together take less than ``timeout_s``."""
        while True:
            await asyncio.sleep(self._timeout_s * 0.3)
            if not self._up:
                continue
            asked = self._manager.protocol
            try:
                async with asyncio.timeout(self._timeout_s * 0.5):
                    await self._manager.send_action({"Action": "Ping"})
            except TimeoutError:
                if self._manager.protocol is asked:  # else that one was lost and there is another already
                    asked.transport.abort()
                    self._lost(self._manager, "silent")

    async def start_capture(self, channel: str, name: str) -> str:
        """Record both directions of a channel until it ends; returns the raw file's path.

        The file holds 16-bit signed linear samples of 8 kHz, two channels interleaved: left what the channel
        says, right what it hears (MixMonitor's option D). One that is being written is not begun again: two would
        write one file. Raises GatewayError.
        """
        path = self._folder / f"{name}.raw"
        if path.exists():
            return str(path)
        await self._send({"Action": "MixMonitor", "Channel": channel, "File": str(path), "Options": "D"})
        return str(path)

    async def pause_capture(self, channel: str, *, paused: bool) -> None:
        """Write silence instead of voices, or voices again. Raises GatewayError."""
        state = "1" if paused else "0"
        await self._send({"Action": "MixMonitorMute", "Channel": channel, "Direction": "both", "State": state})

    async def queue_members(self, queue: str) -> frozenset[str]:
        """The interfaces (``PJSIP/seat-1001``) of an ``app_queue`` queue. Raises GatewayError."""
        listed = await self._send({"Action": "QueueStatus", "Queue": queue}, as_list=True)
        return frozenset(str(one.location) for one in listed if one.event == "QueueMember")

    async def add_queue_member(self, queue: str, interface: str, name: str) -> None:
        """Raises GatewayError."""
        # The name is shown on consoles only; it may hold nothing that would end the line.
        shown = "".join(c for c in name if c.isprintable() and c not in ",|")
        action = {"Action": "QueueAdd", "Queue": queue, "Interface": interface, "MemberName": shown}
        await self._send(action)

    async def remove_queue_member(self, queue: str, interface: str) -> None:
        """Raises GatewayError."""
        await self._send({"Action": "QueueRemove", "Queue": queue, "Interface": interface})

    async def _send(self, action: dict[str, str], *, as_list: bool = False) -> list[Any]:
        name = action["Action"]
        if not self._up:
            raise GatewayError(f"{name}: not connected to Asterisk's manager")
        asked: asyncio.Future[Any] = self._manager.send_action(action, as_list=as_list)
        lost = asyncio.create_task(self._loss.wait())
        try:
            await asyncio.wait({asked, lost}, timeout=self._timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
        if not asked.done():
            what = "the connection is lost" if self._loss.is_set() else f"no answer in {self._timeout_s:g} s"
            raise GatewayError(f"{name}: {what} (Asterisk's manager)")
        listed = asked.result() if as_list else [asked.result()]
        answer = listed[0]
        if not answer.success:
            gone = 404 if "No such channel" in str(answer.message) else 500
            raise GatewayError(f"{name}: Asterisk said {answer.message}", http_status=gone)
        return listed

    def _logged_in(self, _manager: Any) -> None:
        self._loss.clear()
        self._up = True

    def _lost(self, _manager: Any, _error: object) -> None:
        if self._up:
            _log.warning("ami_lost")
        self._up = False
        self._loss.set()
