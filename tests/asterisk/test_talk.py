"""Blind transfer, consultation and conference on a real Asterisk: who is in one bridge with whom, step by step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentState as S
from callcenter.asterisk.node import AsteriskNode
from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.runner import CallRunner
from callcenter.calls.state import Call
from callcenter.calls.switch import Dialler
from callcenter.drill import tone
from callcenter.drill.phone import PhoneBank
from callcenter.ids import AgentId
from tests.asterisk import test_first_call as first
from tests.asterisk.test_first_call import Notebook, centre
from tests.support.caller import Caller
from tests.support.switch import Switch, desk_seat, nothing_left

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
A, B = AgentId("agent1"), AgentId("agent2")


@pytest.fixture
def switch(shared_switch: Switch) -> Switch:
    """One for the file."""
    return shared_switch


@dataclass
class Scene:
    node: AsteriskNode
    notes: Notebook
    runner: CallRunner
    desk: Desk
    caller: Caller
    bank: PhoneBank

    async def heard(self) -> dict[str, float]:
        """Once all telephones are down: the seconds for which each heard the other agent's tone."""
        await self.bank.all_heard()
        return {seat: sum(t.heard.tone for t in phone.talks) * 0.02 for seat, phone in self.bank.phones.items()}

    @property
    def call(self) -> Call:
        return self.notes.events[-1][0]

    def does(self, event: m.Event) -> None:
        assert self.runner.post(self.call.id, event)

    async def together(self, *wanted: str) -> None:
        """Until Asterisk has just these in one bridge, and nobody else in any."""
        seen: list[set[str]] = []
        until = asyncio.get_running_loop().time() + 20
        while asyncio.get_running_loop().time() < until:
            parts = {"caller": self.call.channel}
            if self.call.talk is not None:
                parts[self.call.talk.agent.agent_id] = self.call.talk.channel
            if self.call.consult is not None:
                asked = self.call.consult.agent
                parts[asked.agent_id if asked else "outside"] = self.call.consult.channel
            if self.call.outside is not None:
                parts["outside"] = self.call.outside.channel
            names = {channel: name for name, channel in parts.items()}
            bridges = await self.node.bridges()
            seen = [{names.get(c, c) for c in bridge.channels} for bridge in bridges if len(bridge.channels) > 1]
            if seen == [set(wanted)]:
                return
            await asyncio.sleep(0.05)  # Asterisk is asked: what a command did there is told by no event of ours
        raise AssertionError(f"in bridges: {seen}, wanted {wanted}, phase {self.call.phase}")

    async def told(self, wanted: str) -> None:
        """Until an agent's page was told that."""
        async with asyncio.timeout(20):
            while wanted not in self.notes.told:  # noqa: ASYNC110 - pages are told beside the journal
                await asyncio.sleep(0.02)

    async def states(self, *wanted: S) -> None:
        seen: list[S] = []
        until = asyncio.get_running_loop().time() + 20
        while asyncio.get_running_loop().time() < until:
            seen = [agent.state for agent in self.desk.rules.agents()]
            if seen == list(wanted):
                return
            await asyncio.sleep(0.05)  # the desk's states are looked at from outside
        raise AssertionError(seen)


@asynccontextmanager
async def talking(
    switch: Switch,
    dialler: Dialler | None = None,
    *,
    browser: bool = False,
    both: bool = False,
    detour: int | None = None,
) -> AsyncIterator[Scene]:
    """Agent A in conversation with a caller, agent B free; ``both``: either of them.

    ``detour``: see :meth:`Switch.node`.
    """
    notes, bank, caller = Notebook(), PhoneBank(switch.sip), Caller(switch.sip, "4008009")
    async with switch.node(detour) as node, centre(switch, node, notes, dialler=dialler) as (runner, desk):
        await asyncio.wait_for(node.wait_connected(), 20)
        await bank.open()
        await caller.open()
        for number, agent_id, queues in ((1, A, {"drill": 1}), (2, B, {"drill": 1} if both else {"general": 1})):
            seat = desk_seat(number)
            await node.provision_seat(seat)
            await bank.add(seat.name, seat.password)
            profile = acd.AgentProfile(
                agent_id=agent_id,
                name=agent_id,
                extension=seat.caller_id_number,
                seat=seat.name,
                queues=queues,
                drill=True,
                wrap_up_s=60,
                browser=browser,
            )
            desk.tell(acd.AgentLoggedIn(profile=profile))
            desk.tell(acd.AgentPresence(agent_id=agent_id, phone=True, page=True))
            desk.tell(acd.AgentReady(agent_id=agent_id))
        made = Scene(node, notes, runner, desk, caller, bank)
        try:
            caller.dial()
            await asyncio.wait_for(caller.answered.wait(), 20)
            await notes.until(Phase.MENU)
            caller.press("1")
            call = await notes.until(Phase.TALKING)
            assert call.talk is not None
            await made.together("caller", call.talk.agent.agent_id)
            yield made
            caller.hang_up()
            await notes.until(Phase.ENDED)
            await nothing_left(node)
        finally:
            caller.close()
            await bank.close()


async def consulting(scene: Scene) -> None:
    scene.does(m.AgentConsult(agent_id=A, to_agent=B))
    await scene.together(A, B)
    await scene.states(S.CONSULTING, S.CONSULTING)


