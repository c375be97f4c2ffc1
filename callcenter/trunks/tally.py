"""The trunks' counts: into the spool every second, from there into the database, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import orjson
import structlog

from callcenter.clock import Clock
from callcenter.db.engine import WriteSession
from callcenter.errors import CallCenterError
from callcenter.spool.store import Entry, Spool
from callcenter.trunks import repository
from callcenter.trunks.keeper import TrunkKeeper

TALLY: Final = "tally"
"""The kind of these entries in the spool."""
EVERY_S: Final = 1.0
_log = structlog.get_logger()


class TallyWriter:
    def __init__(
        self, keeper: TrunkKeeper, spool: Spool, clock: Clock, zone: ZoneInfo, wake: Callable[[], None] = lambda: None
    ) -> None:
        """``zone``: whose days are counted. ``wake`` is told that there is something new in the spool."""
        self._keeper, self._spool, self._clock, self._zone, self._wake = keeper, spool, clock, zone, wake

    async def run(self) -> None:
        """Keep what is new until cancelled; what comes after the last time is for :meth:`keep`."""
        while True:
            await asyncio.sleep(EVERY_S)
            self.keep()

    def keep(self) -> None:
        tally = self._keeper.take_tally()
        if not tally:
            return
        now = self._clock.now()
        counts = [[name, answered, many] for (name, answered), many in sorted(tally.items())]
        told = {"day": now.astimezone(self._zone).date(), "counts": counts}
        try:
            self._spool.put(TALLY, "", now, orjson.dumps(told))
        except CallCenterError as error:
            self._keeper.give_back(tally)
            _log.error("trunk_counts_not_kept", reason=error.message)
        self._wake()


async def write_tallies(session: WriteSession, entries: Sequence[Entry]) -> None:
    """The spool's handler."""
    for entry in entries:
        told = orjson.loads(entry.payload)
        counts = {(str(name), bool(answered)): int(many) for name, answered, many in told["counts"]}
        await repository.count(session, date.fromisoformat(told["day"]), counts)
