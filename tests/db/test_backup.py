"""The database into a file, and from the file into an empty database."""

from __future__ import annotations

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from callcenter.access import accounts
from callcenter.access.roles import Role
from callcenter.cli import cli
from callcenter.db.engine import Database
from callcenter.errors import Conflict


async def test_a_backup_is_restored_into_an_empty_database_alone(
    db: Database, migrated: str, fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.write() as session:
        made = await accounts.create(
            session, datetime.now(UTC), login="wang", name="王", role=Role.AGENT, password_hash="-"
        )
    monkeypatch.delenv("CALLCENTER_CONFIG", raising=False)
    file = tmp_path / "night.dump"

    async def run(command: str, url: str) -> None:
        monkeypatch.setenv("CALLCENTER_DATABASE_URL", url)
        words = [command, str(file)]
        done = await asyncio.to_thread(CliRunner().invoke, cli, words, catch_exceptions=True)
        if done.exception is not None:
            raise done.exception

    await run("backup", migrated)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*.dump*")] == ["night.dump"]
    await run("restore", fresh_database)
    database = Database(fresh_database)
    async with database.read() as session:
        assert (await accounts.by_login(session, "wang")).id == made.id
    await database.close()
    with pytest.raises(Conflict, match="not empty"):
        await run("restore", fresh_database)
