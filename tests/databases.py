"""Databases for tests: migrated, and each test's own. Import the fixtures into a folder's conftest."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from callcenter.db.engine import Database
from callcenter.db.migrate import upgrade


@pytest.fixture
async def migrated(fresh_database: str) -> str:
    """URL of a database with the present schema and nothing in it but what migrations seed."""
    await upgrade(fresh_database)
    return fresh_database


@pytest.fixture
async def db(migrated: str) -> AsyncIterator[Database]:
    database = Database(migrated)
    yield database
    await database.close()
