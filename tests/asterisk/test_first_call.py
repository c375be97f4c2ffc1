"""The thin whole over real SIP: a telephone, the menu, the queue, a registered desk phone, the recording."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentState
from callcenter.acd.rules import DeskRules
from callcenter.asterisk import events as e
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls.call import Call
from callcenter.calls.messages import Phase, SegmentKind
from callcenter.calls.replay import Journalled, Left
from callcenter.calls.runner import CallRunner
from callcenter.calls.switch import Dialler
from callcenter.clock import Clock, SystemClock
from callcenter.drill.own import free_ports
from callcenter.ids import AgentId, CallId, OfferId
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.loader import load
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.said import static_prompts
from tests.support.sipp import SippFailed, sipp
from tests.support.switch import Switch, desk_seat, nothing_left, real_asterisk

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
AGENT = AgentId("agent1")
SEAT = desk_seat(1)
QUEUES = tuple(
    acd.QueueSettings(name=q.name, title=q.title, wrap_up_s=0.0 if q.drill else q.wrap_up_s, drill=q.drill)
    for q in FLOWS.queues.values()
)


class Notebook:
    """Stands where journal and pages will: remembers what it was told, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[Call, Journalled]] = []
        self.told: list[str] = []
        self._news = asyncio.Event()
        self._read = 0
        """The event that was waited for last: what other calls did before it is over."""

    def append(self, call: Call, event: Journalled, at: datetime, left: Left) -> None:
        self.events.append((call, event))
        self._news.set()

    async def prepare(self, call: Call) -> None: ...

    async def pop(self, call: Call, offer: acd.OfferMade) -> None:
        self.told.append("pop")

    def offer_over(self, agent_id: AgentId, offer_id: OfferId, reason: str) -> None:
        self.told.append(f"offer {reason}")

    def show_call(self, agent_id: AgentId, call: Call) -> None:
        self.told.append(f"call {call.phase}")

    def refuse(self, agent_id: AgentId, code: str) -> None:
        self.told.append(f"refused {code}")

    async def until(self, phase: Phase, *, timeout_s: float = 20.0) -> Call:
        """Wait until a call is in this phase by its newest event; of several, the one that got there last.

        Not by the newest event of all: on a full machine another call may do something in the same breath.
        """
        async with asyncio.timeout(timeout_s):
            while (found := self._newest_in(phase)) is None:
                self._news.clear()
                await self._news.wait()
        self._read = found
        return self.events[found][0]

    def _newest_in(self, phase: Phase) -> int | None:
        seen: set[CallId] = set()
        for number in range(len(self.events) - 1, self._read - 1, -1):
            call, _ = self.events[number]
            if call.phase is phase and call.id not in seen:
                return number
            seen.add(call.id)
        return None


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[Switch]:
    async with real_asterisk(tmp_path) as running:
        yield running


