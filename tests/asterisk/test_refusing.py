"""An Asterisk that answers 500 to every tenth request: calls go on, nothing is left over, nobody rings twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.messages import AgentState
from callcenter.asterisk.ari import AriConnection
from callcenter.asterisk.reconcile import Reconciler
from callcenter.calls.messages import Phase
from callcenter.clock import SystemClock
from callcenter.drill.phone import PhoneBank
from callcenter.errors import GatewayError
from callcenter.ids import AgentId, CallId
from tests.asterisk.test_first_call import SEAT, Notebook, centre
from tests.support.caller import Caller
from tests.support.switch import Switch

pytestmark = pytest.mark.timeout(240)
CALLERS, EVERY = 12, 10
FREE = {AgentState.READY, AgentState.NOT_RESPONDING}
AGENTS = (AgentId("agent1"), AgentId("agent2"))
SEATS = tuple(replace(SEAT, name=f"seat-100{n}", caller_id_number=f"100{n}") for n in (1, 2))


@asynccontextmanager
async def telling(seconds: float, story: Callable[[], object]) -> AsyncIterator[None]:
    """A time-out that says what had happened."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise AssertionError(f"stuck after {story()}") from None


class Refusing:
    """Stands in the client's way to a real Asterisk. ``done``: what it refuses has happened all the same."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, done: bool) -> None:
        self.asked, self.refused = 0, list[str]()
        through = AriConnection.request

        async def request(ari: AriConnection, method: str, uri: str, **options: Any) -> Any:
            self.asked += 1
            if self.asked % EVERY:
                return await through(ari, method, uri, **options)
            self.refused.append(f"{method} {uri.split('/')[0]}")
            if done:
                with suppress(GatewayError):
                    await through(ari, method, uri, **options)
            raise GatewayError(f"{method} {uri}: Asterisk answered 500", http_status=500)

        monkeypatch.setattr(AriConnection, "request", request)


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done all the same"])
async def test_calls_go_on_with_an_asterisk_that_refuses_every_tenth_request(
    switch: Switch, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    notes, bank = Notebook(), PhoneBank(switch.sip)
    refusing = Refusing(monkeypatch, done=done)
    async with switch.node() as node, centre(switch, node, notes) as (runner, desk):
        await asyncio.wait_for(node.wait_connected(), 20)
        await bank.open()
        for agent_id, seat in zip(AGENTS, SEATS, strict=True):
            for _ in range(3):
                with suppress(GatewayError):  # as an agent's page does, which asks again
                    await node.provision_seat(seat)
                    break
            await bank.add(seat.name, seat.password)
            profile = acd.AgentProfile(
                agent_id=agent_id,
                name=agent_id,
                extension=seat.caller_id_number,
                seat=seat.name,
                queues={"drill": 1},
                drill=True,
                wrap_up_s=0,
            )
            desk.tell(acd.AgentLoggedIn(profile=profile))
            desk.tell(acd.AgentPresence(agent_id=agent_id, phone=True, page=True))
            desk.tell(acd.AgentReady(agent_id=agent_id))
        sweeping = asyncio.create_task(
            Reconciler(node, runner.live.lives, SystemClock(), owns_caller=runner.live.has_caller, every_s=0.3).run()
        )

        async def ends(call_id: CallId) -> None:
            async with asyncio.timeout(30):
                while runner.live.lives(call_id):  # noqa: ASYNC110 - what a call is in is told by no event of its own
                    await asyncio.sleep(0.02)

        def story() -> object:
            return [str(event)[:160] for _, event in notes.events[-6:]], desk.rules.agents()

        async def one() -> None:
            """A caller who presses 1 and hangs up when the agent has spoken, or when there is nothing more to hear."""
            known = {call.id for call, _ in notes.events}
            caller = Caller(switch.sip, "4008009")
            await caller.open()
            try:
                caller.dial()
                async with telling(30, story):
                    while not (new := [call for call, _ in notes.events if call.id not in known]):  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
                    call_id, pressed = new[0].id, False
                    patience = asyncio.get_running_loop().time() + 10
                    while not caller.over.is_set() and runner.live.lives(call_id):
                        if asyncio.get_running_loop().time() > patience:
                            break  # as callers do who hear nothing: that call must end as well
                        phase = next(call for call, _ in reversed(notes.events) if call.id == call_id).phase
                        if phase is Phase.MENU and not pressed and caller.answered.is_set():
                            pressed = True
                            caller.press("1")
                        if phase is Phase.TALKING:
                            break
                        for agent in desk.rules.agents():
                            if agent.state is AgentState.NOT_RESPONDING:  # as a person does who sees that
                                desk.tell(acd.AgentReady(agent_id=agent.profile.agent_id))
                        await asyncio.sleep(0.02)
                    caller.hang_up()
                await ends(call_id)
            finally:
                caller.close()

        try:
            for _ in range(CALLERS):
                await one()
            async with asyncio.timeout(30):
                while True:
                    with suppress(GatewayError):
                        held = {each.state for each in desk.rules.agents()} - {
                            AgentState.READY,
                            AgentState.NOT_RESPONDING,
                        }
                        if not held and (await node.channels(), await node.bridges()) == ((), ()):
                            break
                    await asyncio.sleep(0.1)  # the sweep looks twice before it ends anything
        finally:
            sweeping.cancel()
            await bank.close()
    last = {call.id: call for call, _ in notes.events}
    assert len(last) == CALLERS, "each caller is one call"
    assert all(call.ended_at is not None and call.end_reason for call in last.values())
    served = sum(call.answered_by in AGENTS for call in last.values())
    print(f"{served} of {CALLERS} served, {len(refusing.refused)} of {refusing.asked} requests refused")
    assert len(refusing.refused) > CALLERS / 2
    assert served >= CALLERS / 2, f"most are served all the same: {refusing.refused}"
    assert not any(phone.doubled for phone in bank.phones.values())
