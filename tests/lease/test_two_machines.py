"""Whole services on one Asterisk and one database: there is never more than one desk."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from callcenter.db.engine import Database
from callcenter.drill.crew import DrillAgent, enlist
from callcenter.drill.phone import PhoneBank
from callcenter.lease.lease import STOOD_DOWN
from tests.lease.machine import Machine
from tests.support.caller import Caller
from tests.support.proxy import proxy
from tests.support.switch import Switch
from tests.support.up import ROOT

pytestmark = pytest.mark.timeout(300)


async def test_a_standby_takes_over_and_one_that_was_frozen_stands_down(
    switch: Switch, migrated: str, tmp_path: Path
) -> None:
    machines = [Machine(tmp_path / name, switch, migrated) for name in ("one", "two", "three", "four")]
    one, two, three, _ = machines
    try:
        await one.start()
        await one.becomes(200)
        for each in (two, three):
            await each.start()
        await without_standby_it_is_refused_in_words(machines[3])
        for each in (two, three):
            await each.becomes(503)
        one.process.kill()
        await one.process.wait()
        async with asyncio.timeout(60):
            while sorted(states := [await each.readyz() for each in (two, three)]) != [200, 503]:
                assert states.count(200) < 2
                await asyncio.sleep(0.1)
        holder, waiter = (two, three) if states[0] == 200 else (three, two)
        holder.process.send_signal(signal.SIGSTOP)
        await waiter.becomes(200)
        holder.process.send_signal(signal.SIGCONT)
        assert await asyncio.wait_for(holder.process.wait(), 20) == STOOD_DOWN
        await waiter.becomes(200)
        # Told to stop, the last one gives the desk up at once: the next need not wait.
        waiter.process.terminate()
        assert await asyncio.wait_for(waiter.process.wait(), 20) == 0
        await one.start()
        await one.becomes(200)
    finally:
        for each in machines:
            await each.end()


async def without_standby_it_is_refused_in_words(another: Machine) -> None:
    """A copy that is not told to stand by, while one has the desk."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "serve"),
        cwd=ROOT,
        env=another.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert b"has the desk of this database" in said
    assert b"Traceback" not in said


@asynccontextmanager
async def front(*machines: Machine) -> AsyncIterator[str]:
    """What stands before both (a proxy that asks ``/readyz``): browsers go to the one that has the desk, and
    connections to one that has it no more are ended. Gives its address."""
    async with proxy(("127.0.0.1", machines[0].http)) as line:

        async def steer() -> None:
            while True:
                for each in machines:
                    if await each.readyz() == 200 and line.target != ("127.0.0.1", each.http):
                        line.target = ("127.0.0.1", each.http)
                        line.cut()
                await asyncio.sleep(0.2)

        steering = asyncio.create_task(steer())
        try:
            yield f"http://127.0.0.1:{line.port}"
        finally:
            steering.cancel()


async def test_the_calls_and_pages_of_a_machine_that_is_frozen_live_on_at_the_standby(
    switch: Switch, migrated: str, db: Database, tmp_path: Path
) -> None:
    """One that is killed is in ``test_edge.py``."""
    one, two = Machine(tmp_path / "one", switch, migrated), Machine(tmp_path / "two", switch, migrated)
    talking, waiting, in_menu = callers = [Caller(switch.sip, "4008009") for _ in range(3)]
    bank, released = PhoneBank(switch.sip), asyncio.Event()

    async def contacts(where: str, count: int) -> list[str]:
        async with asyncio.timeout(30):
            while True:
                async with db.read() as session:
                    query = f"SELECT id FROM contacts WHERE {where} ORDER BY id"  # noqa: S608
                    found = (await session.scalars(text(query))).all()
                if len(found) == count:
                    return [str(each) for each in found]
                await asyncio.sleep(0.1)

    async with AsyncExitStack() as stack:
        for each in (one, two):
            stack.push_async_callback(each.end)
        await one.start()
        await one.becomes(200)
        await two.start()
        await two.becomes(503)
        address = await stack.enter_async_context(front(one, two))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=address, trust_env=False))
        await bank.open()
        stack.push_async_callback(bank.close)
        ((_, token),) = await enlist(db, switch.settings, 1)
        page = DrillAgent(address, token, client, lasts_s=lambda: 0.2, disposition="resolved")
        page.release = released
        stack.push_async_callback(page.stop)
        await page.start(bank)
        assert await page.until("ready", 20)
        for caller in callers:
            await caller.open()
            stack.callback(caller.close)
            caller.dial()
            await asyncio.wait_for(caller.answered.wait(), 20)
        all_three = await contacts("ended_at IS NULL", 3)
        talking.press("1")
        assert await page.shows("talking", 20)
        call, phone = page.seen.call_id, bank.phones[page.seat]
        waiting.press("1")
        await contacts("queue IS NOT NULL", 2)
        one.process.send_signal(signal.SIGSTOP)
        page.seen.phase = page.seen.state = ""
        await two.becomes(200)
        assert await page.shows("talking", 20), "the page came to the other machine by itself"
        assert page.seen.call_id == call
        assert not any(caller.over.is_set() for caller in callers)
        assert await contacts("ended_at IS NULL", 3) == all_three
        one.process.send_signal(signal.SIGCONT)
        assert await asyncio.wait_for(one.process.wait(), 20) == STOOD_DOWN
        await two.becomes(200)
        in_menu.press("1")  # the menu goes on
        await contacts("queue IS NOT NULL", 3)
        released.set()  # the agent writes the outcome, hangs up, and has the next, and the next
        await contacts("end_reason = 'completed'", 3)
        await contacts("id IN (SELECT contact_id FROM outcomes)", 3)
        assert await contacts("true", 3) == all_three
        assert len(phone.talks) == 3, "nobody was rung twice"
        assert not phone.doubled
