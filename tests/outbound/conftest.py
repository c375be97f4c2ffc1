"""One real Asterisk, and a database of its own for each test in the same loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from callcenter.db.embedded import EmbeddedPostgres
from callcenter.db.engine import Database
from tests.asterisk.conftest import module_switch, shared_switch
from tests.databases import database_of_its_own

__all__ = ["module_switch", "shared_switch"]


@pytest_asyncio.fixture(loop_scope="module")
async def places(postgres: EmbeddedPostgres, migrated_template: str) -> AsyncIterator[Database]:
    """An empty, migrated database."""
    async with database_of_its_own(postgres, like=migrated_template) as url:
        database = Database(url)
        yield database
        await database.close()
