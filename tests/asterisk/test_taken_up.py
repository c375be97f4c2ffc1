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
from callcenter.calls import messages as m
from callcenter.calls.journal import CallJournal
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.continuity import held_agents, waiting_ones
from callcenter.drill.phone import PhoneBank
from callcenter.ivr.flow import FlowSet
from callcenter.spool.store import Spool
from tests.asterisk.test_first_call import FLOWS, Notebook, centre
from tests.asterisk.test_talk import A, B, Scene
from tests.support.caller import Caller
from tests.support.switch import Switch, desk_seat

pytestmark = pytest.mark.timeout(120)


class Written(Notebook):
    """A notebook that is kept on disk too."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.journal = CallJournal(Spool(folder))

    def append(self, call: Call, event: m.Event, at: datetime) -> None:
        self.journal.append(call, event, at)
        super().append(call, event, at)


async def flows_of(version: str) -> FlowSet:
    assert version == FLOWS.version
    return FLOWS


@asynccontextmanager
async def life(switch: Switch, folder: Path, caller: Caller, bank: PhoneBank) -> AsyncIterator[Scene]:
    """One process's life: what the journal has is taken up. Its end is sudden: nothing is told to anybody."""
    notes = Written(folder)
    async with switch.node() as node, centre(switch, node, notes) as (runner, desk):
        live, broken = await notes.journal.load(flows_of)
        assert broken == []
        runner.restore(
            [(one, FLOWS) for one in live], node, boots={}, died_at=max((o.last_at for o in live), default=None)
        )
        if live:
            restored, then = rebuild(acd.Restored(), [h for o in live for h in held_agents(o.call)], waiting_ones(live))
            for command in (restored, *then):
                desk.tell(command)
        await asyncio.wait_for(node.wait_connected(), 10)
        await runner.taken_up(10)
        assert runner.reconciled
        yield Scene(node, notes, runner, desk, caller, bank)


async def begin(scene: Scene) -> None:
    """Agent A in conversation, agent B free."""
    for number, agent_id in ((1, A), (2, B)):
        seat = desk_seat(number)
        await scene.node.provision_seat(seat)
        await scene.bank.add(seat.name, seat.password)
        profile = acd.AgentProfile(
            agent_id=agent_id,
            name=agent_id,
            extension=seat.caller_id_number,
            seat=seat.name,
            queues={"drill": 1} if agent_id == A else {"general": 1},
            drill=True,
            wrap_up_s=60,
        )
        scene.desk.tell(acd.AgentLoggedIn(profile=profile))
        scene.desk.tell(acd.AgentPresence(agent_id=agent_id, phone=True, page=True))
        scene.desk.tell(acd.AgentReady(agent_id=agent_id))
    scene.caller.dial()
    await asyncio.wait_for(scene.caller.answered.wait(), 10)
    await scene.notes.until(Phase.MENU)
    scene.caller.press("1")
    await scene.notes.until(Phase.TALKING)
    await scene.together("caller", A)


@pytest.mark.parametrize("phase", [Phase.TALKING, Phase.HELD, Phase.CONSULTING])
async def test_a_call_goes_on_where_it_was_and_nobody_is_rung_twice(
    switch: Switch, tmp_path: Path, phase: Phase
) -> None:
    caller, bank = Caller(switch.sip, "4008009"), PhoneBank(switch.sip)
    await caller.open()
    await bank.open()
    try:
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
            async with asyncio.timeout(10):
                while (await second.node.channels(), await second.node.bridges()) != ((), ()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
    finally:
        caller.close()
        await bank.close()
