"""Telephones outside on a real Asterisk, over a trunk: asked, joined in, handed the caller, put through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState as S
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.clock import SystemClock
from callcenter.drill import tone
from callcenter.drill.phone import PhoneBank
from callcenter.ivr.hours import ALWAYS
from callcenter.ivr.loader import compile_files
from callcenter.outbound.dialler import OutsideDialler
from callcenter.outbound.rules import DialRules
from callcenter.settings import split_bind
from tests.asterisk.test_first_call import FLOWS, SEAT, Notebook, centre
from tests.asterisk.test_talk import A, Scene, talking
from tests.outbound.scene import OneWay
from tests.support.caller import Caller
from tests.support.far import Far
from tests.support.switch import Switch, nothing_left
from tests.web.people import channel_share_of_raw

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
NUMBER = "+8613800000002"
RULES = DialRules(allow=("CN:mobile",), hours=ALWAYS, zone=FLOWS.zone, hotlines=frozenset(FLOWS.hotlines))
THROUGH = compile_files(
    {
        "queues.yaml": b"general: {title: General}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"""\
flow: main
start: there
steps:
  there: {transfer: {number: "13800000002"}, next: bye, on_error: message}
  message: {voicemail: Speak., next: bye}
  bye: {hangup: Good-bye.}
""",
    }
)


TO_HER = compile_files(
    {
        **{name: text.encode() for name, text in THROUGH.files.items()},
        "main.yaml": b"""\
flow: main
start: her
steps:
  her: {transfer: {agent: "1001"}, next: bye, on_error: message}
  message: {voicemail: Speak., next: bye}
  bye: {hangup: Good-bye.}
