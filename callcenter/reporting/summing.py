"""Days that are over are summed, each exactly once: what reports over a year are read from.

One row says until when. A day and that row are written in one transaction, so that a day is either summed or read
from its calls, never both and never neither, whoever dies meanwhile. The last days stay as they are: what the spool
brings late still counts in them.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import text

from callcenter.clock import Clock
from callcenter.db.engine import Database, ReadSession, WriteSession
from callcenter.errors import Unavailable
from callcenter.reporting.agents import BREAKS, SLOTS
from callcenter.reporting.visits import FACTS, REFUSED, tune
from callcenter.roster.shifts import DAY, day_span

_log = structlog.get_logger()
SETTLED_DAYS: Final = 2
"""So many whole days before today are not summed yet: calls may still be on their way to the database."""
EVERY_S: Final = 1800.0
_PAUSE_S: Final = 0.2
"""Between two days, where many are to be summed: calls come first."""
_AGAIN_S: Final = 60.0

_FACT: Final = (
    "contact_id, visit, at, hotline, trunk, queue, agent_id, fate, wait_s, caller_fate, caller_wait_s, "
    "talk_s, hold_s, wrap_s, ratings, score"
)
_SLOT: Final = (
    "slot, agent_id, answered, offers, missed, transfers, outbound, reached, ratings, score, "
    "staffed_s, ready_s, ring_s, talk_s, hold_s, wrap_s, break_s, lost_s"
)
_SUM_CALLS: Final = text(f"INSERT INTO call_facts ({_FACT}, day) {FACTS} SELECT {_FACT}, CAST(:day AS date) FROM facts")
_SUM_SLOTS: Final = text(f"INSERT INTO agent_slots ({_SLOT}) {SLOTS} SELECT {_SLOT} FROM slots")
_SUM_BREAKS: Final = text(
    f"INSERT INTO agent_break_slots (slot, agent_id, reason, seconds) {BREAKS} SELECT * FROM breaks"
)
_UNTIL: Final = text("SELECT day FROM summed_until")
_UNTIL_MINE: Final = text("SELECT day FROM summed_until FOR UPDATE")
_BEGIN: Final = text("INSERT INTO summed_until (id, day) VALUES (1, :day) ON CONFLICT DO NOTHING")
_SET: Final = text("UPDATE summed_until SET day = :day")
_FIRST: Final = text(
    "SELECT least((SELECT min(started_at) FROM contacts), (SELECT min(started_at) FROM agent_state_log))"
)
_FORGET_CALLS: Final = text("DELETE FROM call_facts WHERE day >= :day")
_FORGET_SLOTS: Final = text("DELETE FROM agent_slots WHERE slot >= :begin")
_FORGET_BREAKS: Final = text("DELETE FROM agent_break_slots WHERE slot >= :begin")


async def summed_until(session: ReadSession) -> date | None:
    """The first day that is not summed; None: none is yet."""
    found: date | None = await session.scalar(_UNTIL)
    return found


async def sum_next_day(session: WriteSession, now: datetime, zone: ZoneInfo) -> date | None:
    """Sum the oldest day that is not, if it is settled; None: there is none. Of two who do so at once one waits."""
    day: date | None = await session.scalar(_UNTIL_MINE)
    if day is None:
        first: datetime | None = await session.scalar(_FIRST)
        if first is None:
            return None
        await session.execute(_BEGIN, {"day": first.astimezone(zone).date()})
        day = await session.scalar(_UNTIL_MINE)
        assert day is not None
    if day >= now.astimezone(zone).date() - SETTLED_DAYS * DAY:
        return None
    await tune(session)
    span = day_span(day, zone)
    binds = {"begin": span.begins, "end": span.ends, "now": now}
    await session.execute(_SUM_CALLS, {**binds, "day": day, "refused": list(REFUSED)})
    await session.execute(_SUM_SLOTS, binds)
    await session.execute(_SUM_BREAKS, binds)
    await session.execute(_SET, {"day": day + timedelta(days=1)})
    return day


async def forget_from(session: WriteSession, day: date, zone: ZoneInfo) -> None:
    """Take back the sums of this day and all after it: they are made anew from the calls."""
    until: date | None = await session.scalar(_UNTIL_MINE)
    first: datetime | None = await session.scalar(_FIRST)
    if until is None or first is None:
        return
    day = max(day, first.astimezone(zone).date())
    if day >= until:
        return
    begins = day_span(day, zone).begins
    await session.execute(_FORGET_CALLS, {"day": day})
    await session.execute(_FORGET_SLOTS, {"begin": begins})
    await session.execute(_FORGET_BREAKS, {"begin": begins})
    await session.execute(_SET, {"day": day})


class Summing:
    """Keeps the sums up; run :meth:`run` as a task."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo) -> None:
        self._database, self._clock, self._zone = database, clock, zone

    async def run(self) -> None:
        """Sum what is settled, now and twice an hour, until cancelled."""
        while True:
            pause = _AGAIN_S
            try:
                pause = _PAUSE_S if await self.sum_next() else EVERY_S
            except Unavailable as error:
                _log.warning("day_not_summed", reason=error.message)
            await asyncio.sleep(pause)

    async def sum_next(self) -> date | None:
        """See :func:`sum_next_day`. Raises Unavailable."""
        async with self._database.write() as session:
            return await sum_next_day(session, self._clock.now(), self._zone)
