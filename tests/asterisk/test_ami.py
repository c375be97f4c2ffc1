"""The manager's connection: losses are noticed, nothing is sent twice, closed means closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from callcenter.asterisk.ami import Ami
from callcenter.errors import GatewayError
from callcenter.settings import split_bind
from tests.support.proxy import FULL_MACHINE_S, Proxy, proxy
from tests.support.switch import Switch

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def until(ami: Ami, connected: bool, within_s: float) -> float:
    """Seconds until the manager is, or is no longer, connected."""
    began = time.monotonic()
    async with asyncio.timeout(within_s):
        while ami.connected is not connected:  # noqa: ASYNC110 - its own state is what is measured
            await asyncio.sleep(0.01)
    return time.monotonic() - began


@asynccontextmanager
async def linked(switch: Switch, secret: str = "") -> AsyncIterator[tuple[Ami, Proxy]]:
    async with proxy(split_bind(switch.settings.ami_bind)) as line:
        ami = Ami("127.0.0.1", line.port, "callcenter", secret or switch.password, switch.data)
        await ami.connect()
        try:
            yield ami, line
        finally:
            ami.close()


async def test_a_cut_is_noticed_at_once_and_mended(shared_switch: Switch) -> None:
    async with linked(shared_switch) as (ami, line):
        await until(ami, True, 20)
        line.cut()
        await until(ami, False, 5)
        with pytest.raises(GatewayError, match="not connected"):
            await ami.start_capture("nobody", "x")
        await until(ami, True, 20)


async def test_a_silent_line_is_noticed_within_three_seconds(shared_switch: Switch) -> None:
    async with linked(shared_switch) as (ami, line):
        await until(ami, True, 20)
        line.freeze()
        asked = asyncio.create_task(ami.start_capture("nobody", "x"))
        assert await until(ami, False, 20) <= 3.0 + FULL_MACHINE_S
        with pytest.raises(GatewayError):
            await asked
        line.thaw()
        await until(ami, True, 20)


async def test_a_ping_of_a_connection_that_was_lost_says_nothing_of_the_next(tmp_path: Path) -> None:
    ami, ended = Ami("127.0.0.1", 1, "callcenter", "x", tmp_path, timeout_s=0.02), list[str]()

    class Transport:
        def abort(self) -> None:
            ended.append("aborted")

    class Manager:
        protocol = SimpleNamespace(transport=Transport())

        async def send_action(self, _: dict[str, str]) -> None:
            self.protocol = SimpleNamespace(transport=Transport())  # lost, and there is another already
            await asyncio.Event().wait()

    ami._manager, ami._up = Manager(), True
    heart = asyncio.create_task(ami._beat())
    await asyncio.wait({heart}, timeout=0.1)
    heart.cancel()
    assert (ended, ami.connected) == ([], True)


async def test_nothing_in_flight_is_sent_again(shared_switch: Switch) -> None:
    async def is_member() -> bool:
        return "Local/once@nowhere" in await shared_switch.asterisk.console("queue show fallback")

    async with linked(shared_switch) as (ami, line):
        await until(ami, True, 20)
        line.freeze(up=False)
        asked = asyncio.create_task(ami.add_queue_member("fallback", "Local/once@nowhere", "Once"))
        async with asyncio.timeout(20):
            while not await is_member():
                pass  # each look at the console is a wait of its own
        await shared_switch.asterisk.console("queue remove member Local/once@nowhere from fallback")
        line.cut()
        line.thaw()
        with pytest.raises(GatewayError):
            await asked
        await until(ami, True, 20)
        await ami._send({"Action": "Ping"})
        await ami._send({"Action": "Ping"})
        assert not await is_member()


async def test_a_missing_channel_is_told_as_such(shared_switch: Switch) -> None:
    async with linked(shared_switch) as (ami, _):
        await until(ami, True, 20)
        with pytest.raises(GatewayError) as failed:
            await ami.start_capture("nobody", "x")
        assert failed.value.http_status == 404


async def test_a_wrong_secret_never_counts_as_connected(shared_switch: Switch) -> None:
    async with linked(shared_switch, secret="wrong") as (ami, line):
        with pytest.raises(TimeoutError):
            await until(ami, True, 1)
        assert line.connections >= 1


async def test_an_asterisk_that_is_not_there_yet_is_waited_for(shared_switch: Switch) -> None:
    async with proxy(split_bind(shared_switch.settings.ami_bind)) as line:
        port = line.port
    ami = Ami("127.0.0.1", port, "callcenter", shared_switch.password, shared_switch.data)
    await ami.connect()
    assert not ami.connected
    ami.close()


async def test_closed_means_closed(shared_switch: Switch) -> None:
    async with linked(shared_switch) as (ami, line):
        await until(ami, True, 20)
        ami.close()
        await asyncio.sleep(1.3)  # longer than a reconnect would take
        assert line.connections == 1
        assert not ami.connected
