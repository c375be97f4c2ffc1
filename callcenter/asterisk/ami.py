"""AMI through panoramisk: what ARI cannot do, which is recording a channel's two directions apart.

panoramisk repeats actions that were waiting when its connection was lost. A MixMonitor started twice would
write one file twice, so nothing is sent while the connection is down: it fails, and the call goes on.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import structlog
from panoramisk import Manager

from callcenter.errors import GatewayError

_log = structlog.get_logger()


class Ami:
    """One manager connection. ``folder`` is where raw recordings are written, by Asterisk, absolute."""

    def __init__(self, host: str, port: int, user: str, secret: str, folder: Path, *, timeout_s: float = 3.0) -> None:
        self._folder, self._timeout_s = folder, timeout_s
        self._manager = Manager(host=host, port=port, username=user, secret=secret, ping_delay=5)
        self._up = False
        self._manager.on_login = self._logged_in
        self._manager.on_disconnect = self._lost

    @property
    def connected(self) -> bool:
        return self._up

    async def connect(self) -> None:
        """Begin to connect; panoramisk keeps trying from then on."""
        await self._manager.connect()

    def close(self) -> None:
        self._manager.close()

    async def start_capture(self, channel: str, name: str) -> str:
        """Record both directions of a channel until it ends; returns the raw file's path.

        The file holds 16-bit signed linear samples of 8 kHz, two channels interleaved: left what the channel
        says, right what it hears (MixMonitor's option D). Raises GatewayError.
        """
        path = self._folder / f"{name}.raw"
        await self._send({"Action": "MixMonitor", "Channel": channel, "File": str(path), "Options": "D"})
        return str(path)

    async def pause_capture(self, channel: str, *, paused: bool) -> None:
        """Write silence instead of voices, or voices again. Raises GatewayError."""
        state = "1" if paused else "0"
        await self._send({"Action": "MixMonitorMute", "Channel": channel, "Direction": "both", "State": state})

    async def _send(self, action: dict[str, str]) -> None:
        name = action["Action"]
        if not self._up:
            raise GatewayError(f"{name}: not connected to Asterisk's manager")
        try:
            async with asyncio.timeout(self._timeout_s):
                answer: Any = await self._manager.send_action(action)
        except TimeoutError:
            raise GatewayError(f"{name}: no answer from Asterisk's manager in {self._timeout_s:g} s") from None
        if not answer.success:
            gone = 404 if "No such channel" in str(answer.message) else 500
            raise GatewayError(f"{name}: Asterisk said {answer.message}", http_status=gone)

    def _logged_in(self, _manager: Any) -> None:
        self._up = True

    def _lost(self, _manager: Any, _error: object) -> None:
        if self._up:
            _log.warning("ami_lost")
        self._up = False
