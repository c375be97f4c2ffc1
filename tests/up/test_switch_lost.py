"""Asterisk dies with callers in it: their calls are closed as cut off by it, and they are called back first."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any

import asyncpg
import pytest

from callcenter.db.embedded import running_url
from tests.support.caller import Caller
from tests.support.up import Copy

pytestmark = pytest.mark.timeout(300)


async def _until(connection: Any, query: str, count: int) -> list[Any]:
    async with asyncio.timeout(60):
        while len(rows := await connection.fetch(query)) < count:  # noqa: ASYNC110 - the service's doing
            await asyncio.sleep(0.1)
    return list(rows)


async def test_callers_whom_asterisk_cut_off_are_called_back_first(up: Copy) -> None:
    await up.ready()
    url = running_url(up.folder / "data" / "postgres")
    assert url is not None
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    waiting, in_menu = callers = [Caller(("127.0.0.1", up.sip), "4008001") for _ in range(2)]
    try:
        for caller in callers:
            await caller.open()
            caller.dial()
            await asyncio.wait_for(caller.answered.wait(), 20)
        await _until(connection, "SELECT id FROM contacts", 2)
        waiting.press("0")
        await _until(connection, "SELECT id FROM contacts WHERE queue IS NOT NULL", 1)
        before = time.time()
        os.kill(up.parts()["asterisk"], signal.SIGKILL)
        await up.says("Asterisk is back after")
        contacts = await _until(connection, "SELECT * FROM contacts WHERE end_reason = 'switch_lost'", 2)
        assert all(abs(row["ended_at"].timestamp() - before) < 10 for row in contacts)
        assert {row["ended_by"] for row in contacts} == {"system"}
        places = await _until(connection, "SELECT * FROM callbacks ORDER BY since", 2)
        assert {row["contact_id"] for row in places} == {row["id"] for row in contacts}
        assert {(row["priority"], row["created_by"], row["state"]) for row in places} == {(9, "switch_lost", "open")}
        assert [row["since"] for row in places] == sorted(row["started_at"] for row in contacts)
        incidents = await _until(connection, "SELECT kind FROM incidents WHERE kind IN ('switch_lost')", 1)
        assert incidents
        # Killed right after it: nobody is called back twice.
        os.kill(up.parts()["service"], signal.SIGKILL)
        await up.says("the service is back after")
        await up.ready()
        os.kill(up.parts()["asterisk"], signal.SIGKILL)
        await up.says("(restart 2)")
        await up.ready()
        assert await connection.fetchval("SELECT count(*) FROM callbacks") == 2
    finally:
        for caller in (waiting, in_menu):
            caller.close()
        await connection.close()