async def test_asked_swapped_and_handed_over(switch: Switch) -> None:
    async with talking(switch) as scene:
        await consulting(scene)
        scene.does(m.AgentSwap(agent_id=A))
        await scene.together("caller", A)
        scene.does(m.AgentSwap(agent_id=A))
        await scene.together(A, B)
        scene.does(m.AgentComplete(agent_id=A))
        await scene.together("caller", B)
        await scene.states(S.WRAP_UP, S.TALKING)


async def test_the_two_agents_hear_each_other_and_nothing_while_apart(
    switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every telephone speaks the agents' tone and listens for it; the caller is silent.
    monkeypatch.setattr(tone, "CALLER_HZ", tone.AGENT_HZ)
    async with talking(switch) as scene:
        await consulting(scene)
        await asyncio.sleep(1.5)  # what is measured is a stretch of sound
        scene.does(m.AgentCancel(agent_id=A))
        await scene.together("caller", A)
        await scene.states(S.TALKING, S.READY)
        heard_b = (await scene.heard())[f"seat-{1002}"]
        await asyncio.sleep(1.0)
    heard = await scene.heard()
    assert heard_b > 1.0
    assert 1.0 < heard["seat-1001"] < heard_b + 0.7, "nothing of the colleague after the consultation"


async def test_asked_and_cancelled(switch: Switch) -> None:
    async with talking(switch) as scene:
        await consulting(scene)
        scene.does(m.AgentCancel(agent_id=A))
        await scene.together("caller", A)
        await scene.states(S.TALKING, S.READY)


async def test_all_three_and_then_the_other_two(switch: Switch) -> None:
    async with talking(switch) as scene:
        await consulting(scene)
        scene.does(m.AgentConference(agent_id=A))
        await scene.together("caller", A, B)
        scene.does(m.AgentHangUp(agent_id=A))
        await scene.together("caller", B)
        await scene.states(S.WRAP_UP, S.TALKING)


async def test_handed_to_a_colleague_blindly(switch: Switch) -> None:
    async with talking(switch) as scene:
        scene.does(m.AgentTransfer(agent_id=A, to_agent=B))
        await scene.states(S.WRAP_UP, S.TALKING)
        await scene.together("caller", B)


async def test_in_a_conference_each_agent_hears_the_other(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tone, "CALLER_HZ", tone.AGENT_HZ)
    async with talking(switch) as scene:
        await consulting(scene)
        scene.does(m.AgentSwap(agent_id=A))
        await scene.together("caller", A)
        scene.does(m.AgentConference(agent_id=A))
        await scene.together("caller", A, B)
        before = time.monotonic()
        await asyncio.sleep(3.0)  # what is measured is a stretch of sound
    await scene.heard()
    for phone in scene.bank.phones.values():
        last = phone.talks[-1].heard.last_at
        assert last is not None
        assert last > before + 2.0, "the colleague is heard to the end"


async def test_all_who_are_free_ring_and_one_of_them_has_the_caller(
    switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both telephones answer by themselves in the same moment. For the next caller the other one rings alone, the
    first joins in when free, nobody answers in time, and of the second ring one does."""
    queues = tuple(
        replace(queue, strategy=acd.Strategy.RING_ALL, wrap_up_s=0.0, ring_timeout_s=3.0) for queue in first.QUEUES
    )
    monkeypatch.setattr(first, "QUEUES", queues)
    async with talking(switch, both=True) as scene, calling(switch) as second:
        assert scene.call.talk is not None
        winner = scene.call.talk.agent.agent_id

        async def they_are(mine: S, other: S) -> None:
            await scene.states(*((mine, other) if winner == A else (other, mine)))

        await they_are(S.TALKING, S.READY)
        assert scene.notes.told.count("pop") == 2, "each saw the caller before their telephone rang"
        scene.notes.told.clear()
        phones = {A: scene.bank.phones[desk_seat(1).name], B: scene.bank.phones[desk_seat(2).name]}
        for phone in phones.values():
            phone.ring_s = 60.0
        second.dial()
        await asyncio.wait_for(second.answered.wait(), 20)
        await scene.notes.until(Phase.MENU)
        second.press("1")
        await they_are(S.TALKING, S.RINGING)
        scene.caller.hang_up()
        await they_are(S.WRAP_UP, S.RINGING)
        scene.desk.tell(acd.WrapUpDone(agent_id=winner))
        await they_are(S.RINGING, S.RINGING)
        assert [ring.shared for ring in scene.call.rings] == [True, True]
        phones[winner].ring_s = 0.0
        await they_are(S.TALKING, S.READY)
        await scene.together("caller", winner)
        *before, last, other = [told for told in scene.notes.told if told.startswith("offer")]
        assert (last, other) == ("offer answered", "offer answered_elsewhere")
        assert len(before) > 1 and set(before) == {"offer rang_out"}, "nobody answered in time, however often"
        second.hang_up()
        await scene.notes.until(Phase.ENDED)
        left = phones[B if winner == A else A].talks[-1]
        assert left.answered_at is None
        assert left.ended_at is not None, "its telephone rings no more"
        assert [phone.doubled for phone in phones.values()] == [0, 0]


@asynccontextmanager
async def calling(switch: Switch) -> AsyncIterator[Caller]:
    """One more caller."""
    caller = Caller(switch.sip, "4008009")
    await caller.open()
    yield caller
    caller.close()
