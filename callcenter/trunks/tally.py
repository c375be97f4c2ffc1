"""Writes the trunks' counts to the database every few seconds; while it is away they add up."""

from __future__ import annotations

import asyncio
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.trunks import repository
from callcenter.trunks.keeper import TrunkKeeper

EVERY_S: Final = 3.0


class TallyWriter:
    def __init__(self, keeper: TrunkKeeper, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        self._keeper, self._database, self._clock, self._zone = keeper, database, clock, zone

    async def run(self) -> None:
        """Write until cancelled; what is new then is written by :meth:`write`."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.write()

    async def write(self) -> None:
        """Write what is new. A database that is away is not an error: it is tried again later."""
        tally = self._keeper.take_tally()
        if not tally:
            return
        try:
            async with self._database.write() as session:
                await repository.count(session, self._clock.now().astimezone(self._zone).date(), tally)
        except (Unavailable, DBAPIError):
            self._keeper.give_back(tally)