""",
    }
)


@pytest.fixture
def switch(shared_switch: Switch) -> Switch:
    """One for the file."""
    return shared_switch


@asynccontextmanager
async def outside(
    switch: Switch, manner: str = "answer", rules: DialRules = RULES, *, browser: bool = False
) -> AsyncIterator[tuple[Scene, Far]]:
    """An agent in conversation with a caller, and a telephone outside behind the trunk."""
    far = Far(split_bind(switch.settings.demo_trunk)[1], manner)
    await far.open()
    try:
        dialler = OutsideDialler(lambda: rules, OneWay(), SystemClock())
        async with talking(switch, dialler, browser=browser) as scene:
            yield scene, far
    finally:
        far.close()


def ask(scene: Scene) -> None:
    scene.does(m.AgentConsult(agent_id=A, number=NUMBER))


async def test_asked_swapped_with_and_handed_over_with_sound_and_recording(switch: Switch) -> None:
    async with outside(switch) as (scene, far):
        ask(scene)
        await scene.together(A, "outside")
        assert far.numbers == ["13800000002"]
        assert "4008009" in far.invites[0].get("From"), "the hotline that the caller dialled is shown"
        scene.does(m.AgentSwap(agent_id=A))
        await scene.together("caller", A)
        scene.does(m.AgentSwap(agent_id=A))
        await scene.together(A, "outside")
        scene.does(m.AgentComplete(agent_id=A))
        await scene.together("caller", "outside")
        await scene.states(S.WRAP_UP, S.READY)
        await far.speak(1.5, tone.AGENT_HZ)
        raw = switch.data / "asterisk" / "monitor" / f"cc-{scene.call.id}-capture.raw"
    await asyncio.wait_for(far.over.wait(), 20)
    assert channel_share_of_raw(raw, 1, tone.AGENT_HZ) > 0.9, "the caller heard them, and it is recorded"


async def test_a_page_that_is_lost_finds_its_consultation_as_it_was(switch: Switch) -> None:
    async with outside(switch, browser=True) as (scene, far):
        ask(scene)
        await scene.together(A, "outside")
        scene.does(m.AgentAway(agent_id=A))
        await scene.notes.until(Phase.PARKED)
        asked = scene.call.consult
        assert asked is not None
        async with asyncio.timeout(20):
            while any(asked.channel in bridge.channels for bridge in await scene.node.bridges()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # where the music is: in no bridge
        assert not far.over.is_set(), "the number is kept"
        scene.does(m.AgentBack(agent_id=A))
        await scene.notes.until(Phase.CONSULTING)
        await scene.together(A, "outside")
        scene.does(m.AgentComplete(agent_id=A))
        await scene.together("caller", "outside")
        assert not [event for _, event in scene.notes.events if isinstance(event, m.ActionFailed)]
    await asyncio.wait_for(far.over.wait(), 20)


async def test_all_three_and_whoever_leaves_the_other_two_go_on(switch: Switch) -> None:
    async with outside(switch) as (scene, far):
        ask(scene)
        await scene.together(A, "outside")
        scene.does(m.AgentConference(agent_id=A))
        await scene.together("caller", A, "outside")
        scene.does(m.AgentHangUp(agent_id=A))
        await scene.together("caller", "outside")
        await scene.states(S.WRAP_UP, S.READY)
    await asyncio.wait_for(far.over.wait(), 20)


async def test_cancelled_while_it_rings_and_after(switch: Switch) -> None:
    async with outside(switch, "silent") as (scene, far):
        ask(scene)
        await asyncio.wait_for(far.rang.wait(), 20)
        scene.does(m.AgentCancel(agent_id=A))
        await scene.together("caller", A)
        await asyncio.wait_for(far.over.wait(), 20)
        await scene.states(S.TALKING, S.READY)


@pytest.mark.parametrize(("manner", "told"), [("busy", "outside_busy"), ("reject", "outside_rejected")])
async def test_who_is_busy_leaves_the_caller_on_hold_with_the_agent(switch: Switch, manner: str, told: str) -> None:
    async with outside(switch, manner) as (scene, _):
        ask(scene)
        await scene.notes.until(Phase.HELD)
        await scene.states(S.HOLD, S.READY)
        await scene.told(f"refused {told}")
        scene.does(m.AgentResume(agent_id=A))
        await scene.together("caller", A)


async def test_when_they_hang_up_the_call_is_over(switch: Switch) -> None:
    async with outside(switch) as (scene, far):
        ask(scene)
        await scene.together(A, "outside")
        scene.does(m.AgentComplete(agent_id=A))
        await scene.together("caller", "outside")
        far.hang_up()
        call = await scene.notes.until(Phase.ENDED)
        assert (call.end_reason, call.ended_by) == ("completed", "system")


async def test_put_through_blindly_the_agent_is_free_when_it_rings(switch: Switch) -> None:
    async with outside(switch, "mute") as (scene, far):
        scene.does(m.AgentTransfer(agent_id=A, number=NUMBER))
        await scene.notes.until(Phase.CONSULTING)
        await scene.states(S.CONSULTING, S.READY)
        async with asyncio.timeout(20):
            while not far.invites:  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # the far side tells of an INVITE by no event
        far.ring()
        await scene.notes.until(Phase.FORWARDING)
        await scene.states(S.WRAP_UP, S.READY)
        far.pick_up()
        await scene.together("caller", "outside")


async def test_put_through_and_declined_the_caller_is_next_in_line(switch: Switch) -> None:
    async with outside(switch, "reject") as (scene, _):
        scene.does(m.AgentTransfer(agent_id=A, number=NUMBER))
        async with asyncio.timeout(20):
            while scene.call.phase not in (Phase.WAITING, Phase.HELD):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert scene.call.transferred_by == (A if scene.call.phase is Phase.WAITING else None)


async def test_what_the_rules_forbid_rings_nobody_and_the_agent_keeps_the_caller(switch: Switch) -> None:
    nobody = DialRules(allow=(), hours=ALWAYS, zone=FLOWS.zone, hotlines=frozenset(FLOWS.hotlines))
    async with outside(switch, rules=nobody) as (scene, far):
        ask(scene)
        await scene.notes.until(Phase.HELD)
        await scene.states(S.HOLD, S.READY)
        await scene.told("refused number_not_allowed")
        assert far.numbers == []


@pytest.mark.parametrize("manner", ["answer", "busy"])
async def test_a_flow_puts_the_caller_through_or_goes_its_error_way(switch: Switch, manner: str) -> None:
    rules = DialRules(allow=("CN:mobile",), hours=ALWAYS, zone=THROUGH.zone, hotlines=frozenset(THROUGH.hotlines))
    dialler = OutsideDialler(lambda: rules, OneWay(), SystemClock())
    notes, caller, far = (
        Notebook(),
        Caller(switch.sip, "4008001"),
        Far(split_bind(switch.settings.demo_trunk)[1], manner),
    )
    await far.open()
    await caller.open()
    try:
        async with switch.node() as node, centre(switch, node, notes, flows=THROUGH, dialler=dialler):
            await asyncio.wait_for(node.wait_connected(), 20)
            caller.dial()
            if manner == "answer":
                call = await notes.until(Phase.OUTSIDE)
                assert await joined(node, call.channel, call.outside.channel if call.outside else "")
                far.hang_up()
                call = await notes.until(Phase.ENDED)
                assert [s.kind.value for s in call.segments] == ["menu", "dial", "outside", "menu"]
            else:
                call = await notes.until(Phase.MESSAGE)
                caller.hang_up()
                await notes.until(Phase.ENDED)
            await nothing_left(node)
    finally:
        caller.close()
        far.close()


@pytest.mark.parametrize("here", [True, False])
async def test_a_flow_gives_the_caller_to_the_agent_it_names(switch: Switch, here: bool) -> None:
    notes, caller, bank = Notebook(), Caller(switch.sip, "4008001"), PhoneBank(switch.sip)
    async with switch.node() as node, centre(switch, node, notes, flows=TO_HER) as (_, desk):
        await asyncio.wait_for(node.wait_connected(), 20)
        await bank.open()
        await caller.open()
        await node.provision_seat(SEAT)
        await bank.add(SEAT.name, SEAT.password)
        profile = acd.AgentProfile(
            agent_id=A, name="Agent", extension="1001", seat=SEAT.name, queues={"general": 1}, wrap_up_s=60
        )
        desk.tell(acd.AgentLoggedIn(profile=profile))
        desk.tell(acd.AgentPresence(agent_id=A, phone=True, page=True))
        if here:
            desk.tell(acd.AgentReady(agent_id=A))
        try:
            caller.dial()
            if here:
                call = await notes.until(Phase.TALKING)
                assert await joined(node, call.channel, call.talk.channel if call.talk else "")
            else:
                await notes.until(Phase.MESSAGE)
            caller.hang_up()
            await notes.until(Phase.ENDED)
        finally:
            caller.close()
            await bank.close()


async def joined(node: AsteriskNode, *channels: str) -> bool:
    """Once Asterisk has these in one bridge, within twenty seconds."""
    until = asyncio.get_running_loop().time() + 20
    while asyncio.get_running_loop().time() < until:
        if any(bridge.channels == frozenset(channels) for bridge in await node.bridges()):
            return True
        await asyncio.sleep(0.05)  # a bridge is entered after the request is answered
    return False
