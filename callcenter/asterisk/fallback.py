"""Who is rung when the service is away: ``app_queue``'s members, kept in step with the agents who are signed in.

Asterisk keeps the members itself (``persistentmembers``) and knows whose telephone is registered or busy, so all that
must be told is who belongs. It is never only told of changes: what Asterisk lists is compared with what should be,
after each change, after each reconnect, and every half minute. So nothing drifts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from callcenter.errors import GatewayError

QUEUE = "fallback"
EVERY_S = 30.0
_GATHER_S = 0.2
_log = structlog.get_logger()


class Members(Protocol):
    """The manager's part of it (:class:`callcenter.asterisk.ami.Ami`)."""

    @property
    def connected(self) -> bool: ...

    async def queue_members(self, queue: str) -> frozenset[str]: ...

    async def add_queue_member(self, queue: str, interface: str, name: str) -> None: ...

    async def remove_queue_member(self, queue: str, interface: str) -> None: ...


class FallbackQueue:
    """``seats`` gives seat → name of everybody who should be rung."""

    def __init__(self, switch: Members, seats: Callable[[], Mapping[str, str]], *, every_s: float = EVERY_S) -> None:
        self._switch, self._seats, self._every_s = switch, seats, every_s
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Somebody may have come or gone."""
        self._changed.set()

    async def run(self) -> None:
        """Compare for ever; ends only by cancellation."""
        while True:
            self._changed.clear()
            if self._switch.connected:
                try:
                    await self.compare()
                except GatewayError as error:
                    _log.warning("fallback_not_compared", reason=error.message)
            try:
                async with asyncio.timeout(self._every_s if self._switch.connected else 1.0):
                    await self._changed.wait()
                await asyncio.sleep(_GATHER_S)  # a shift that begins is one comparison
            except TimeoutError:
                pass

    async def compare(self) -> None:
        """Make the members what they should be. Raises GatewayError when Asterisk refuses or is away."""
        wanted = {f"PJSIP/{seat}": name for seat, name in self._seats().items()}
        there = await self._switch.queue_members(QUEUE)
        for interface in sorted(there - set(wanted)):
            await self._switch.remove_queue_member(QUEUE, interface)
        for interface in sorted(set(wanted) - there):
            await self._switch.add_queue_member(QUEUE, interface, wanted[interface])
        if there != set(wanted):
            _log.info("fallback_members", members=len(wanted))
