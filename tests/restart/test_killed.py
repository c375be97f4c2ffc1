"""kill -9 with callers on the line, on a whole system with a real Asterisk: nobody on the telephone notices."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from callcenter.calls.tables import Contact, JournalRow, SegmentRow
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.found import postgres_pid, service_pid
from callcenter.drill.own import OwnSystem, own_system
from callcenter.recording.tables import Recording
from callcenter.settings import Settings, split_bind
from tests.support.caller import Caller

pytestmark = pytest.mark.timeout(240)

Part = Callable[[Settings], int | None]
"""Which process it is, if it runs."""


async def until(look: Callable[[], Awaitable[object]], *, within_s: float = 60.0) -> None:
    """Look again until it is so; a database and a port tell nobody when they change."""
    async with asyncio.timeout(within_s):
        while not await look():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@asynccontextmanager
async def callers(system: OwnSystem, count: int) -> AsyncIterator[Sequence[Caller]]:
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(count):
            caller = Caller(split_bind(system.settings.sip_bind), "4008009")
            await caller.open()
            stack.callback(caller.close)
            caller.dial()
            await asyncio.wait_for(caller.answered.wait(), 20)
            made.append(caller)
        yield made


@pytest.mark.parametrize("part", [service_pid, postgres_pid], ids=["service", "postgres"])
async def test_menus_go_on_and_who_waits_keeps_place_and_time_and_who_left_is_noticed(part: Part) -> None:
    async with own_system() as system, callers(system, 4) as (first, second, left, menu), httpx.AsyncClient() as http:
        db = Database(database_url(system.settings), pool_size=2)

        async def waiting() -> list[SegmentRow]:
            async with db.read() as session:
                query = select(SegmentRow).where(SegmentRow.kind == "wait").order_by(SegmentRow.started_at)
                return list(await session.scalars(query))

        async def ready() -> bool:
            with suppress(httpx.TransportError):
                return (await http.get(f"http://{system.settings.http_bind}/readyz")).status_code == 200
            return False

        async def waits(number: int) -> bool:
            return len(await waiting()) == number

        for number, caller in enumerate((first, second, left), start=1):
            caller.press("1")
            await until(lambda n=number: waits(n))  # type: ignore[misc]
        before = [(row.contact_id, row.started_at) for row in await waiting()]
        old = part(system.settings)
        assert old is not None
        os.kill(old, signal.SIGKILL)
        killed_at = datetime.now(UTC)
        left.hang_up()
        await asyncio.wait_for(left.over.wait(), 20)
        gone_at = datetime.now(UTC)

        async def back() -> bool:
            return part(system.settings) not in (None, old)

        await until(back)
        started = time.monotonic()
        await until(ready)
        print(f"ready and reconciled {time.monotonic() - started:.2f} s after its start")

        async def left_is_noticed() -> bool:
            async with db.read() as session:
                return await session.scalar(select(Contact.ended_at).where(Contact.id == before[2][0])) is not None

        await until(left_is_noticed)
        assert not any(caller.over.is_set() for caller in (first, second, menu)), "nobody was cut off"
        assert [(row.contact_id, row.started_at) for row in await waiting()] == before, "places and times as they were"
        menu.press("1")
        await until(lambda: waits(4))
        for caller in (first, second, menu):
            caller.hang_up()

        async def all_sealed() -> bool:
            async with db.read() as session:
                states = list(await session.scalars(select(Recording.state)))
                return len(states) == 4 and set(states) <= {"sealed", "empty"}

        await until(all_sealed)
        async with db.read() as session:
            contacts = {row.id: row for row in await session.scalars(select(Contact))}
            rows = await session.scalars(select(JournalRow).where(JournalRow.kind == "TakenUp"))
            # A service that lives on looks again when Asterisk did not answer in time, as on a full machine.
            taken_up = [row.call_id for row in rows if not row.payload["lived_on"]]
            numbers = (await session.execute(select(JournalRow.call_id, JournalRow.seq))).all()
        await db.close()
        assert len(contacts) == 4, "no call came twice"
        assert {row.end_reason for row in contacts.values()} == {"abandoned"}
        ended = contacts[before[2][0]].ended_at
        assert ended is not None
        second = timedelta(seconds=1)  # a capture is written once a second, or more seldom on a full machine
        assert killed_at - 3 * second <= ended <= gone_at + second, "when the line went dead, not when we were back"
        went_on = set(contacts) - {before[2][0]} if part is service_pid else set()
        assert sorted(taken_up) == sorted(went_on), "each was taken up once, and only by a service that was new"
        for call_id in contacts:
            mine = sorted(seq for owner, seq in numbers if owner == call_id)
            assert mine == list(range(1, len(mine) + 1)), "the journal has no hole"
