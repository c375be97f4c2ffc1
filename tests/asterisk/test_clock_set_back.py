"""The machine's clock is set back an hour, and forward again, while people talk and wait on a real Asterisk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.acd import messages as acd
from callcenter.calls.journal import CallJournal
from callcenter.calls.messages import Phase
from callcenter.calls.replay import Journalled, Left
from callcenter.calls.state import Call
from callcenter.calls.tables import Contact, SegmentRow
from callcenter.clock import SteadyClock
from callcenter.db.engine import Database
from callcenter.drill.phone import PhoneBank
from callcenter.ids import AgentId, new_id
from callcenter.ivr.loader import compile_files
from callcenter.reporting.today import TodayFigures
from callcenter.spool.entries import handlers
from callcenter.spool.shipping import Shipper
from callcenter.spool.store import Spool
from tests.asterisk import test_first_call as first
from tests.asterisk.test_first_call import SEAT, Notebook, centre
from tests.support.caller import Caller
from tests.support.switch import Switch

pytestmark = pytest.mark.timeout(120)
HOUR_S = 3600.0
FLOWS = compile_files(
    {
        "queues.yaml": b"general: {title: G}\n",
        "hotlines.yaml": b'"4008001": {title: Line, flow: main}\n',
        "main.yaml": b"flow: main\nstart: wait\nsteps:\n  wait: {queue: general}\n",
    }
)


class Machine:
    """Its wall clock, which somebody sets."""

    def __init__(self) -> None:
        self.set_by_s = 0.0
        self.clock = SteadyClock(lambda: time.time() + self.set_by_s)


class Kept(Notebook):
    """Events go to the real journal; who waits or talks is looked up by the order in which the calls came."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.spool = Spool(folder)
        self.journal = CallJournal(self.spool)

    def append(self, call: Call, event: Journalled, at: datetime, left: Left) -> None:
        self.journal.append(call, event, at, left)
        super().append(call, event, at, left)

    async def are(self, *phases: Phase) -> None:
        """Until the calls, in the order in which they came, are in these phases."""

        def now() -> list[Phase]:
            return list({call.id: call.phase for call, _ in self.events}.values())

        try:
            async with asyncio.timeout(20):
                while now() != list(phases):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{now()}, wanted {phases}") from None


async def test_an_hour_back_and_forth_costs_nobody_their_place_and_no_figure_its_truth(
    switch: Switch, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues = (acd.QueueSettings(name="general", title="G", announce_position_every_s=0, wrap_up_s=0),)
    monkeypatch.setattr(first, "QUEUES", queues)
    machine, notes, bank, agent = Machine(), Kept(tmp_path / "spool"), PhoneBank(switch.sip), AgentId(new_id())
    began = datetime.now(UTC)
    profile = acd.AgentProfile(
        agent_id=agent, name="A", extension="1001", seat=SEAT.name, queues={"general": 1}, wrap_up_s=0
    )
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(switch.node())
        made = centre(switch, node, notes, flows=FLOWS, clock=machine.clock)
        _, desk = await stack.enter_async_context(made)
        await asyncio.wait_for(node.wait_connected(), 20)
        await bank.open()
        stack.push_async_callback(bank.close)
        await node.provision_seat(SEAT)
        await bank.add(SEAT.name, SEAT.password)
        desk.tell(acd.AgentLoggedIn(profile=profile))
        desk.tell(acd.AgentPresence(agent_id=agent, phone=True, page=True))
        desk.tell(acd.AgentReady(agent_id=agent))
        callers: list[Caller] = []

        async def somebody_calls() -> None:
            caller = Caller(switch.sip, "4008001")
            await caller.open()
            stack.callback(caller.close)
            callers.append(caller)
            caller.dial()
            await asyncio.wait_for(caller.answered.wait(), 20)

        await somebody_calls()
        await notes.are(Phase.TALKING)
        await somebody_calls()
        await notes.are(Phase.TALKING, Phase.WAITING)
        machine.set_by_s -= HOUR_S
        await somebody_calls()
        await notes.are(Phase.TALKING, Phase.WAITING, Phase.WAITING)
        await callers[0].speak(0.5)
        callers[0].hang_up()
        await notes.are(Phase.ENDED, Phase.TALKING, Phase.WAITING)  # who waited before it was set back is first
        machine.set_by_s += HOUR_S
        await callers[1].speak(0.5)
        callers[1].hang_up()
        await notes.are(Phase.ENDED, Phase.ENDED, Phase.TALKING)
        await callers[2].speak(0.5)
        callers[2].hang_up()
        await notes.are(Phase.ENDED, Phase.ENDED, Phase.ENDED)
        took = (datetime.now(UTC) - began).total_seconds()
    await Shipper(notes.spool, db, machine.clock, handlers(notes.journal.write)).drain()
    async with db.read() as session:
        contacts = list(await session.scalars(select(Contact).order_by(Contact.started_at)))
        segments = list(await session.scalars(select(SegmentRow).order_by(SegmentRow.contact_id, SegmentRow.seq)))
    assert [contact.end_reason for contact in contacts] == ["completed"] * 3
    ends: Callable[[SegmentRow], datetime] = lambda row: row.ended_at or row.started_at  # noqa: E731
    assert all(began <= row.started_at <= ends(row) for row in segments)
    assert sum((ends(row) - row.started_at).total_seconds() for row in segments) < 3 * took
    figures = await TodayFigures(db, machine.clock, ZoneInfo("Asia/Shanghai")).read([])
    assert figures.agents[agent].answered == 3
    talked = sum((ends(row) - row.started_at).total_seconds() for row in segments if row.kind == "talk")
    assert 1.5 <= talked < took
    notes.spool.close()
