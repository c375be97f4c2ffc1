"""The embedded PostgreSQL: real, private, and back with its data after a restart."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from callcenter.db.embedded import EmbeddedPostgres


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name) / "postgres"


async def test_what_was_written_is_there_after_a_restart(folder: Path) -> None:
    for value in (None, "kept"):
        server = EmbeddedPostgres(folder)
        await server.start()
        try:
            connection = await asyncpg.connect(server.url().replace("+asyncpg", ""))
            if value is None:
                await connection.execute("CREATE TABLE note (text text); INSERT INTO note VALUES ('kept')")
            else:
                assert await connection.fetchval("SELECT text FROM note") == value
            await connection.close()
        finally:
            await server.stop()


async def test_without_the_password_nobody_comes_in(postgres_url: str) -> None:
    address = postgres_url.replace("+asyncpg", "")
    before, _, after = address.partition("@")
    wrong = before.rpartition(":")[0] + ":wrong@" + after
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)


async def test_each_test_has_a_database_of_its_own(fresh_database: str) -> None:
    connection = await asyncpg.connect(fresh_database.replace("+asyncpg", ""))
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0
