"""The service's memory is gone in mid-call; the next one takes the call up from its journal and a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState as S
from callcenter.acd.rebuild import rebuild
from callcenter.asterisk.gateway import Dial
from callcenter.calls import messages as m
from callcenter.calls.journal import CallJournal
from callcenter.calls.messages import Phase
from callcenter.calls.replay import Journalled, Left
from callcenter.calls.state import Call
from callcenter.continuity import held_agents, waiting_ones
from callcenter.drill.phone import PhoneBank
from callcenter.ids import AgentId
from callcenter.ivr.flow import FlowSet
from callcenter.settings import split_bind
from callcenter.spool.store import Spool
from tests.asterisk.test_first_call import FLOWS, Notebook, centre
from tests.asterisk.test_talk import A, B, Scene
from tests.support.caller import Caller
from tests.support.proxy import Proxy, proxy
from tests.support.switch import Switch, desk_profile, desk_seat, nothing_left

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest.fixture
def switch(shared_switch: Switch) -> Switch:
    """One for the file."""
    return shared_switch


class Written(Notebook):
    """A notebook that is kept on disk too."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.journal = CallJournal(Spool(folder))

    def append(self, call: Call, event: Journalled, at: datetime, left: Left) -> None:
        self.journal.append(call, event, at, left)
        super().append(call, event, at, left)


async def flows_of(version: str) -> FlowSet:
    assert version == FLOWS.version
    return FLOWS


@asynccontextmanager
async def life(
    switch: Switch,
    folder: Path,
    caller: Caller,
    bank: PhoneBank,
    *,
    deaf: Proxy | None = None,
    detour: int | None = None,
) -> AsyncIterator[Scene]:
    """One process's life: what the journal has is taken up. Its end is sudden: nothing is told to anybody.

    ``deaf``: Asterisk says nothing before this is thawed. ``detour``: see :meth:`Switch.node`.
    """
    notes = Written(folder)
    if deaf is not None:
        deaf.freeze()
        detour = deaf.port
    async with switch.node(detour) as node, centre(switch, node, notes) as (runner, desk):
        live, broken = await notes.journal.load(flows_of)
        assert broken == []
        runner.restore(
            [(one, FLOWS) for one in live], node, boots={}, died_at=max((o.last_at for o in live), default=None)
        )
        if live:
            restored, then = rebuild(acd.Restored(), [h for o in live for h in held_agents(o.call)], waiting_ones(live))
            for command in (restored, *then):
                desk.tell(command)
        if deaf is None:
            await asyncio.wait_for(node.wait_connected(), 20)
            await runner.taken_up(10)
            assert runner.reconciled
        yield Scene(node, notes, runner, desk, caller, bank)


async def sign_in(scene: Scene, number: int, agent_id: AgentId, queue: str, *, new: bool = True) -> None:
    """An agent on a break, with page and telephone."""
    seat = desk_seat(number)
    if new:
        await scene.node.provision_seat(seat)
        await scene.bank.add(seat.name, seat.password)
    profile = desk_profile(number, agent_id, queue, wrap_up_s=60)
    scene.desk.tell(acd.AgentLoggedIn(profile=profile))
    scene.desk.tell(acd.AgentPresence(agent_id=agent_id, phone=True, page=True))


async def in_line(scene: Scene) -> None:
    """The caller has pressed the key that leads to an agent."""
    scene.caller.dial()
    await asyncio.wait_for(scene.caller.answered.wait(), 20)
    await scene.notes.until(Phase.MENU)
    scene.caller.press("1")


async def begin(scene: Scene) -> None:
    """Agent A in conversation, agent B free."""
    for number, agent_id, queue in ((1, A, "drill"), (2, B, "general")):
        await sign_in(scene, number, agent_id, queue)
        scene.desk.tell(acd.AgentReady(agent_id=agent_id))
    await in_line(scene)
    await scene.notes.until(Phase.TALKING)
    await scene.together("caller", A)


@asynccontextmanager
async def telephones(switch: Switch) -> AsyncIterator[tuple[Caller, PhoneBank]]:
    caller, bank = Caller(switch.sip, "4008009"), PhoneBank(switch.sip)
    await caller.open()
    await bank.open()
    try:
        yield caller, bank
    finally:
        caller.close()
        await bank.close()


