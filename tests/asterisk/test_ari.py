"""The ARI client against a real Asterisk, with a proxy between them that can do what networks do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callcenter.asterisk import events as e
from callcenter.asterisk.ami import Ami
from callcenter.asterisk.ari import check_version
from callcenter.asterisk.gateway import Dial
from callcenter.asterisk.node import AsteriskNode
from callcenter.errors import GatewayError, NoAnswer
from callcenter.ids import name_of, new_id
from callcenter.settings import split_bind
from tests.support.proxy import FULL_MACHINE_S, Proxy, proxy
from tests.support.switch import Switch

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Linked:
    """A node behind a proxy, with its events one by one."""

    def __init__(self, node: AsteriskNode, line: Proxy) -> None:
        self.node, self.line = node, line
        self._events = node.events()

    async def next(self, kind: type[e.SwitchEvent], within_s: float = 10.0) -> e.SwitchEvent:
        async with asyncio.timeout(within_s):
            while True:
                event = await anext(self._events)
                if isinstance(event, kind):
                    return event


@asynccontextmanager
async def linked(switch: Switch) -> AsyncIterator[Linked]:
    async with proxy(split_bind(switch.settings.asterisk_http_bind)) as line:
        host, port = split_bind(switch.settings.ami_bind)
        ami = Ami(host, port, "callcenter", switch.password, switch.data)
        node = AsteriskNode("test", f"http://127.0.0.1:{line.port}", "callcenter", switch.password, ami)
        running = asyncio.create_task(node.run())
        try:
            made = Linked(node, line)
            await made.next(e.SwitchUp)
            yield made
        finally:
            line.thaw()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_cut_is_a_loss_and_the_truth_is_told_anew(shared_switch: Switch) -> None:
    async with linked(shared_switch) as link:
        bridge = name_of(new_id(), "bridge1")
        await link.node.create_bridge(bridge)
        link.line.cut()
        await link.next(e.SwitchDown)
        up = await link.next(e.SwitchUp)
        assert isinstance(up, e.SwitchUp)
        assert bridge in {view.bridge for view in up.bridges}, "it lived on, and we are told so"
        await link.node.destroy_bridge(bridge)


async def test_a_clean_close_is_a_loss_too(shared_switch: Switch) -> None:
    async with linked(shared_switch) as link:
        link.line.say((1000).to_bytes(2, "big") + b"bye", opcode=8)
        await link.next(e.SwitchDown)
        await link.next(e.SwitchUp)
        assert link.line.connections == 2


async def test_a_line_that_falls_silent_is_noticed_within_three_seconds(shared_switch: Switch) -> None:
    async with linked(shared_switch) as link:
        began = time.monotonic()
        link.line.freeze()
        asked = asyncio.create_task(link.node.create_bridge(name_of(new_id(), "bridge1")))
        await link.next(e.SwitchDown)
        assert time.monotonic() - began <= 3.0 + FULL_MACHINE_S
        with pytest.raises(GatewayError) as failed:
            await asked
        assert failed.value.http_status == 0
        assert not link.node.connected
        with pytest.raises(GatewayError, match="not connected"):
            await link.node.channels()
        link.line.thaw()
        await link.next(e.SwitchUp)


async def calls_processed(switch: Switch) -> int:
    """How many calls this Asterisk has run since it started."""
    return int((await switch.asterisk.console("core show channels count")).splitlines()[-1].split()[0])


async def test_what_was_in_flight_fails_and_is_never_sent_again(shared_switch: Switch) -> None:
    console = shared_switch.asterisk.console
    await console("dialplan add extension s,1,Wait(5) into counted")
    before = await calls_processed(shared_switch)
    request = Dial(
        channel=name_of(new_id(), "agent1"),
        endpoint="Local/s@counted",
        caller_id_number="1",
        caller_id_name="1",
        timeout_s=5,
    )
    async with linked(shared_switch) as link:
        link.line.freeze(up=False)  # Asterisk gets the request; we do not get the answer
        asked = asyncio.create_task(link.node.dial(request))
        async with asyncio.timeout(20):
            while await calls_processed(shared_switch) == before:
                pass  # each look at the console is a wait of its own
        link.line.cut()
        link.line.thaw()
        with pytest.raises(GatewayError):
            await asked
        up = await link.next(e.SwitchUp)
        assert isinstance(up, e.SwitchUp)
        assert request.channel in {view.channel for view in up.channels}, "settled by looking"
        assert await calls_processed(shared_switch) == before + 1
        await link.node.hang_up(request.channel)


async def test_refusals_are_typed_by_their_status(shared_switch: Switch) -> None:
    async with linked(shared_switch) as link:
        node = link.node
        for refused in (node.answer("nobody"), node.play("nobody", "p", ["sound:x"]), node.join("no", ["nobody"])):
            with pytest.raises(GatewayError) as missing:
                await refused
            assert missing.value.http_status == 404
        with pytest.raises(GatewayError) as bad:
            await node._ask("POST", "channels", {"app": "callcenter"})
        assert bad.value.http_status == 400
        with pytest.raises(GatewayError) as failed:
            nowhere = Dial(channel="x", endpoint="Nosuch/tech", caller_id_number="1", caller_id_name="", timeout_s=1)
            await node.dial(nowhere)
        assert failed.value.http_status >= 400
        await node.hang_up("nobody")  # what is gone already is no error
        await node.destroy_bridge("nobody")


async def test_a_channel_that_is_no_more_in_our_application_counts_as_gone(shared_switch: Switch) -> None:
    await shared_switch.asterisk.console("dialplan add extension s,1,Wait(5) into elsewhere")
    async with linked(shared_switch) as link:
        channel = name_of(new_id(), "agent1")
        dial = Dial(
            channel=channel, endpoint="Local/s@elsewhere", caller_id_number="1", caller_id_name="1", timeout_s=5
        )
        await link.node.dial(dial)  # not answered, so not in the application; as one is that has just hung up
        with pytest.raises(GatewayError) as left:
            await link.node.play(channel, "playback1", ["sound:beep"])
        assert left.value.http_status == 404
        await link.node.hang_up(channel)


GARBAGE = (
    b"not json",
    b"[]",
    b"null",
    b"17",
    b'{"no":"type"}',
    b'{"type":17}',
    b'{"type":"StasisStart"}',
    b'{"type":"ChannelDestroyed","channel":{"id":"x"},"cause":"many"}',
    b'{"type":"ChannelDtmfReceived","timestamp":"yesterday","channel":{"id":"x"},"digit":"1"}',
    b'{"type":"RESTResponse"}',
    b'{"type":"RESTResponse","transaction_id":"99999","request_id":"99999","status_code":200}',
    b'{"type":"SomethingNewer","channel":{}}',
    b"\xff\xfe",
)


@pytest.mark.parametrize("frame", GARBAGE[:-1])
async def test_garbage_costs_neither_connection_nor_what_follows(shared_switch: Switch, frame: bytes) -> None:
    async with linked(shared_switch) as link:
        link.line.say(frame)
        good = {
            "type": "ChannelDtmfReceived",
            "timestamp": "2026-01-05T09:00:00.000+0000",
            "channel": {"id": "chan", "surprise": [1]},
            "digit": "5",
            "surprise": {},
        }
        link.line.say(json.dumps(good).encode())
        digit = await link.next(e.DigitPressed)
        assert isinstance(digit, e.DigitPressed)
        assert digit.digit == "5"
        assert await link.node.channels() is not None
        assert link.line.connections == 1


async def test_bytes_that_are_no_text_cost_the_connection_and_it_comes_back(shared_switch: Switch) -> None:
    async with linked(shared_switch) as link:
        link.line.say(GARBAGE[-1])
        await link.next(e.SwitchDown)
        await link.next(e.SwitchUp)


@pytest.mark.parametrize("version", ["20.9.1", "22.4.2", "22", "certified/18"])
async def test_an_asterisk_that_is_too_old_is_refused_by_name(version: str) -> None:
    with pytest.raises(GatewayError, match=r"too old|cannot be read"):
        check_version(version)


@pytest.mark.parametrize("version", ["22.5.0", "22.10.1+dfsg+~cs6.17", "23.0.0"])
async def test_newer_ones_are_welcome(version: str) -> None:
    check_version(version)


async def test_a_connection_lost_while_the_lease_is_asked_leaves_a_request_unanswered(shared_switch: Switch) -> None:
    """Not a bug of the call's: that would end it."""
    async with linked(shared_switch) as link:
        asked, known = asyncio.Event(), asyncio.Event()

        async def slow(*, replaced: bool = False) -> None:
            asked.set()
            await known.wait()

        link.node._permit = slow
        asking = asyncio.create_task(link.node.channels())
        await asyncio.wait_for(asked.wait(), 20)
        link.line.cut()
        await link.next(e.SwitchDown)
        known.set()
        with pytest.raises(NoAnswer):
            await asking
        await link.next(e.SwitchUp)
