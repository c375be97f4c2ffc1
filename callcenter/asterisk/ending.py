"""Telephones whose last leg was told to end and has not ended yet.

Asterisk takes our requests in order, but does what follows from them in a thread of each channel: on a busy machine the
INVITE of a telephone's next leg may leave before the BYE of its last one, and a telephone that is still busy says so.
``ChannelDestroyed`` comes when the BYE has been sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping


class EndingLegs:
    """Endpoints are as they are dialled: ``PJSIP/seat-1042``."""

    def __init__(self) -> None:
        self._endpoints: dict[str, str] = {}
        """Where each leg that we dialled, or found, leads."""
        self._ending: set[str] = set()
        self._fewer = asyncio.Event()

    def found(self, legs: Mapping[str, str]) -> None:
        """After a (re)connect: all that are there. What is not listed has ended."""
        self._endpoints = dict(legs)
        self._ending &= legs.keys()
        self._fewer.set()

    def dialled(self, channel: str, endpoint: str) -> None:
        self._endpoints[channel] = endpoint

    def told_to_end(self, channel: str) -> None:
        if channel in self._endpoints:
            self._ending.add(channel)

    def gone(self, channels: Iterable[str]) -> None:
        for channel in channels:
            self._endpoints.pop(channel, None)
            self._ending.discard(channel)
        self._fewer.set()

    async def none_at(self, endpoint: str, within_s: float) -> bool:
        """Wait until none leads there that is about to end; False when it takes too long."""
        try:
            async with asyncio.timeout(within_s):
                while any(self._endpoints[channel] == endpoint for channel in self._ending):
                    self._fewer.clear()
                    await self._fewer.wait()
        except TimeoutError:
            return False
        return True