async def to_the_end(scene: Scene) -> None:
    """A has the caller, and was rung for them just once; nothing is left behind."""
    await scene.notes.until(Phase.TALKING)
    await scene.together("caller", A)
    phone = scene.bank.phones["seat-1001"]
    assert (len(phone.talks), phone.doubled) == (1, 0)
    assert {a.profile.agent_id: a.state for a in scene.desk.rules.agents()}[A] is S.TALKING
    scene.caller.hang_up()
    assert (await scene.notes.until(Phase.ENDED)).end_reason == "completed"
    await nothing_left(scene.node)


@pytest.mark.parametrize("request_is", ["never sent", "late", "later than ours"])
async def test_a_telephone_about_to_be_dialled_when_the_service_died_rings_once(
    switch: Switch, tmp_path: Path, request_is: str
) -> None:
    async with telephones(switch) as (caller, bank), proxy(split_bind(switch.settings.asterisk_http_bind)) as line:
        async with life(switch, tmp_path / "spool", caller, bank, detour=line.port) as first:
            await sign_in(first, 1, A, "drill")
            dial = first.node.dial
            asked = asyncio.Event()

            async def on_its_way(request: Dial) -> None:
                line.freeze(down=False)
                asked.set()
                if request_is != "never sent":
                    await dial(request)
                await asyncio.Event().wait()

            first.node.dial = on_its_way  # type: ignore[method-assign]
            await in_line(first)
            await first.notes.until(Phase.WAITING)
            first.desk.tell(acd.AgentReady(agent_id=A))
            await asyncio.wait_for(asked.wait(), 20)
        if request_is == "late":
            line.thaw()
        async with life(switch, tmp_path / "spool", caller, bank) as second:
            if request_is == "later than ours":
                async with asyncio.timeout(20):
                    while not bank.phones["seat-1001"].talks:  # noqa: ASYNC110 - the telephone tells nobody
                        await asyncio.sleep(0.02)
                line.thaw()
            await to_the_end(second)


async def test_an_offer_made_before_the_switch_has_said_anything_is_made_once(switch: Switch, tmp_path: Path) -> None:
    """On a full machine Asterisk is silent for seconds after a start, and agents come back from their break."""
    async with telephones(switch) as (caller, bank), proxy(split_bind(switch.settings.asterisk_http_bind)) as line:
        async with life(switch, tmp_path / "spool", caller, bank) as first:
            await sign_in(first, 1, A, "drill")
            await in_line(first)
            await first.notes.until(Phase.WAITING)
        async with life(switch, tmp_path / "spool", caller, bank, deaf=line) as second:
            await sign_in(second, 1, A, "drill", new=False)
            second.desk.tell(acd.AgentReady(agent_id=A))
            assert [agent.state for agent in second.desk.rules.agents()] == [S.RESERVED]
            line.thaw()
            await to_the_end(second)


@pytest.mark.parametrize("phase", [Phase.TALKING, Phase.HELD, Phase.CONSULTING])
async def test_a_call_goes_on_where_it_was_and_nobody_is_rung_twice(
    switch: Switch, tmp_path: Path, phase: Phase
) -> None:
    async with telephones(switch) as (caller, bank):
        async with life(switch, tmp_path / "spool", caller, bank) as first:
            await begin(first)
            if phase is Phase.HELD:
                first.does(m.AgentHold(agent_id=A))
                await first.notes.until(Phase.HELD)
            if phase is Phase.CONSULTING:
                first.does(m.AgentConsult(agent_id=A, to_agent=B))
                await first.together(A, B)
        assert not caller.over.is_set(), "nobody on the telephone notices"
        async with life(switch, tmp_path / "spool", caller, bank) as second:
            taken = await second.notes.until(phase)
            if phase is Phase.CONSULTING:
                await second.together(A, B)
                second.does(m.AgentCancel(agent_id=A))
            elif phase is Phase.HELD:
                second.does(m.AgentResume(agent_id=A))
            await second.together("caller", A)
            assert {a.profile.agent_id: a.state for a in second.desk.rules.agents()}[A] is S.TALKING
            assert not any(phone.doubled for phone in bank.phones.values())
            caller.hang_up()
            ended = await second.notes.until(Phase.ENDED)
            assert (ended.id, ended.end_reason, ended.answered_by) == (taken.id, "completed", A)
            await nothing_left(second.node)
