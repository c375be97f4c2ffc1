"""Keeps a part alive: started again when it ends by itself, with growing pauses, for as long as it takes."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Protocol

from callcenter.errors import CallCenterError
from callcenter.facts import Facts
from callcenter.parent.words import tell

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_SETTLED_S = 60.0
"""A part that lived so long is started again without a pause when it ends."""


class Part(Protocol):
    """Asterisk or PostgreSQL."""

    @property
    def pid(self) -> int | None: ...

    async def start(self) -> object:
        """Returns when it is ready. Raises CallCenterError."""
        ...

    async def wait(self) -> int | None:
        """Returns when it has ended, with its exit code if that is known."""
        ...


Told = Callable[[str, str, Facts], None]
"""(kind, text, facts) → an incident for operations."""


class Keeper:
    """One part and how often it was started again."""

    def __init__(self, name: str, part: Part, incident: Told) -> None:
        self.name, self._part, self._incident = name, part, incident
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._part.pid

    async def keep(self) -> None:
        """Wait for its end, start it again, for ever; ends only by cancellation."""
        pause, began = 0.0, time.monotonic()
        while True:
            ended = how(await self._part.wait())
            if time.monotonic() - began > _SETTLED_S:
                pause = 0.0
            lost_at = time.monotonic()
            tell(f"{self.name} {ended}; starting it again")
            while True:
                await asyncio.sleep(pause)
                pause = min(max(_FIRST_PAUSE_S, pause * 2), _LONGEST_PAUSE_S)
                try:
                    await self._part.start()
                    break
                except (CallCenterError, OSError) as error:
                    tell(f"{self.name} did not start: {error}; trying again in {pause:g} s")
            began = time.monotonic()
            self.restarts += 1
            away = began - lost_at
            tell(f"{self.name} is back after {away:.1f} s (restart {self.restarts})")
            text = f"{self.name} {ended}, and was back after {away:.1f} s"
            self._incident("part_restarted", text, {"part": self.name, "ended": ended, "away_s": round(away, 1)})


def how(code: int | None) -> str:
    """A process's end in words."""
    if code is None:
        return "ended"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
