"""With the service away: whoever is registered is rung by ``app_queue``, and a message is taken when nobody is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callcenter.asterisk.ami import Ami
from callcenter.asterisk.fallback import QUEUE, FallbackQueue
from callcenter.drill.own import free_ports
from callcenter.errors import GatewayError
from callcenter.settings import split_bind
from tests.asterisk.test_first_call import SEAT
from tests.support.caller import Caller
from tests.support.sipp import sipp
from tests.support.switch import Switch

INTERFACE = f"PJSIP/{SEAT.name}"


@asynccontextmanager
async def manager(switch: Switch) -> AsyncIterator[Ami]:
    ami = Ami(*split_bind(switch.settings.ami_bind), "callcenter", switch.password, switch.data)
    await ami.connect()
    try:
        await until(lambda: ami.connected)
        yield ami
    finally:
        ami.close()


async def until(true: Callable[[], bool], within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.05)


async def test_members_follow_who_is_signed_in_whatever_was_there_before(switch: Switch) -> None:
    async with manager(switch) as ami:
        await ami.add_queue_member(QUEUE, "PJSIP/seat-left-over", "gone")
        seats = {"seat-1001": "甲, 乙", "seat-1002": "B"}
        fallback = FallbackQueue(ami, lambda: seats)
        await fallback.compare()
        assert await ami.queue_members(QUEUE) == {"PJSIP/seat-1001", "PJSIP/seat-1002"}
        task = asyncio.create_task(fallback.run())
        try:
            del seats["seat-1002"]
            fallback.changed()
            async with asyncio.timeout(20):
                while await ami.queue_members(QUEUE) != {"PJSIP/seat-1001"}:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            task.cancel()
        with pytest.raises(GatewayError, match="QueueRemove"):
            await ami.remove_queue_member(QUEUE, "PJSIP/nobody")


async def test_without_a_service_a_registered_telephone_rings_and_talks(switch: Switch, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    # The service was here: it made the seat and the member, and is gone now.
    async with switch.node() as node, manager(switch) as ami:
        await asyncio.wait_for(node.wait_connected(), 20)
        await node.provision_seat(SEAT)
        await FallbackQueue(ami, lambda: {SEAT.name: "Agent"}).compare()
    login = ("-s", SEAT.name, "-au", SEAT.name, "-ap", SEAT.password, "-p", str(port), "-m", "1")
    await sipp(switch.toolbox, "register.xml", switch.sip, tmp_path / "register", *login)
    phone = asyncio.create_task(
        sipp(switch.toolbox, "agent.xml", switch.sip, tmp_path / "agent", "-p", str(port), "-m", "1", timeout_s=40)
    )
    caller = Caller(switch.sip, "4008001")
    await caller.open()
    try:
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        async with asyncio.timeout(20):
            while (await switch.asterisk.console("core show channels concise")).count("!Up!") != 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        caller.hang_up()
        await phone  # it was rung, it answered, it was told of the end
    finally:
        caller.close()


async def test_without_anybody_registered_the_caller_leaves_a_message(switch: Switch) -> None:
    async with manager(switch) as ami:
        await FallbackQueue(ami, lambda: {SEAT.name: "signed in, but the telephone is gone"}).compare()
    caller = Caller(switch.sip, "4008001")
    await caller.open()
    box = switch.data / "asterisk" / "voicemail"
    try:
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        await until(lambda: any(box.iterdir()))
        caller.hang_up()
        await asyncio.wait_for(caller.over.wait(), 20)
        await asyncio.sleep(0.5)  # what would be deleted is deleted after the call
        assert len(list(box.glob("*-4008001-13800000009.wav"))) == 1
    finally:
        caller.close()


async def test_members_outlive_asterisk_itself(switch: Switch) -> None:
    async with manager(switch) as ami:
        await FallbackQueue(ami, lambda: {SEAT.name: "Agent"}).compare()
        assert await ami.queue_members(QUEUE) == {INTERFACE}
    await switch.asterisk.stop()
    await switch.asterisk.start()
    async with manager(switch) as ami:
        assert await ami.queue_members(QUEUE) == {INTERFACE}
