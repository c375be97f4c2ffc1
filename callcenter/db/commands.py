"""``callcenter backup`` and ``restore``: the database as one file, by PostgreSQL's own tools."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
from sqlalchemy import text

from callcenter.db.embedded import EmbeddedPostgres, tool
from callcenter.db.engine import Database, parse_url
from callcenter.db.locate import database_url
from callcenter.errors import CallCenterError, Conflict
from callcenter.parent.checks import only_copy
from callcenter.settings import Settings, load_settings


class ToolFailed(CallCenterError):
    """``pg_dump`` or ``pg_restore`` did not do it; the message has its words."""

    code = "tool_failed"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into FILE while everything runs. FILE appears when it is complete."""
    url = database_url(load_settings())
    fresh = file.with_name(f".{file.name}.part")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))  # customers' data: for our account alone
    try:
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={fresh}")
        os.replace(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
    click.echo(f"{file}: {file.stat().st_size >> 10} KiB")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Read FILE, made by `backup`, into an empty database, while nothing runs on it."""
    asyncio.run(_restore(load_settings(), file))
    click.echo("restored; `callcenter up` (or `callcenter migrate`) brings it to this version's schema")


async def _restore(settings: Settings, file: Path) -> None:
    async with _database(settings) as url:
        database = Database(url, pool_size=1)
        try:
            async with database.read() as session:
                tables = await session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        finally:
            await database.close()
        if tables:
            raise Conflict(
                "this database is not empty, and what is in it would be mixed with the backup: give a new one "
                "(CALLCENTER_DATA_DIR of an empty folder, or CALLCENTER_DATABASE_URL)"
            )
        into = f"--dbname={parse_url(url).database}"
        await asyncio.to_thread(
            _run, "pg_restore", url, into, "--no-owner", "--no-privileges", "--single-transaction", str(file)
        )


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[str]:
    """The address of a database that nobody serves: one's own, or the embedded one, started for it."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with only_copy(settings.data_dir):
        server = EmbeddedPostgres(settings.data_dir / "postgres")
        await server.start()
        try:
            yield server.url()
        finally:
            await server.stop()


def _run(name: str, url: str, *arguments: str) -> None:
    """Raises ToolFailed. The password goes by the environment: arguments can be read by everybody."""
    at = parse_url(url)
    where = {
        "PGHOST": at.host or "",
        "PGPORT": str(at.port or 5432),
        "PGUSER": at.username or "",
        "PGPASSWORD": str(at.password or ""),
        "PGDATABASE": at.database or "",
        "PGSSLMODE": str(at.query.get("ssl", "prefer")),
    }
    environment = {"PATH": os.defpath, "LC_ALL": "C", **where}
    done = subprocess.run([str(tool(name)), *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise ToolFailed(f"{name}: {done.stderr.strip()[-600:]}")
