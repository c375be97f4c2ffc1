"""The schema the migrations make is the schema the code declares."""

from __future__ import annotations

import asyncio
import json

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.db.engine import Database, parse_url
from callcenter.db.migrate import head, upgrade
from callcenter.db.tables import metadata
from callcenter.errors import Conflict, SettingsError, Unavailable


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True, "compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_migrating_an_empty_database_gives_exactly_the_declared_tables(fresh_database: str) -> None:
    await upgrade(fresh_database)
    engine = create_async_engine(parse_url(fresh_database))
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == head()
    await engine.dispose()


async def test_what_queues_promised_is_read_from_the_versions_that_are_kept(fresh_database: str) -> None:
    await upgrade(fresh_database, "0039")
    database = Database(fresh_database)
    versions = (
        "general:\n  service_level: 20s\nnight: {title: 夜班}\ndesk: {order: urgency}\n",
        "general:\n  service_level: 20\nnight:\n  service_level: 1m\n",
        "general: [",
        "general:\n  service_level: 0.5m\n",
    )
    async with database.write() as session:
        for number, queues in enumerate(versions, start=1):
            values = {"number": number, "files": json.dumps({"queues.yaml": queues})}
            await session.execute(
                text(
                    "INSERT INTO flow_versions (number, version, created_at, author, files) "
                    "VALUES (:number, 'v', CAST('2026-03-01Z' AS timestamptz) + make_interval(days => :number), '', "
                    "CAST(:files AS jsonb))"
                ),
                values,
            )
    await upgrade(fresh_database, "0040")
    async with database.read() as session:
        found = await session.execute(
            text("SELECT queue, extract(day FROM since AT TIME ZONE 'UTC'), within_s FROM queue_targets ORDER BY 1, 2")
        )
        kept = [(queue, int(day), seconds) for queue, day, seconds in found]
    await database.close()
    assert kept == [("general", 2, 20.0), ("general", 5, 30.0), ("night", 2, 20.0), ("night", 3, 60.0)]


async def test_several_copies_may_migrate_at_once(fresh_database: str) -> None:
    await asyncio.gather(*(upgrade(fresh_database) for _ in range(4)))
    database = Database(fresh_database)
    async with database.read() as session:
        assert (await session.scalar(text("SELECT count(*) FROM dispositions"))) == 9
    await database.close()


async def test_a_database_of_a_newer_version_is_refused_in_words(fresh_database: str) -> None:
    await upgrade(fresh_database)
    database = Database(fresh_database)
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(Conflict, match="does not fit this version"):
        await upgrade(fresh_database)


async def test_a_database_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(Unavailable, match="check that PostgreSQL runs"):
        await upgrade("postgresql://someone:hidden@127.0.0.1:1/none")
    with pytest.raises(SettingsError, match="only PostgreSQL"):
        await upgrade("mysql://127.0.0.1/none")
