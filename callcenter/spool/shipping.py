"""Brings the spool's entries to PostgreSQL: in order, in groups, each exactly once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from callcenter.clock import Clock
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.db.engine import Database, WriteSession
from callcenter.errors import CallCenterError, Unavailable
from callcenter.facts import Alarm, Facts
from callcenter.spool.fence import Fence, no_fence
from callcenter.spool.store import ALARMS, Entry, Spool
from callcenter.spool.tables import SpoolMark

INCIDENT: Final = "incident"
"""The kind of an entry by which operations are told something."""
GATHER_S = 0.02
"""What comes in so short a time goes together."""
EVERY_S = 0.1
"""From one group's beginning to the next one's. Each has its own transaction, fence and mark, which cost more than
what is in it: at eight new calls a second, groups that followed on each other at once were thirty a second."""
BATCH = 250
SYNC_EVERY_S = 0.5
RETRY_S = 0.5
_mark = insert(SpoolMark.metadata.tables["spool_marks"])
_MARK: Final = Fixed(
    _mark.on_conflict_do_update(
        index_elements=["spool"], set_={"number": _mark.excluded.number, "at": _mark.excluded.at}
    ),
    *("spool", "number", "at"),
)
_log = structlog.get_logger()

Handler = Callable[[WriteSession, Sequence[Entry]], Awaitable[None]]
"""Writes entries of one kind, within one unit of work that also notes how far the spool is."""


@dataclass(frozen=True, slots=True)
class Straight:
    """A handler that needs no session: a group of such kinds alone, as nearly all are, goes by the driver."""

    write: Callable[[DirectWrite, Sequence[Entry]], Awaitable[None]]


def _no_alarm(kind: str, text: str, *, facts: Facts) -> None:
    pass


class Shipper:
    def __init__(
        self,
        spool: Spool,
        db: Database,
        clock: Clock,
        handlers: Mapping[str, Handler | Straight],
        *,
        alarm: Alarm = _no_alarm,
        done: Callable[[Sequence[Entry]], None] = lambda entries: None,
        fence: Fence = no_fence,
        apart: Collection[str] = (),
    ) -> None:
        """``done`` is told what PostgreSQL has, after the commit; ``fence`` is asked first in every transaction.

        ``apart``: kinds that depend on no other and none on them; those of a group are written at once.
        """
        self._apart = frozenset(apart)
        self._fence = fence
        self._spool, self._db, self._clock = spool, db, clock
        self._handlers, self._alarm, self._done = handlers, alarm, done
        self._news, self._hurry = asyncio.Event(), asyncio.Event()
        self._doubt = True
        """Whether the last group is there is not known: look before writing on."""
        self._away = False
        self._written_to = 0
        """The last number of which this process was told that it is there."""
        self._alarmed = 0.0
        self._told_memory = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def away(self) -> bool:
        """The database did not answer the last time."""
        return self._away

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    def hurry(self) -> None:
        """There is something new that others wait for: it goes without a pause."""
        self._hurry.set()
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled; what is waiting then is written by :meth:`drain`, or after the next start."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ship())
            group.create_task(self._look_after())

    async def drain(self) -> None:
        """Write all that is waiting. Returns when it is committed or the database refuses."""
        while self._spool.unshipped and await self.ship_some():
            pass

    async def _ship(self) -> None:
        loop = asyncio.get_running_loop()
        began = float("-inf")
        while True:
            if not self._spool.unshipped:
                self._news.clear()
                await self._news.wait()
            if self._spool.unshipped < BATCH:
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(GATHER_S, began + EVERY_S - loop.time())):
                        await self._hurry.wait()
            self._hurry.clear()
            began = loop.time()
            if not await self.ship_some():
                await asyncio.sleep(RETRY_S)

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(SYNC_EVERY_S)
            try:
                await asyncio.to_thread(self._spool.sync)
            except OSError as error:
                _log.error("spool_not_synced", reason=error.strerror)
            self._spool.write_memory()
            self._watch()

    def _watch(self) -> None:
        filled = self._spool.filled
        reached = max((share for share in ALARMS if filled >= share), default=0.0)
        if reached > self._alarmed:
            text = f"the spool is {filled:.0%} full with {self._spool.unshipped} entries that PostgreSQL does not have"
            self._alarm("spool_filling", text, facts={"share": filled, "entries": self._spool.unshipped})
        self._alarmed = reached
        if self._spool.in_memory and not self._told_memory:
            text = f"the disk of {self._spool.path} takes no more: events are kept in memory only; free some space"
            self._alarm("spool_disk_full", text, facts={"path": str(self._spool.path)})
        self._told_memory = bool(self._spool.in_memory)

    async def ship_some(self) -> bool:
        """One group. False when the database is away."""
        async with self._one_at_a_time:
            try:
                if self._doubt:
                    await self._look()
                entries = self._spool.pending(BATCH)
                if entries:
                    await self._write_group(entries)
            except (Unavailable, DBAPIError) as error:
                self._doubt = True
                if not self._away:
                    _log.warning("spool_waits", entries=self._spool.unshipped, error=type(error).__name__)
                self._away = True
                return False
            if self._away:
                _log.info("spool_goes_on", entries=self._spool.unshipped)
            self._away = False
            return True

    async def _look(self) -> None:
        """What of ours is there already."""
        async with self._db.read() as session:
            mark = await session.scalar(select(SpoolMark.number).where(SpoolMark.spool == self._spool.id))
        if (mark or 0) < self._written_to:
            text = "the database has less than was written to it: a copy that lagged took over, or a backup came back"
            self._alarm("database_behind", text, facts={"had": self._written_to, "has": mark or 0})
            self._written_to = mark or 0
        while mark is not None:
            there = [entry for entry in self._spool.pending(BATCH) if entry.number <= mark]
            if not there:
                break
            self._finish(there)
        self._doubt = False

    async def _write_group(self, entries: Sequence[Entry]) -> None:
        try:
            if all(isinstance(self._handlers[kind], Straight) for kind in {entry.kind for entry in entries}):
                async with self._db.direct_write() as direct:
                    await self._write(direct, None, entries)
            else:
                async with self._db.write() as session:
                    await self._write(await session.direct(), session, entries)
        except Unavailable:
            raise
        except (CallCenterError, SQLAlchemyError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            if len(entries) > 1:  # one of them is not acceptable: find it, and let the others through
                middle = len(entries) // 2
                await self._write_group(entries[:middle])
                await self._write_group(entries[middle:])
                return
            await self._put_aside(entries[0], error)
        self._finish(entries)

    async def _write(self, direct: DirectWrite, session: WriteSession | None, entries: Sequence[Entry]) -> None:
        await self._fence(direct)
        in_turn = sorted(entries, key=lambda entry: entry.kind if entry.kind in self._apart else "")
        for kind, group in groupby(in_turn, key=lambda entry: entry.kind):
            handler = self._handlers[kind]
            if isinstance(handler, Straight):
                await handler.write(direct, list(group))
            elif session is not None:
                await handler(session, list(group))
                await session.flush()  # the driver writes on after it
        await self._mark(direct, entries[-1].number)

    async def _put_aside(self, entry: Entry, error: Exception) -> None:
        """What PostgreSQL refuses must not hold up the rest, and is not thrown away either."""
        reason = error.message if isinstance(error, CallCenterError) else type(error).__name__
        _log.error("spool_entry_refused", kind=entry.kind, number=entry.number, reason=reason)
        self._spool.set_notes("refused", {f"{entry.number}-{entry.kind}-{entry.key}": entry.payload})
        text = f"a {entry.kind} (number {entry.number}) was refused: {reason}"
        facts: Facts = {"entry": entry.kind, "number": entry.number, "reason": reason}
        if entry.kind != INCIDENT:  # else each would be told by another
            self._alarm("spool_entry_refused", text, facts=facts)
        async with self._db.direct_write() as direct:
            await self._mark(direct, entry.number)

    def _finish(self, entries: Sequence[Entry]) -> None:
        self._written_to = max(self._written_to, entries[-1].number)
        self._spool.shipped(entries)
        self._done(entries)

    async def _mark(self, direct: DirectWrite, number: int) -> None:
        await direct.put(_MARK, [{"spool": self._spool.id, "number": number, "at": self._clock.now()}])
