"""A caller who hangs up, at every moment of a call: nothing is left over and the agent is free again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentState
from callcenter.asterisk.events import ChannelGone
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.runner import CallRunner
from callcenter.drill.phone import PhoneBank
from callcenter.errors import GatewayError
from callcenter.ids import name_of
from tests.asterisk.test_first_call import AGENT, SEAT, Notebook, centre, ready_agent
from tests.support.caller import Caller
from tests.support.switch import Switch

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Scene:
    node: AsteriskNode
    notes: Notebook
    runner: CallRunner
    desk: Desk
    bank: PhoneBank
    caller: Caller
    rang: asyncio.Event
    picked_up: asyncio.Event

    async def enter_menu(self) -> None:
        self.caller.dial()
        await asyncio.wait_for(self.caller.answered.wait(), 20)
        await self.notes.until(Phase.MENU)

    async def press_one(self) -> None:
        await self.enter_menu()
        self.caller.press("1")


@asynccontextmanager
async def scene(switch: Switch, *, agent: bool, number: str = "4008009") -> AsyncIterator[Scene]:
    notes, bank, caller = Notebook(), PhoneBank(switch.sip), Caller(switch.sip, number)
    rang, picked_up = asyncio.Event(), asyncio.Event()
    bank.rang, bank.answered = lambda talk: rang.set(), lambda talk: picked_up.set()
    async with switch.node() as node, centre(switch, node, notes) as (runner, desk):
        await asyncio.wait_for(node.wait_connected(), 20)
        await bank.open()
        await caller.open()
        await node.provision_seat(SEAT)
        await bank.add(SEAT.name, SEAT.password)
        if agent:
            ready_agent(desk)
        try:
            yield Scene(node, notes, runner, desk, bank, caller, rang, picked_up)
        finally:
            caller.close()
            await bank.close()


async def before_the_answer(s: Scene) -> None:
    s.caller.dial()
    await asyncio.wait_for(s.caller.hears_call.wait(), 20)
    await s.notes.until(Phase.MENU)  # who gives up before the service knows of them is no call


async def in_the_greeting(s: Scene) -> None:
    await s.enter_menu()


async def just_after_the_key(s: Scene) -> None:
    await s.press_one()


async def while_waiting(s: Scene) -> None:
    await s.press_one()
    await s.notes.until(Phase.WAITING)


async def as_the_offer_is_made(s: Scene) -> None:
    await s.press_one()
    await s.notes.until(Phase.OFFERED)


async def while_the_agent_rings(s: Scene) -> None:
    await s.press_one()
    await asyncio.wait_for(s.rang.wait(), 20)


async def at_the_answer(s: Scene) -> None:
    await s.press_one()
    await asyncio.wait_for(s.picked_up.wait(), 20)


async def while_talking(s: Scene) -> None:
    await s.press_one()
    await s.notes.until(Phase.TALKING)


async def on_hold(s: Scene) -> None:
    await while_talking(s)
    s.runner.post(s.runner.live.calls[0].id, m.AgentHold(agent_id=AGENT))
    await s.notes.until(Phase.HELD)


async def settled(s: Scene) -> tuple[int, int, int, AgentState | None]:
    """(calls, channels, bridges, agent's state) once nothing changes any more and no telephone rings, or after twenty
    seconds."""
    until = asyncio.get_running_loop().time() + 20
    while True:
        snapshot = s.desk.rules.agent(AGENT)
        free = snapshot.state if snapshot else None
        left = len(s.runner.live.calls), len(await s.node.channels()), len(await s.node.bridges())
        ended = bool(s.notes.events) and s.notes.events[-1][0].phase is Phase.ENDED
        silent = all(talk.ended_at is not None for talk in s.bank.phones[SEAT.name].talks)
        calm = left == (0, 0, 0) and free in (None, AgentState.READY) and ended and silent
        if calm or asyncio.get_running_loop().time() > until:
            return (*left, free)
        await asyncio.sleep(0.05)  # Asterisk takes channels apart in its own time


MOMENTS: list[tuple[Callable[[Scene], Awaitable[None]], bool, set[str]]] = [
    (before_the_answer, True, {"abandoned_in_menu"}),
    (in_the_greeting, True, {"abandoned_in_menu"}),
    (just_after_the_key, True, {"abandoned_in_menu", "abandoned", "abandoned_in_queue", "completed"}),
    (while_waiting, False, {"abandoned", "abandoned_in_queue"}),
    (as_the_offer_is_made, True, {"abandoned", "abandoned_in_queue"}),
    (while_the_agent_rings, True, {"abandoned", "abandoned_in_queue"}),
    (at_the_answer, True, {"abandoned", "abandoned_in_queue", "completed"}),
    (while_talking, True, {"completed"}),
    (on_hold, True, {"completed"}),
]


@pytest.mark.parametrize(("moment", "agent", "reasons"), MOMENTS, ids=[each[0].__name__ for each in MOMENTS])
async def test_a_hang_up_leaves_nothing_behind(
    shared_switch: Switch, moment: Callable[[Scene], Awaitable[None]], agent: bool, reasons: set[str]
) -> None:
    async with scene(shared_switch, agent=agent) as s:
        await moment(s)
        s.caller.hang_up()
        await asyncio.wait_for(s.caller.over.wait(), 20)
        assert await settled(s) == (0, 0, 0, AgentState.READY if agent else None)
        call = s.notes.events[-1][0]
        assert call.phase is Phase.ENDED
        assert call.end_reason in reasons
        assert call.ended_by == "caller"
        assert (call.answered_at is not None) == (call.end_reason == "completed"), "answered calls are no lost ones"
        assert all(segment.ended_at is not None for segment in call.segments)
        phone = s.bank.phones[SEAT.name]
        assert all(talk.ended_at is not None for talk in phone.talks), "the telephone is silent again"


async def test_asterisk_says_of_a_join_that_the_caller_was_gone(shared_switch: Switch) -> None:
    async with scene(shared_switch, agent=False) as s:
        await s.enter_menu()
        (channel,) = [view.channel for view in await s.node.channels()]
        s.caller.hang_up()
        assert (await settled(s))[1] == 0
        bridge = name_of("0" * 32, "talk")
        await s.node.create_bridge(bridge)
        with pytest.raises(GatewayError) as refused:
            await s.node.join(bridge, [channel])
        await s.node.destroy_bridge(bridge)
        assert (refused.value.http_status, refused.value.details["target"]) == (404, channel)


async def test_an_agent_whose_caller_hung_up_is_given_the_next_one(shared_switch: Switch) -> None:
    async with scene(shared_switch, agent=True) as s:
        await while_the_agent_rings(s)
        s.caller.hang_up()
        await asyncio.wait_for(s.caller.over.wait(), 20)
        assert (await settled(s))[3] is AgentState.READY
        again = Caller(s.caller._target, "4008009")
        await again.open()
        again.dial()
        await asyncio.wait_for(again.answered.wait(), 20)
        again.press("1")
        await s.notes.until(Phase.TALKING)
        again.hang_up()
        await asyncio.wait_for(again.over.wait(), 20)
        assert await settled(s) == (0, 0, 0, AgentState.READY)
        again.close()


@pytest.mark.parametrize("who", ["the caller hangs up", "we hang up"])
async def test_how_each_leg_sounded_is_told_with_its_end(shared_switch: Switch, who: str) -> None:
    async with scene(shared_switch, agent=True) as s:
        gone: list[ChannelGone] = []
        s.runner.listen(lambda event: gone.append(event) if isinstance(event, ChannelGone) else None)
        await while_talking(s)
        (call,) = s.runner.live.calls
        # The agent's telephone speaks; from the caller's nothing comes.
        talk = s.bank.phones[SEAT.name].talks[-1]
        await asyncio.sleep(1.2)  # of sound: it is counted
        if who == "we hang up":
            await s.node.hang_up(call.channel)
        else:
            s.caller.hang_up()
        await asyncio.wait_for(s.caller.over.wait(), 20)
        await settled(s)
        assert talk.answered_at is not None
        told = {event.channel == call.channel: event for event in gone}
        customer, agent = told[True], told[False]
        assert customer.endpoint.startswith("trunk-")
        assert agent.endpoint == SEAT.name
        assert customer.sound is not None
        assert agent.sound is not None
        assert customer.sound.received == 0, "nothing was heard of them"
        assert customer.sound.sent > 30
        assert agent.sound.received > 30
        assert agent.sound.received_lost == 0
        assert agent.sound.received_jitter_ms < 100