@asynccontextmanager
async def centre(
    switch: Switch,
    node: AsteriskNode,
    notes: Notebook,
    *,
    flows: FlowSet = FLOWS,
    dialler: Dialler | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[tuple[CallRunner, Desk]]:
    toolbox, clock = switch.toolbox, clock or SystemClock()
    prompts = PromptStore(switch.settings.cache_dir, toolbox.command("espeak-ng"), toolbox.env)
    await prompts.prepare(static_prompts(flows))
    runner: CallRunner
    desk = Desk(DeskRules(), clock, lambda action: runner.decided(action))
    runner = CallRunner(
        clock=clock,
        desk=desk,
        journal=notes,
        pages=notes,
        prompts=prompts,
        flows=lambda: flows,
        dialler=dialler,
    )
    desk.tell(acd.QueuesDefined(queues=QUEUES))
    tasks = [asyncio.create_task(desk.run()), asyncio.create_task(runner.follow(node))]
    try:
        yield runner, desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def ready_agent(desk: Desk) -> None:
    profile = acd.AgentProfile(
        agent_id=AGENT, name="Agent", extension="1001", seat=SEAT.name, queues={"drill": 1}, drill=True
    )
    desk.tell(acd.AgentLoggedIn(profile=profile))
    desk.tell(acd.AgentPresence(agent_id=AGENT, phone=True, page=True))
    desk.tell(acd.AgentReady(agent_id=AGENT))


async def test_a_real_call_reaches_a_real_telephone_and_is_recorded(switch: Switch, tmp_path: Path) -> None:
    notes = Notebook()
    (agent_port, caller_port) = free_ports(2)
    async with switch.node() as node, centre(switch, node, notes) as (_, desk):
        await asyncio.wait_for(node.wait_connected(), 20)
        await node.provision_seat(SEAT)
        login = ("-s", SEAT.name, "-au", SEAT.name, "-ap", SEAT.password, "-p", str(agent_port), "-m", "1")
        await sipp(switch.toolbox, "register.xml", switch.sip, tmp_path / "register", *login)
        ready_agent(desk)
        phone = asyncio.create_task(
            sipp(switch.toolbox, "agent.xml", switch.sip, tmp_path / "agent", "-p", str(agent_port), "-m", "1")
        )
        options = ("-s", "4008009", "-key", "digit", "1", "-d", "1500", "-p", str(caller_port), "-m", "1")
        await sipp(switch.toolbox, "caller.xml", switch.sip, tmp_path / "caller", *options)
        call = await notes.until(Phase.ENDED)
        await phone
        await nothing_left(node)
    assert (call.end_reason, call.ended_by, call.answered_by) == ("completed", "caller", AGENT)
    assert [s.kind for s in call.segments] == [SegmentKind.MENU, SegmentKind.WAIT, SegmentKind.RING, SegmentKind.TALK]
    assert notes.told[0] == "pop", "before anything else about the call"
    assert "offer answered" in notes.told
    snapshot = desk.rules.agent(AGENT)
    assert snapshot is not None
    assert snapshot.state is AgentState.READY, "no wrap-up in the drill's queue"
    raw = (tmp_path / "asterisk" / "monitor" / f"cc-{call.id}-capture.raw").read_bytes()
    right = struct.unpack(f"<{len(raw) // 4 * 2}h", raw[: len(raw) // 4 * 4])[1::2]
    assert len(right) > 8000, "more than a second was recorded"
    assert max(map(abs, right)) > 1000, "what the caller heard, the menu, is on the right"


async def test_a_wrong_password_registers_nobody(switch: Switch, tmp_path: Path) -> None:
    async with switch.node() as node:
        await asyncio.wait_for(node.wait_connected(), 20)
        await node.provision_seat(SEAT)
        login = ("-s", SEAT.name, "-au", SEAT.name, "-ap", "wrong", "-p", str(free_ports(1)[0]), "-m", "1")
        with pytest.raises(SippFailed):
            await sipp(switch.toolbox, "register.xml", switch.sip, tmp_path / "register", *login, timeout_s=8)


async def test_a_caller_who_hangs_up_in_the_menu_leaves_nothing_behind(switch: Switch, tmp_path: Path) -> None:
    notes = Notebook()
    async with switch.node() as node, centre(switch, node, notes):
        await asyncio.wait_for(node.wait_connected(), 20)
        options = ("-s", "4008001", "-key", "digit", "9", "-d", "300", "-p", str(free_ports(1)[0]), "-m", "1")
        await sipp(switch.toolbox, "caller.xml", switch.sip, tmp_path / "caller", *options)
        call = await notes.until(Phase.ENDED)
        assert call.end_reason == "abandoned_in_menu"
        await nothing_left(node)


async def test_the_first_thing_told_is_what_is_there(switch: Switch) -> None:
    async with switch.node() as node:
        async with asyncio.timeout(20):
            first = await anext(node.events())
        assert isinstance(first, e.SwitchUp)
        assert first.version.startswith("22.")
        assert first.channels == ()
