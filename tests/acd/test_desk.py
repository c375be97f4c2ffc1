"""The desk's thin shell: commands in order, one bad command alone fails, deadlines wake it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from callcenter.acd import messages as m
from callcenter.acd.desk import Desk
from callcenter.acd.rules import DeskRules
from callcenter.clock import SystemClock
from callcenter.ids import AgentId, CallId, OfferId
from tests.acd.floor import queue


def agent(desk: Desk, name: str, wrap_up_s: float = 0.0) -> None:
    profile = m.AgentProfile(
        agent_id=AgentId(name), name=name, extension="1", seat="s", queues={"general": 1}, wrap_up_s=wrap_up_s
    )
    desk.tell(m.AgentLoggedIn(profile=profile))
    desk.tell(m.AgentPresence(agent_id=profile.agent_id, phone=True, page=True))
    desk.tell(m.AgentReady(agent_id=profile.agent_id))


async def test_an_answer_told_while_offers_go_out_waits_its_turn() -> None:
    seen: list[str] = []

    def decided(action: m.Action) -> None:
        seen.append(type(action).__name__)
        if isinstance(action, m.OfferMade):
            desk.tell(m.OfferAnswered(offer_id=action.offer_id))
            seen.append("told")

    clock = SystemClock()
    desk = Desk(DeskRules(), clock, decided)
    desk.tell(m.QueuesDefined(queues=(queue(),)))
    agent(desk, "anna")
    seen.clear()
    desk.tell(m.CallQueued(call_id=CallId("c"), queue="general", since=clock.now()))
    assert seen == ["AgentSnapshot", "OfferMade", "told", "WaitOver", "AgentSnapshot"]
    found = desk.rules.agent(AgentId("anna"))
    assert found is not None
    assert found.state is m.AgentState.TALKING


class Faulty(DeskRules):
    """Fails half-way through one command, after it has decided something."""

    def apply(self, command: m.Command, now: datetime) -> list[m.Action]:
        actions = super().apply(command, now)
        if isinstance(command, m.OfferRinging):
            raise RuntimeError("a bug")
        return actions


async def test_a_command_that_fails_costs_nobody_else_and_hides_nothing() -> None:
    told: list[m.Action] = []
    clock = SystemClock()
    desk = Desk(Faulty(), clock, told.append)
    desk.tell(m.QueuesDefined(queues=(queue(),)))
    agent(desk, "anna")
    desk.tell(m.CallQueued(call_id=CallId("c"), queue="general", since=clock.now()))
    told.clear()
    desk.tell(m.OfferRinging(offer_id=OfferId("c-1")))
    assert [type(a).__name__ for a in told] == ["AgentSnapshot", "IncidentFound"]
    desk.tell(m.OfferAnswered(offer_id=OfferId("c-1")))
    assert isinstance(told[-1], m.AgentSnapshot)


async def test_a_listener_that_fails_does_not_keep_the_rest_from_being_told() -> None:
    told: list[m.Action] = []

    def decided(action: m.Action) -> None:
        told.append(action)
        raise RuntimeError("a page's bug")

    desk = Desk(DeskRules(), SystemClock(), decided)
    agent(desk, "anna")
    assert len(told) == 3


async def test_the_desk_wakes_at_its_own_deadline() -> None:
    over = asyncio.Event()

    def decided(action: m.Action) -> None:
        if isinstance(action, m.AgentSnapshot) and action.cause == "wrap_up_over":
            over.set()

    clock = SystemClock()
    desk = Desk(DeskRules(), clock, decided)
    task = asyncio.create_task(desk.run())
    agent(desk, "anna", wrap_up_s=0.05)
    desk.tell(m.TalkStarted(call_id=CallId("c"), agent_id=AgentId("anna")))
    before = clock.now()
    desk.tell(m.TalkEnded(call_id=CallId("c"), agent_id=AgentId("anna")))
    async with asyncio.timeout(20):
        await over.wait()
    assert clock.now() - before >= timedelta(seconds=0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
