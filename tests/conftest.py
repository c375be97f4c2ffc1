"""What tests share: one real PostgreSQL for the whole run, and a database of its own for each test."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from callcenter.db.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One for each session (with xdist, for each worker)."""
    folder = Path(tempfile.mkdtemp(prefix="callcenter-postgres-"))
    # Nothing here need survive; and a database is dropped by its owner, who may not end an autovacuum worker in it.
    server = EmbeddedPostgres(folder / "postgres", ("fsync=off", "max_connections=200", "autovacuum=off"))
    with asyncio.Runner() as runner:
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: EmbeddedPostgres) -> str:
    return postgres.url()


@pytest.fixture
async def fresh_database(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The address of an empty database that is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    admin = postgres.url().replace("+asyncpg", "")
    connection = await asyncpg.connect(admin)
    await connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield postgres.url(name)
    finally:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()
