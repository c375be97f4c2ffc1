"""Bringing a database to the schema of this version."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from callcenter.db.engine import CONNECTION_FAILURES, connect_args, parse_url, unavailable
from callcenter.errors import Conflict

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

_LOCK = 0x63616C6C
"""Advisory lock that all copies take in turn; any number does that nobody else uses."""


def config(connection: Connection | None = None, output: io.StringIO | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    attributes: dict[str, Any] = {} if connection is None else {"connection": connection}
    made = Config(stdout=output or io.StringIO(), attributes=attributes)
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def head() -> str:
    """The newest revision this version knows."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


async def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, in one transaction. Several copies may do so at once: one works, others wait.

    Raises Unavailable when the database is away, Conflict when it is newer than this version.
    """
    parsed = parse_url(url)
    connection: AsyncConnection | None = None
    engine = create_async_engine(parsed, poolclass=NullPool, connect_args=connect_args(0))
    try:
        try:
            connection = await engine.connect()
        except CONNECTION_FAILURES as error:
            raise unavailable(parsed, error) from error
        async with connection.begin():
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            try:
                await connection.run_sync(lambda sync: command.upgrade(config(sync), revision))
            except CommandError as error:
                raise Conflict(
                    f"the database's schema does not fit this version ({error}); "
                    "run the version that made it, or restore a backup"
                ) from error
    finally:
        if connection is not None:
            await connection.close()
        await engine.dispose()


def upgrade_blocking(url: str) -> None:
    """:func:`upgrade` for callers outside an event loop (the command line)."""
    asyncio.run(upgrade(url))
