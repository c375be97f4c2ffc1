"""A connection that is lost in mid-command: what became of the command, and what happened meanwhile, is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState as S
from callcenter.asterisk.gateway import Dial
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.settings import split_bind
from tests.asterisk.test_talk import A, B, Scene, talking
from tests.support.proxy import Proxy, proxy
from tests.support.switch import Switch

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@asynccontextmanager
async def linked(switch: Switch) -> AsyncIterator[tuple[Scene, Proxy]]:
    async with (
        proxy(split_bind(switch.settings.asterisk_http_bind)) as line,
        talking(switch, detour=line.port) as scene,
    ):
        yield scene, line


async def test_who_answered_while_nobody_listened_has_the_caller(shared_switch: Switch) -> None:
    async with linked(shared_switch) as (scene, line):
        phone, dial = scene.bank.phones["seat-1002"], scene.node.dial

        async def unheard(request: Dial) -> None:
            line.freeze(up=False)  # Asterisk gets the request, and we never get its word
            await dial(request)

        scene.node.dial = unheard  # type: ignore[method-assign]
        scene.does(m.AgentTransfer(agent_id=A, to_agent=B))
        async with asyncio.timeout(20):
            while not (phone.talks and phone.talks[-1].answered_at):  # noqa: ASYNC110 - the telephone tells nobody
                await asyncio.sleep(0.02)
        line.cut()
        line.thaw()
        await scene.notes.until(Phase.TALKING)
        await scene.together("caller", B)
        await scene.states(S.WRAP_UP, S.TALKING)
        assert len(phone.talks) == 1, "nobody is rung twice"
        assert not scene.caller.over.is_set()


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
async def test_a_hold_of_which_nobody_knows_whether_it_was_done_is_one(shared_switch: Switch, done: bool) -> None:
    async with linked(shared_switch) as (scene, line):
        line.freeze(up=not done)
        scene.does(m.AgentHold(agent_id=A))
        await scene.notes.until(Phase.HELD)
        async with asyncio.timeout(20):
            while scene.node.connected:  # noqa: ASYNC110 - the heartbeat misses
                await asyncio.sleep(0.02)
        line.cut()
        line.thaw()
        await asyncio.wait_for(scene.node.wait_connected(), 20)
        async with asyncio.timeout(20):
            while await alone(scene) != [scene.call.talk.channel if scene.call.talk else ""]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        scene.does(m.AgentResume(agent_id=A))
        await scene.together("caller", A)


async def test_a_telephone_is_not_blamed_for_a_time_in_which_nobody_could_hear_it(shared_switch: Switch) -> None:
    async with linked(shared_switch) as (scene, line):
        short = tuple(replace(queue, ring_timeout_s=2) for queue in scene.desk.rules.queues())
        scene.desk.tell(acd.QueuesDefined(queues=short))
        phone = scene.bank.phones["seat-1002"]
        phone.ring_s = 4
        scene.does(m.AgentTransfer(agent_id=A, to_agent=B))
        await scene.states(S.WRAP_UP, S.RINGING)
        phone.ring_s = 0.2  # the next time; Asterisk drops who answers while nobody takes them up
        line.refusing = True
        line.cut()
        async with asyncio.timeout(20):
            while not phone.talks[-1].answered_at:  # noqa: ASYNC110 - the telephone tells nobody
                await asyncio.sleep(0.02)
        line.refusing = False
        await scene.notes.until(Phase.TALKING)
        await scene.together("caller", B)
        await scene.states(S.WRAP_UP, S.TALKING)


async def alone(scene: Scene) -> list[str]:
    return sorted(channel for bridge in await scene.node.bridges() for channel in bridge.channels)


async def test_a_telephone_is_not_rung_before_its_last_leg_has_ended(shared_switch: Switch) -> None:
    """Asterisk has two threads send the BYE and the INVITE: only the first one's end puts them in order."""
    async with linked(shared_switch) as (scene, line):
        phone, talk = scene.bank.phones["seat-1001"], scene.call.talk
        assert talk is not None
        next_leg = Dial(
            channel="next-leg", endpoint="PJSIP/seat-1001", caller_id_number="1", caller_id_name="", timeout_s=5
        )
        line.freeze(up=False)  # that it has ended is not heard
        ending = asyncio.create_task(scene.node.hang_up(talk.channel))
        async with asyncio.timeout(20):
            while phone.talks[-1].ended_at is None:  # noqa: ASYNC110 - the telephone tells nobody
                await asyncio.sleep(0.02)
        dialling = asyncio.create_task(scene.node.dial(next_leg))
        await asyncio.wait({dialling}, timeout=0.3)
        assert len(phone.talks) == 1, "rung while its last leg may be there"
        line.thaw()
        await asyncio.wait_for(asyncio.gather(ending, dialling), 20)
        async with asyncio.timeout(20):
            while len(phone.talks) < 2:  # noqa: ASYNC110 - the telephone tells nobody
                await asyncio.sleep(0.02)
        assert phone.doubled == 0
        await scene.node.hang_up("next-leg")
