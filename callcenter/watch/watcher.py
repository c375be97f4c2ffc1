"""Measures the service itself and opens incidents when something is out of bounds."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from callcenter.clock import Clock
from callcenter.watch.incidents import IncidentBook
from callcenter.watch.limits import LIMITS, Judged, judge

_log = structlog.get_logger()
BEAT_S: Final = 0.2
LOOK_EVERY_S: Final = 1.0
DISK_EVERY_S: Final = 10.0
KEPT: Final = 120
"""Points of each curve: two minutes."""
CURVES: Final = ("loop_lag_s", "journal_lag_s", "calls", "waiting", "ari_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """How each thing is asked. All are quick and never fail."""

    calls: Callable[[], int]
    waiting: Callable[[], int]
    deepest_mailbox: Callable[[], int]
    journal_lag_s: Callable[[], float]
    journal_backlog: Callable[[], int]
    switch_connected: Callable[[], bool]
    sockets: Callable[[], int]
    ari_ms: Callable[[], float]
    """Median of the newest requests."""
    spool_filled: Callable[[], float] = lambda: 0.0
    """Share of the spool's room that is taken."""
    spool_bytes: Callable[[], int] = lambda: 0
    spool_in_memory: Callable[[], int] = lambda: 0
    """Entries that the disk would not take."""


class Watcher:
    def __init__(self, sources: Sources, incidents: IncidentBook, clock: Clock, folder: Path) -> None:
        self._sources, self._incidents, self._clock, self._folder = sources, incidents, clock, folder
        self._values: dict[str, float] = {}
        self._judged: dict[str, Judged] = {}
        self._lag_s = 0.0
        self._jump_s = 0.0
        self._away_since: float | None = None
        self.curves: dict[str, deque[float]] = {name: deque(maxlen=KEPT) for name in CURVES}

    @property
    def values(self) -> Mapping[str, float]:
        """The newest of each."""
        return self._values

    async def run(self) -> None:
        """Measure for ever; ends only by cancellation."""
        await asyncio.gather(self._beat(), self._look(), self._disk())

    async def _beat(self) -> None:
        """How late the loop comes to a task that is due, and whether the clock went as the time did."""
        before, wall = time.monotonic(), self._clock.now()
        while True:
            await asyncio.sleep(BEAT_S)
            now, told = time.monotonic(), self._clock.now()
            self._lag_s = max(self._lag_s, now - before - BEAT_S)
            jump = (told - wall).total_seconds() - (now - before)
            if abs(jump) > abs(self._jump_s):
                self._jump_s = jump
            before, wall = now, told

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                self.look(time.monotonic())
            except Exception:  # a watcher that died would watch nothing
                _log.exception("watcher_failed")

    def look(self, now_s: float) -> None:
        """Take one measurement of everything and judge it."""
        ask = self._sources
        if ask.switch_connected():
            self._away_since = None
        elif self._away_since is None:
            self._away_since = now_s
        self._values |= {
            "loop_lag_s": self._lag_s,
            "clock_jump_s": self._jump_s,
            "journal_lag_s": ask.journal_lag_s(),
            "journal_backlog": ask.journal_backlog(),
            "spool_filled": ask.spool_filled(),
            "spool_bytes": ask.spool_bytes(),
            "spool_in_memory": ask.spool_in_memory(),
            "switch_away_s": 0.0 if self._away_since is None else now_s - self._away_since,
            "calls": ask.calls(),
            "waiting": ask.waiting(),
            "deepest_mailbox": ask.deepest_mailbox(),
            "sockets": ask.sockets(),
            "ari_ms": ask.ari_ms(),
        }
        self._lag_s = self._jump_s = 0.0
        for name, curve in self.curves.items():
            curve.append(self._values[name])
        for name, limit in LIMITS.items():
            if name not in self._values:
                continue
            value = self._values[name]
            before = self._judged.get(name, Judged())
            after = self._judged[name] = judge(limit, before, value, now_s)
            if after.open and not before.open:
                text, facts = limit.text.format(value), {"value": value}
                self._incidents.open(f"watch:{limit.kind}", limit.kind, text, "warning", facts=facts)
            elif not after.open and before.open is not False:
                self._incidents.close(f"watch:{limit.kind}")

    async def _disk(self) -> None:
        while True:
            await self.measure_disk()
            await asyncio.sleep(DISK_EVERY_S)

    async def measure_disk(self) -> None:
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self._folder)
            self._values["disk_free_share"] = usage.free / usage.total
            self._values["disk_free_bytes"] = usage.free
        except OSError as error:
            _log.warning("disk_not_measured", error=error.strerror)
