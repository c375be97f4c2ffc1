"""Whole services on one Asterisk and one database: there is never more than one desk."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from callcenter.db.engine import Database
from callcenter.lease.lease import STOOD_DOWN
from tests.support.caller import Caller
from tests.support.switch import Switch, free_ports
from tests.support.up import ROOT

pytestmark = pytest.mark.timeout(300)


class Machine:
    def __init__(self, folder: Path, switch: Switch, database: str) -> None:
        self.http = free_ports(1)[0]
        self.log = folder / "log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")},
            "CALLCENTER_CACHE_DIR": str(switch.settings.cache_dir),
            "CALLCENTER_DATA_DIR": str(folder / "data"),
            "CALLCENTER_HTTP_BIND": f"127.0.0.1:{self.http}",
            "CALLCENTER_ASTERISK_URL": switch.settings.asterisk_base_url,
            "CALLCENTER_ASTERISK_PASSWORD": switch.password,
            "CALLCENTER_AMI_BIND": switch.settings.ami_bind,
            "CALLCENTER_DATABASE_URL": database,
        }
        folder.mkdir()
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "callcenter", "serve", "--standby"),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    async def readyz(self) -> int:
        """200 with the desk, 503 as a standby, 0 without an answer."""
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, timeout=1) as client:
                return (await client.get(f"http://127.0.0.1:{self.http}/readyz")).status_code
        return 0

    async def becomes(self, status: int) -> None:
        try:
            async with asyncio.timeout(60):
                while await self.readyz() != status:  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"never {status}:\n{self.log.read_text()[-2000:]}") from None


async def test_a_standby_takes_over_and_one_that_was_frozen_stands_down(
    switch: Switch, migrated: str, tmp_path: Path
) -> None:
    one, two, three = machines = [Machine(tmp_path / name, switch, migrated) for name in ("one", "two", "three")]
    try:
        await one.start()
        await one.becomes(200)
        for each in (two, three):
            await each.start()
        for each in (two, three):
            await each.becomes(503)
        one.process.kill()
        await one.process.wait()
        async with asyncio.timeout(60):
            while (states := [await each.readyz() for each in (two, three)]).count(200) == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert sorted(states) == [200, 503]
        holder, waiter = (two, three) if states[0] == 200 else (three, two)
        holder.process.send_signal(signal.SIGSTOP)
        await waiter.becomes(200)
        holder.process.send_signal(signal.SIGCONT)
        assert await asyncio.wait_for(holder.process.wait(), 20) == STOOD_DOWN
        assert await waiter.readyz() == 200
        # Told to stop, the last one gives the desk up at once: the next need not wait.
        waiter.process.terminate()
        assert await asyncio.wait_for(waiter.process.wait(), 20) == 0
        await one.start()
        await one.becomes(200)
    finally:
        for each in machines:
            if hasattr(each, "process") and each.process.returncode is None:
                each.process.send_signal(signal.SIGCONT)
                each.process.kill()
                await each.process.wait()


async def test_without_standby_a_second_copy_is_refused_in_words(switch: Switch, migrated: str, tmp_path: Path) -> None:
    one, two = Machine(tmp_path / "one", switch, migrated), Machine(tmp_path / "two", switch, migrated)
    await one.start()
    try:
        await one.becomes(200)
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", "serve"),
            cwd=ROOT,
            env=two.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(second.communicate(), 60)
        assert second.returncode == 1
        assert b"has the desk of this database" in said
        assert b"Traceback" not in said
    finally:
        one.process.kill()
        await one.process.wait()


async def test_the_calls_of_a_machine_that_is_gone_live_on_at_the_standby(
    switch: Switch, migrated: str, db: Database, tmp_path: Path
) -> None:
    one, two = Machine(tmp_path / "one", switch, migrated), Machine(tmp_path / "two", switch, migrated)
    waiting, in_menu = callers = [Caller(switch.sip, "4008001") for _ in range(2)]

    async def contacts(where: str, count: int) -> list[str]:
        async with asyncio.timeout(30):
            while True:
                async with db.read() as session:
                    found = (await session.scalars(text(f"SELECT id FROM contacts WHERE {where}"))).all()  # noqa: S608
                if len(found) == count:
                    return [str(each) for each in found]
                await asyncio.sleep(0.1)

    try:
        await one.start()
        await one.becomes(200)
        await two.start()
        await two.becomes(503)
        for caller in callers:
            await caller.open()
            caller.dial()
            await asyncio.wait_for(caller.answered.wait(), 20)
        both = await contacts("ended_at IS NULL", 2)
        waiting.press("0")
        await contacts("queue IS NOT NULL", 1)
        one.process.kill()
        await one.process.wait()
        await two.becomes(200)
        assert not any(caller.over.is_set() for caller in callers)
        assert sorted(await contacts("ended_at IS NULL", 2)) == sorted(both)
        in_menu.press("0")  # the menu goes on
        await contacts("queue IS NOT NULL", 2)
        for caller in callers:
            caller.hang_up()
        await contacts("end_reason = 'abandoned'", 2)
        assert sorted(await contacts("true", 2)) == sorted(both)
    finally:
        for caller in callers:
            caller.close()
        for each in (one, two):
            if hasattr(each, "process") and each.process.returncode is None:
                each.process.kill()
                await each.process.wait()
