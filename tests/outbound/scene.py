"""A small centre on a real Asterisk: one agent with a real telephone, and a telephone outside behind the trunk."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentState
from callcenter.acd.rules import DeskRules
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls.call import Call
from callcenter.calls.messages import Phase
from callcenter.calls.runner import CallRunner
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.drill.phone import PhoneBank
from callcenter.ids import CallId
from callcenter.ivr.flow import FlowSet
from callcenter.ivr.hours import ALWAYS
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.said import static_prompts
from callcenter.outbound.callbacks import CallbackRoom
from callcenter.outbound.click import ClickToCall
from callcenter.outbound.dialler import OutsideDialler, Route
from callcenter.outbound.rules import DialRules
from callcenter.settings import split_bind
from tests.asterisk.test_first_call import AGENT, FLOWS, QUEUES, SEAT, Notebook
from tests.support.far import Far
from tests.support.results import ResultsWay
from tests.support.switch import Switch

NUMBER = "13800000001"
PROFILE = acd.AgentProfile(
    agent_id=AGENT, name="Agent", extension="1001", seat=SEAT.name, queues={"drill": 1}, drill=True
)


class OneWay:
    """All over the demo trunk, which a test's Asterisk has from its file."""

    def routes(self, number: str, spread: str, own: str = "") -> tuple[Route, ...]:
        return (Route(endpoint=f"PJSIP/{number}@trunk-demo", trunk="demo"),)

    def dialled(self, channel: str, trunk: str) -> None:
        pass

    def not_dialled(self, channel: str) -> None:
        pass


@dataclass
class Scene:
    node: AsteriskNode
    notes: Notebook
    runner: CallRunner
    desk: Desk
    bank: PhoneBank
    far: Far
    click: ClickToCall
    callbacks: CallbackRoom | None
    rules: DialRules
    rang: asyncio.Event

    def call(self, number: str = NUMBER) -> CallId:
        return self.click.call(PROFILE, number, "call", "4008009")

    @property
    def state(self) -> AgentState:
        found = self.desk.rules.agent(AGENT)
        assert found is not None
        return found.state

    async def becomes(self, state: AgentState) -> None:
        """The agent at the desk, which hears of what calls do a moment after they did it."""
        try:
            await self.until(lambda: self.state is state)
        except TimeoutError:
            raise AssertionError(f"the agent is {self.state}, wanted {state}") from None

    async def until(self, true: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
        """Wait for what no event tells; fails after the time."""
        async with asyncio.timeout(timeout_s):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def left(self) -> tuple[int, int, int]:
        """(calls, channels, bridges) once there are none, or after twenty seconds."""
        until = asyncio.get_running_loop().time() + 20
        while True:
            left = len(self.runner.live.calls), len(await self.node.channels()), len(await self.node.bridges())
            if left == (0, 0, 0) or asyncio.get_running_loop().time() > until:
                return left
            await asyncio.sleep(0.05)  # Asterisk takes channels apart in its own time

    async def ended(self) -> Call:
        return await self.notes.until(Phase.ENDED)


@asynccontextmanager
async def scene(
    switch: Switch,
    *,
    manner: str = "answer",
    db: Database | None = None,
    ready: bool = True,
    flows: FlowSet = FLOWS,
    max_lines: int = 90,
    overflow_lines: int = 10,
) -> AsyncIterator[Scene]:
    notes, bank, rang = Notebook(), PhoneBank(switch.sip), asyncio.Event()
    bank.rang = lambda talk: rang.set()
    far = Far(split_bind(switch.settings.demo_trunk)[1], manner)
    clock = SystemClock()
    rules = DialRules(allow=("CN:mobile",), hours=ALWAYS, zone=flows.zone, hotlines=frozenset(flows.hotlines))
    toolbox = switch.toolbox
    prompts = PromptStore(switch.settings.cache_dir, toolbox.command("espeak-ng"), toolbox.env)
    await prompts.prepare(static_prompts(flows))
    runner: CallRunner
    room: CallbackRoom | None = None

    def decided(action: acd.Action) -> None:
        if room is not None:
            room.seen(action)
        runner.decided(action)

    desk = Desk(DeskRules(), clock, decided)
    way: ResultsWay | None = None
    folder = Path(tempfile.mkdtemp(prefix="callcenter-results-"))
    if db is not None:
        way = ResultsWay(folder, db, clock)
        room = CallbackRoom(
            db, desk, clock, lambda: rules, way.results, flow_version=lambda: flows.version,
            live=lambda call_id: any(call.id == call_id for call in runner.live.calls),
            abort=lambda place: runner.end_callback(place),
        )  # fmt: skip
    dialler = OutsideDialler(lambda: rules, OneWay(), clock)
    runner = CallRunner(
        clock=clock, desk=desk, journal=notes, pages=notes, prompts=prompts, flows=lambda: flows,
        dialler=dialler, callbacks=room, max_lines=max_lines, overflow_lines=overflow_lines,
    )  # fmt: skip
    if room is not None:
        runner.on_answered(room.answered)
    desk.tell(acd.QueuesDefined(queues=QUEUES))
    async with AsyncExitStack() as stack:
        await bank.open()
        stack.push_async_callback(bank.close)
        await far.open()
        stack.callback(far.close)
        node = await stack.enter_async_context(switch.node())
        stack.callback(shutil.rmtree, folder)
        rooms = []
        if room is not None and way is not None:
            stack.push_async_callback(way.shipper.drain)
            rooms = [room.run(), way.shipper.run()]
        for work in (desk.run(), runner.follow(node), *rooms):
            stack.push_async_callback(_stop, asyncio.create_task(work))
        await asyncio.wait_for(node.wait_connected(), 20)
        await node.provision_seat(SEAT)
        await bank.add(SEAT.name, SEAT.password)
        desk.tell(acd.AgentLoggedIn(profile=PROFILE))
        desk.tell(acd.AgentPresence(agent_id=AGENT, phone=True, page=True))
        if ready:
            desk.tell(acd.AgentReady(agent_id=AGENT))
        made = Scene(
            node, notes, runner, desk, bank, far,
            ClickToCall(desk, runner, dialler, lambda: flows), room, rules, rang,
        )  # fmt: skip
        await made.until(lambda: bool(runner.node))
        yield made


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


__all__ = ["AGENT", "NUMBER", "Scene", "datetime", "replace", "scene"]
