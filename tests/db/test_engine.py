"""Units of work: reads cannot write, writes are all or nothing, a database that is away is told in words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from callcenter.calls.tables import Incident
from callcenter.db.engine import FRESH_S, Database
from callcenter.errors import Unavailable
from callcenter.ids import new_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_what_is_written_is_read_back_as_it_was(db: Database) -> None:
    number = new_id()
    async with db.write() as session:
        session.add(Incident(id=number, at=AT, kind="test", text="一"))
    async with db.read() as session:
        row = (await session.scalars(select(Incident).where(Incident.id == number))).one()
        assert (row.id, row.at, row.text, row.resolved_at) == (number, AT, "一", None)


async def test_a_block_that_raises_leaves_nothing(db: Database) -> None:
    number = new_id()
    with pytest.raises(KeyError):
        async with db.write() as session:
            session.add(Incident(id=number, at=AT, kind="test", text="x"))
            await session.flush()
            raise KeyError
    async with db.read() as session:
        assert await session.get(Incident, number) is None


async def test_a_read_session_cannot_write_and_the_pool_forgets_that_afterwards(db: Database) -> None:
    insert = text("INSERT INTO incidents (id, at, kind, text) VALUES (gen_random_uuid(), now(), 'test', '')")
    with pytest.raises(DBAPIError, match="read-only"):
        async with db.read() as session:
            await session.execute(insert)
    async with db.write() as session:
        await session.execute(insert)


async def test_naive_times_and_malformed_ids_are_refused(db: Database) -> None:
    for bad in ({"id": new_id(), "at": datetime(2026, 3, 1)}, {"id": "no-id", "at": AT}):  # noqa: DTZ001
        with pytest.raises(StatementError):
            async with db.write() as session:
                session.add(Incident(kind="test", text="x", **bad))


async def test_a_statement_that_takes_too_long_is_unavailable(migrated: str) -> None:
    database = Database(migrated, statement_timeout_s=0.5)
    with pytest.raises(Unavailable):
        async with database.read() as session:
            await session.execute(text("SELECT pg_sleep(5)"))
    await database.ping()
    await database.close()


async def test_a_connection_cut_by_the_server_is_replaced(db: Database) -> None:
    await db.ping()
    with pytest.raises(Unavailable):
        async with db.write() as session:
            await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    await db.ping()


async def test_connections_cut_while_they_rest_fail_nobody(db: Database, migrated: str) -> None:
    await db.warm_up()
    other = Database(migrated, pool_size=1)
    async with other.read() as session:
        # The second argument waits until each has gone: without it, one may be cut while it works for a ping.
        cut = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database()"
        assert await session.scalar(text(f"{cut} AND pid <> pg_backend_pid() AND application_name = 'callcenter'"))
    for _ in range(20):
        await db.ping()
    await other.close()


async def test_an_unreachable_database_says_what_to_do_and_keeps_the_password_to_itself() -> None:
    database = Database("postgresql://someone:hidden@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="CALLCENTER_DATABASE_URL") as caught:
        await database.ping()
    assert "hidden" not in caught.value.message
    await database.close()


async def test_an_error_of_the_block_itself_is_not_blamed_on_the_database(db: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with db.read():
            raise FileNotFoundError


async def test_a_pool_that_is_busy_is_not_taken_for_a_database_that_is_away(migrated: str) -> None:
    database = Database(migrated, pool_size=2)
    try:
        async with database.read(), database.read():
            waits = asyncio.create_task(database.ping())
            while not waits.done():
                database._answered_at = asyncio.get_running_loop().time()  # what a connection that comes back does
                await asyncio.wait({waits}, timeout=0.1 * FRESH_S)
            with pytest.raises(Unavailable):  # this one waited too long ...
                await waits
        await database.ping()  # ... and nobody else is refused for it
    finally:
        await database.close()
