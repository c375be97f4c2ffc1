"""Ghosts made by hand on a real Asterisk are found and ended; what a call owns is not touched."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from callcenter.asterisk.ari import open_ari
from callcenter.asterisk.node import AsteriskNode
from callcenter.asterisk.reconcile import Reconciler
from callcenter.clock import SystemClock
from callcenter.ids import CallId, name_of, new_id
from tests.support.switch import Switch

GHOST, LIVE = CallId(new_id()), CallId(new_id())


async def make(switch: Switch, node: AsteriskNode, call_id: CallId) -> tuple[str, str]:
    """A channel that sits in our application, in a bridge, both named as a call's."""
    channel, bridge = name_of(call_id, "agent1"), name_of(call_id, "bridge1")
    await node.create_bridge(bridge)
    query = {"endpoint": "Local/s@ghost", "app": "callcenter", "appArgs": "leg", "channelId": channel}
    await node._ask("POST", "channels", query)
    return channel, bridge


async def test_what_no_call_owns_is_ended_at_the_second_look_and_told(switch: Switch) -> None:
    await switch.asterisk.console("dialplan add extension s,1,Answer() into ghost")
    await switch.asterisk.console("dialplan add extension s,2,Wait(60) into ghost")
    told: list[tuple[str, CallId | None]] = []

    async def incident(at: datetime, kind: str, text: str, call_id: CallId | None, facts: object) -> None:
        told.append((kind, call_id))

    async with switch.node() as node:
        await asyncio.wait_for(node.wait_connected(), 20)
        ghost, live = await make(switch, node, GHOST), await make(switch, node, LIVE)
        reconciler = Reconciler(node, lambda call_id: call_id == LIVE, SystemClock(), incident=incident)
        assert await reconciler.sweep() == (), "once seen proves nothing"
        assert set(await reconciler.sweep()) == set(ghost)
        async with asyncio.timeout(20):
            while ghost[0] in (names := {view.channel for view in await node.channels()}):  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # Asterisk takes channels apart in its own time
        assert live[0] in names
        assert await reconciler.sweep() == ()
        assert {view.bridge for view in await node.bridges()} == {live[1]}
        await node.hang_up(live[0])
        await node.destroy_bridge(live[1])
    assert told == [("orphan_ended", GHOST)] * 2
    assert reconciler.ended == 2


async def test_a_thing_that_gets_its_owner_between_two_looks_is_left_alone(switch: Switch) -> None:
    owned: set[CallId] = set()
    async with switch.node() as node:
        await asyncio.wait_for(node.wait_connected(), 20)
        await node.create_bridge(name_of(GHOST, "bridge1"))
        reconciler = Reconciler(node, owned.__contains__, SystemClock())
        await reconciler.sweep()
        owned.add(GHOST)
        assert await reconciler.sweep() == ()
        owned.clear()
        assert await reconciler.sweep() == (), "the count begins anew"
        assert len(await reconciler.sweep()) == 1


async def test_the_sweep_survives_an_asterisk_that_is_away(switch: Switch) -> None:
    async with switch.node() as node:
        await asyncio.wait_for(node.wait_connected(), 20)
        swept = asyncio.Event()

        async def incident(at: datetime, kind: str, text: str, call_id: CallId | None, facts: object) -> None:
            swept.set()

        reconciler = Reconciler(node, lambda call_id: False, SystemClock(), incident=incident, every_s=0.05)
        sweeping = asyncio.create_task(reconciler.run())
        await switch.asterisk.stop()
        events: Any = node.events()
        async with asyncio.timeout(20):
            while node.connected:
                await anext(events)
        await switch.asterisk.start()
        await asyncio.wait_for(node.wait_connected(), 20)
        bridge = name_of(GHOST, "bridge1")
        await node.create_bridge(bridge)
        await asyncio.wait_for(swept.wait(), 20)
        assert await node.bridges() == ()
        assert not sweeping.done()
        sweeping.cancel()


async def test_asterisk_tells_when_another_took_over_our_application(switch: Switch) -> None:
    """Two services on one Asterisk: the first must not go on deaf, believing that nothing happens."""
    async with switch.node() as node:
        events = node.events()
        async with asyncio.timeout(20):
            await anext(events)
            base, password = switch.settings.asterisk_base_url, switch.password
            async with open_ari(base, "callcenter", password, lambda raw: None) as thief:
                reading = asyncio.create_task(thief.read())
                lost = await anext(events)
                reading.cancel()
            assert type(lost).__name__ == "SwitchDown"
            assert "another" in lost.reason  # type: ignore[attr-defined]
            assert type(await anext(events)).__name__ == "SwitchUp"
