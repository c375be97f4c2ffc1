"""kill -9 while a caller talks with a telephone outside, and nobody of ours is in the call: neither of them notices."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from callcenter.calls.tables import Contact, JournalRow, SegmentRow
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.drill.found import service_pid
from callcenter.drill.own import free_ports, own_system
from tests.restart.test_killed import callers, until
from tests.support.far import Far
from tests.web.test_dial import at_any_hour

pytestmark = pytest.mark.timeout(240)


def putting_through(folder: Path) -> Path:
    flows = at_any_hour(folder)
    drill = flows / "drill.yaml"
    text = drill.read_text(encoding="utf-8")
    assert "    queue: drill\n" in text
    text = text.replace(
        "    queue: drill\n", "    transfer: {number: '13800000002'}\n    next: bye\n    on_error: bye\n"
    )
    drill.write_text(text.replace("end: queue:drill", "end: transfer:13800000002"), encoding="utf-8")
    return flows


async def test_two_who_talk_without_us_talk_on_and_their_end_is_noticed(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    far = Far(port)
    await far.open()
    settings = {"demo_trunk": f"127.0.0.1:{port}", "flows_dir": str(putting_through(tmp_path / "flows"))}
    async with own_system(**settings) as system, callers(system, 1) as (caller,), httpx.AsyncClient() as http:
        db = Database(database_url(system.settings), pool_size=2)

        async def kinds() -> list[tuple[str, str | None]]:
            async with db.read() as session:
                rows = await session.scalars(select(SegmentRow).order_by(SegmentRow.seq))
                return [(row.kind, row.number) for row in rows]

        async def talks() -> bool:
            return (await kinds())[-1:] == [("outside", "13800000002")]

        async def taken_up() -> bool:
            async with db.read() as session:
                return await session.scalar(select(JournalRow.seq).where(JournalRow.kind == "TakenUp")) is not None

        async def ready() -> bool:
            with suppress(httpx.TransportError):
                return (await http.get(f"http://{system.settings.http_bind}/readyz")).status_code == 200
            return False

        async def contact() -> Contact | None:
            async with db.read() as session:
                found: Contact | None = await session.scalar(select(Contact).where(Contact.ended_at.is_not(None)))
                return found

        caller.press("1")
        await asyncio.wait_for(far.answered.wait(), 20)
        await until(talks)
        old = service_pid(system.settings)
        assert old is not None
        os.kill(old, signal.SIGKILL)
        await until(taken_up)
        await until(ready)
        assert not caller.over.is_set()
        assert not far.over.is_set()
        assert len(far.invites) == 1, "nobody is rung again"
        far.hang_up()
        await asyncio.wait_for(caller.over.wait(), 20)
        await until(contact)
        ended = await contact()
        assert ended is not None
        assert ended.end_reason == "flow_ended", "the flow went on after they had hung up"
        assert [kind for kind, _ in await kinds()] == ["menu", "dial", "outside", "menu"]
        await db.close()
    far.close()
