"""A new version of the service, with other rules and another menu, takes over the live calls of the old on a real
Asterisk: nobody on the telephone notices."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.keeper import DeskKeeper
from callcenter.acd.messages import AgentState as S
from callcenter.acd.rules import DeskRules
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls import messages as m
from callcenter.calls.journal import CallJournal
from callcenter.calls.messages import Phase
from callcenter.calls.replay import Journalled, Left
from callcenter.calls.runner import CallRunner
from callcenter.calls.state import Call
from callcenter.calls.table import TABLE
from callcenter.clock import SystemClock
from callcenter.continuity import Continuity
from callcenter.drill.phone import Phone, PhoneBank
from callcenter.ids import AgentId, CallId
from callcenter.ivr.prompts import PromptStore
from callcenter.ivr.registry import FlowRegistry
from callcenter.ivr.said import static_prompts
from callcenter.spool.store import Spool
from tests.asterisk.test_first_call import QUEUES, Notebook
from tests.support.caller import Caller
from tests.support.switch import Switch, desk_profile, desk_seat, nothing_left

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
FLOWS = Path(__file__).parents[2] / "ivr_flows"


@pytest.fixture
def switch(shared_switch: Switch) -> Switch:
    """One for the file."""
    return shared_switch


class Written(Notebook):
    """What is told to the notebook is in the journal before."""

    pops: dict[AgentId, Any]

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self.journal, self.pops = CallJournal(spool), {}

    def append(self, call: Call, event: Journalled, at: datetime, left: Left) -> None:
        self.journal.append(call, event, at, left)
        super().append(call, event, at, left)

    async def are(self, **wanted: tuple[CallId, Phase]) -> None:
        """Until each of these calls is in that phase."""
        async with asyncio.timeout(20):
            while {name: self.phase(call_id) for name, (call_id, _) in wanted.items()} != {
                name: phase for name, (_, phase) in wanted.items()
            }:
                self._news.clear()
                await self._news.wait()

    def phase(self, call_id: CallId) -> Phase | None:
        return next((call.phase for call, _ in reversed(self.events) if call.id == call_id), None)

    def newest(self, call_id: CallId) -> Call:
        return next(call for call, _ in reversed(self.events) if call.id == call_id)


@dataclass
class Service:
    node: AsteriskNode
    notes: Written
    runner: CallRunner
    desk: Desk
    spool: Spool
    keeper: DeskKeeper
    continuity: Continuity
    bank: PhoneBank

    async def sign_in(self, number: int, queue: str = "drill", *, new: bool = True) -> Phone | None:
        """Agent 100x: ready, with page and telephone."""
        seat, agent_id = desk_seat(number), AgentId(f"agent{number}")
        phone = None
        if new:
            await self.node.provision_seat(seat)
            phone = await self.bank.add(seat.name, seat.password)
        profile = desk_profile(number, agent_id, queue, wrap_up_s=600)
        self.desk.tell(acd.AgentLoggedIn(profile=profile))
        self.desk.tell(acd.AgentPresence(agent_id=agent_id, phone=True, page=True))
        if new:
            self.desk.tell(acd.AgentReady(agent_id=agent_id))
        return phone

    def state(self, number: int) -> S:
        agent = self.desk.rules.agent(AgentId(f"agent{number}"))
        assert agent is not None
        return agent.state

    def in_line(self) -> list[tuple[CallId, datetime]]:
        return [(call.call_id, call.request.since) for call in self.desk.rules.waiting("drill")]

    async def lines_up(self, *wanted: CallId) -> None:
        """Until just these stand in line, in this order: the desk is told after the journal."""
        seen: list[CallId] = []
        until = asyncio.get_running_loop().time() + 20
        while asyncio.get_running_loop().time() < until:
            seen = [call_id for call_id, _ in self.in_line()]
            if seen == list(wanted):
                return
            await asyncio.sleep(0.02)  # the desk is looked at from outside
        raise AssertionError(seen)

    async def rooms(self) -> set[frozenset[str]]:
        return {bridge.channels for bridge in await self.node.bridges() if len(bridge.channels) > 1}


@asynccontextmanager
async def service(switch: Switch, data: Path, flows: Path, bank: PhoneBank) -> AsyncIterator[Service]:
    """One process's life, begun as the service begins it. Its end is a purposeful stop's."""
    clock, spool, toolbox = SystemClock(), Spool(data), switch.toolbox
    rules, notes = DeskRules(), Written(spool)
    keeper = DeskKeeper(rules, spool)
    continuity = Continuity(spool, keeper, switch.data / "asterisk" / "monitor")
    prompts = PromptStore(switch.settings.cache_dir, toolbox.command("espeak-ng"), toolbox.env)
    registry = FlowRegistry(flows, clock=clock, zone=ZoneInfo("Asia/Shanghai"))
    registry.on_swap(continuity.keep_flows)
    await prompts.prepare(static_prompts(await registry.start()))
    runner: CallRunner
    desk = Desk(rules, clock, lambda action: runner.decided(action))
    runner = CallRunner(
        clock=clock, desk=desk, journal=notes, pages=notes, prompts=prompts, flows=lambda: registry.current
    )
    runner.listen(continuity.follow)
    desk.tell(acd.QueuesDefined(queues=QUEUES))
    pages: Any = notes
    assert isinstance(pages.pops, dict)
    async with switch.node() as node:
        await continuity.restore(
            journal=notes.journal, runner=runner, desk=desk, node=node, pages=pages, registry=registry
        )
        tasks = [asyncio.create_task(desk.run()), asyncio.create_task(runner.follow(node))]
        try:
            await asyncio.wait_for(node.wait_connected(), 20)
            await runner.taken_up(10)
            assert runner.reconciled
            yield Service(node, notes, runner, desk, spool, keeper, continuity, bank)
            keeper.keep()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            spool.close()


def other_flows(folder: Path) -> Path:
    """The same hotlines with another menu: the key is another, the step has another name."""
    shutil.copytree(FLOWS, folder)
    drill = folder / "drill.yaml"
    text = drill.read_text(encoding="utf-8")
    text = text.replace("start: ask", "start: choose").replace("  ask:\n", "  choose:\n")
    text = text.replace("演练请按一。", "演练请按二。").replace("keys: {1: wait}", "keys: {2: wait}")
    drill.write_text(text.replace("- keys: 1\n", "- keys: 2\n"), encoding="utf-8")
    return folder


def other_rules(patch: pytest.MonkeyPatch) -> None:
    """Whatever happened before this instant, the new rules can make nothing of."""
    began = datetime.now(UTC)
    for pair, handler in list(TABLE.items()):
        if callable(handler):

            def changed(flows: Any, call: Any, event: Any, now: datetime, *, rule: Any = handler) -> Any:
                if now < began:
                    raise KeyError("this version has no such phase")
                return rule(flows, call, event, now)

            patch.setitem(TABLE, pair, changed)


class Callers:
    def __init__(self, switch: Switch, stack: AsyncExitStack) -> None:
        self._switch, self._stack = switch, stack
        self.all: list[Caller] = []

    async def one(self, now: Service, key: str = "1") -> tuple[Caller, CallId]:
        """In the menu; with a key, beyond it."""
        before = {call.id for call, _ in now.notes.events}
        caller = Caller(self._switch.sip, "4008009")
        await caller.open()
        self._stack.callback(caller.close)
        self.all.append(caller)
        caller.dial()
        await asyncio.wait_for(caller.answered.wait(), 20)
        (new,) = {call.id for call, _ in now.notes.events} - before
        if key:
            caller.press(key)
        return caller, new


async def test_calls_of_every_kind_are_taken_over_by_other_rules_and_another_menu(
    switch: Switch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, picks_up = tmp_path / "spool", asyncio.Event()
    async with AsyncExitStack() as stack:
        bank, callers = PhoneBank(switch.sip), Callers(switch, stack)
        await bank.open()
        stack.push_async_callback(bank.close)
        async with service(switch, data, FLOWS, bank) as old:
            await old.sign_in(6, "general")
            await old.sign_in(1)
            talker, talk = await callers.one(old)
            await old.notes.are(talk=(talk, Phase.TALKING))
            await old.sign_in(2)
            found, adopted = await callers.one(old)
            await old.notes.are(adopted=(adopted, Phase.TALKING))
            await old.sign_in(3)
            asker, asks = await callers.one(old)
            await old.notes.are(asks=(asks, Phase.TALKING))
            assert old.runner.post(asks, m.AgentConsult(agent_id=AgentId("agent3"), to_agent=AgentId("agent6")))
            await old.sign_in(4)
            done, over = await callers.one(old)
            await old.notes.are(over=(over, Phase.TALKING))
            done.hang_up()
            await old.notes.are(over=(over, Phase.ENDED))
            phone = await old.sign_in(5)
            assert phone is not None
            answer = phone._answer

            async def later(dialog: Any) -> None:
                await picks_up.wait()
                await answer(dialog)

            phone._answer = later  # type: ignore[method-assign]
            _, rings = await callers.one(old)
            await old.notes.are(rings=(rings, Phase.OFFERED))
            waiting = [(await callers.one(old))[1] for _ in range(3)]
            for number, call_id in enumerate(waiting):
                await old.notes.are(**{f"waiting{number}": (call_id, Phase.WAITING)})
            chooser, menu = await callers.one(old, "")
            async with asyncio.timeout(20):
                # The phase does not change with the answer.
                while (asked := old.notes.newest(asks).consult) is None or not asked.answered:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            await old.lines_up(rings, *waiting)
            before, rooms = old.in_line(), await old.rooms()
            assert len(rooms) == 3
            was = {call.id: call for call in old.runner.live.calls}
        spool = Spool(data)
        foreign = b'{"version": 99, "standing": {}}'
        spool.set_standings({adopted: foreign, waiting[1]: foreign})
        spool.close()
        other_rules(monkeypatch)
        async with service(switch, data, other_flows(tmp_path / "flows"), bank) as new:
            assert not any(caller.over.is_set() for caller in callers.all if caller is not done)
            assert {call_id for kind, _, call_id, _ in new.continuity.alarms if kind == "call_adopted"} == {
                adopted,
                waiting[1],
            }
            assert {kind for kind, *_ in new.continuity.alarms} == {"call_adopted"}
            now = {call.id: call for call in new.runner.live.calls}
            assert {call_id: call.phase for call_id, call in now.items()} == {
                call_id: call.phase for call_id, call in was.items()
            }
            for call_id in (talk, asks, rings, waiting[0], waiting[2]):
                assert now[call_id] == was[call_id]
            assert new.in_line() == before, "rank and place"
            assert await new.rooms() == rooms, "who talked talks"
            assert [new.state(number) for number in range(1, 7)] == [
                S.TALKING, S.TALKING, S.CONSULTING, S.WRAP_UP, S.RINGING, S.CONSULTING,
            ]  # fmt: skip
            assert not any(phone.doubled for phone in bank.phones.values())
            await new.sign_in(5, new=False)
            picks_up.set()
            await new.notes.are(rings=(rings, Phase.TALKING))
            assert len(phone.talks) == 1, "rung once"
            chooser.press("1")
            await new.notes.are(menu=(menu, Phase.WAITING))
            _, late = await callers.one(new, "2")
            await new.notes.are(late=(late, Phase.WAITING))
            await new.lines_up(*waiting, menu, late)
            assert new.runner.post(asks, m.AgentComplete(agent_id=AgentId("agent3")))
            await new.notes.are(asks=(asks, Phase.TALKING))
            assert new.notes.newest(asks).talk.agent.agent_id == AgentId("agent6")  # type: ignore[union-attr]
            for caller in (talker, found, asker):
                caller.hang_up()
            await new.notes.are(talk=(talk, Phase.ENDED), adopted=(adopted, Phase.ENDED), asks=(asks, Phase.ENDED))
            ended = [new.notes.newest(call_id) for call_id in (talk, adopted, asks)]
            assert [(call.end_reason, call.answered_by) for call in ended] == [
                ("completed", AgentId(f"agent{number}")) for number in (1, 2, 3)
            ]
            assert new.state(2) is S.WRAP_UP, "what was adopted is credited, and written up"
            for caller in callers.all:
                caller.hang_up()
            await nothing_left(new.node)
