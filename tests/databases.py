"""Databases for tests: one real PostgreSQL for the whole run, and a database of its own for each test."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from callcenter.db.migrate import upgrade

_TEMPLATE = "migrated"


@asynccontextmanager
async def database_of_its_own(postgres: EmbeddedPostgres, *, like: str = "template1") -> AsyncIterator[str]:
    """The URL of a new copy of ``like``, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    admin = await asyncpg.connect(postgres.url().replace("+asyncpg", ""))
    # A file is copied faster than logged, and nothing here need survive.
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}" STRATEGY file_copy')
    try:
        yield postgres.url(name)
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


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
    """URL of an empty database."""
    async with database_of_its_own(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres) -> str:
    """Name of a database with the present schema, for others to be copied from: migrating takes longer."""

    async def make() -> None:
        admin = await asyncpg.connect(postgres.url().replace("+asyncpg", ""))
        await admin.execute(f'CREATE DATABASE "{_TEMPLATE}"')
        await admin.close()
        await upgrade(postgres.url(_TEMPLATE))

    asyncio.run(make())
    return _TEMPLATE


@pytest.fixture
async def migrated(postgres: EmbeddedPostgres, migrated_template: str) -> AsyncIterator[str]:
    """URL of a database with the present schema and nothing in it but what migrations seed."""
    async with database_of_its_own(postgres, like=migrated_template) as url:
        yield url


@pytest.fixture
async def db(migrated: str) -> AsyncIterator[Database]:
    database = Database(migrated)
    yield database
    await database.close()
