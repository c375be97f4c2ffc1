"""Work that follows the roster: done at each edge of time, and as soon as something has changed. Nothing is polled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog

from callcenter.clock import Clock
from callcenter.errors import Unavailable

_RETRY_S: Final = 5.0
_log = structlog.get_logger()


async def at_edges(look: Callable[[], Awaitable[datetime]], wake: asyncio.Event, clock: Clock) -> None:
    """Call ``look`` until cancelled: now, at the instant it names, and whenever ``wake`` is set. While the database
    is away it is called every few seconds."""
    while True:
        wake.clear()
        try:
            until = await look()
        except Unavailable as error:
            _log.warning("roster_not_read", by=look.__qualname__, reason=error.message)
            wait = _RETRY_S
        else:
            wait = max(0.0, (until - clock.now()).total_seconds())
        try:
            async with asyncio.timeout(wait):
                await wake.wait()
        except TimeoutError:
            pass
