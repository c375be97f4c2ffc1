"""One real Asterisk, and a database of its own for each test in the same loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest_asyncio

from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from callcenter.db.migrate import upgrade
from tests.asterisk.conftest import shared_switch

__all__ = ["shared_switch"]


@pytest_asyncio.fixture(loop_scope="module")
async def places(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """An empty, migrated database."""
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(postgres.url().replace("+asyncpg", ""))
    await admin.execute(f'CREATE DATABASE "{name}"')
    await upgrade(postgres.url(name))
    database = Database(postgres.url(name))
    try:
        yield database
    finally:
        await database.close()
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()
