"""The spare of the service: stands by loaded, goes on when the service dies or hangs, and is never of older code."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

import httpx
import pytest
from sqlalchemy import select

from callcenter.calls.tables import Incident
from callcenter.db.engine import Database
from callcenter.db.locate import database_url
from callcenter.errors import CallCenterError
from callcenter.parent.control import ask
from callcenter.processes import command_line, started_at
from callcenter.settings import load_settings
from tests.support.up import Copy

pytestmark = pytest.mark.timeout(400)


async def spare_of(up: Copy, *, other_than: int | None = None) -> int:
    """The spare once it has loaded everything."""
    async with asyncio.timeout(60):
        while True:
            # Not by the command line: a process that is started for each look takes the spare's time to load.
            with suppress(CallCenterError):
                told = await asyncio.to_thread(ask, load_settings(up.environment).data_dir, "status", timeout_s=5)
                found = told["spare"]["pid"]
                if found and found != other_than:
                    return int(found)
            await asyncio.sleep(0.1)


async def gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while started_at(pid) is not None:  # noqa: ASYNC110 - not our child: nobody tells
            await asyncio.sleep(0.05)


async def serves(up: Copy) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        with suppress(httpx.TransportError):
            return (await client.get(f"http://127.0.0.1:{up.http}/readyz")).status_code == 200
    return False


async def incidents(up: Copy) -> list[Incident]:
    db = Database(database_url(load_settings(up.environment)), pool_size=1)
    try:
        async with db.read() as session:
            return list(await session.scalars(select(Incident).order_by(Incident.at)))
    finally:
        await db.close()


async def test_a_killed_service_is_followed_by_its_spare_and_that_one_has_a_spare_again(up: Copy) -> None:
    await up.ready()
    # As soon as it is ready: the first service is itself a copy of what the next one is made from.
    assert "--spare-fd" in command_line(up.parts()["service"])
    os.kill(up.parts()["service"], signal.SIGKILL)
    await up.says("the service is back after")
    await up.ready()
    assert "--spare-fd" in command_line(up.parts()["service"]), "nothing was loaded anew"
    spare = await spare_of(up)
    before = up.parts()
    os.kill(before["service"], signal.SIGKILL)
    async with asyncio.timeout(30):
        while up.parts()["service"] == before["service"]:  # noqa: ASYNC110 - a process tells nobody that it is another
            await asyncio.sleep(0.02)
    await up.ready()
    after = up.parts()
    assert after == {**before, "service": spare}
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{up.http}/healthz")).status_code == 200
    # Again, and once more at once: each time the next one is there already.
    for _ in range(2):
        before = up.parts()
        os.kill(before["service"], signal.SIGKILL)
        async with asyncio.timeout(20):
            while up.parts()["service"] == before["service"] or not await serves(up):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert "--spare-fd" in command_line(up.parts()["service"])
        assert up.parts() == {**before, "service": up.parts()["service"]}
    another = await spare_of(up)
    assert another not in up.parts().values()
    assert "was ended by SIGKILL" in up.log.read_text(), "a copy of a copy's end is told as any other's"
    assert await up.stop() == 0
    await gone(another)


async def test_a_restart_never_leaves_a_spare_of_the_old_code(up: Copy) -> None:
    await up.ready()
    spare = await spare_of(up)
    code, said = await up.command("restart")
    assert code == 0, said
    assert started_at(spare) is None, "it went before the new service came"
    assert up.parts()["service"] != spare
    assert await spare_of(up, other_than=spare) != spare


async def test_a_spare_ends_when_its_parent_was_killed_and_one_that_died_costs_nothing(up: Copy) -> None:
    await up.ready()
    spare = await spare_of(up)
    os.kill(spare, signal.SIGKILL)
    await up.says("the spare of the service was ended by SIGKILL")
    os.kill(up.parts()["service"], signal.SIGKILL)
    await up.says("the service is back after")
    await up.ready()
    another = await spare_of(up, other_than=spare)
    up.process.kill()
    await up.process.wait()
    await gone(another)
    # The service itself lives on without its parent; the next one ends it.
    await up.start()
    await up.says("the service of an earlier copy was still there, and is ended")
    async with asyncio.timeout(90):
        while up.log.read_text().count("… ready after") < 2:  # noqa: ASYNC110 - a file tells nobody that it grew
            await asyncio.sleep(0.1)
    assert await up.stop() == 0
    assert up.left() == []


async def test_a_service_that_does_nothing_any_more_is_killed_and_another_goes_on(up: Copy) -> None:
    await up.ready()
    await spare_of(up)
    stuck = up.parts()["service"]
    os.kill(stuck, signal.SIGSTOP)
    try:
        await up.says("the service did nothing any more and was killed; starting it again", timeout_s=30)
    finally:
        if started_at(stuck) is not None:
            os.kill(stuck, signal.SIGCONT)
    await up.says("the service is back after")
    await up.ready()
    assert up.parts()["service"] != stuck
    async with asyncio.timeout(20):
        while not any(one.kind == "service_hung" for one in await incidents(up)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
