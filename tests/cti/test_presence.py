"""Pages and telephones as the desk is told of them, after a start too."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from callcenter.acd import messages as acd
from callcenter.acd.desk import Desk
from callcenter.acd.messages import AgentState as S
from callcenter.acd.rules import DeskRules
from callcenter.asterisk.events import SwitchUp
from callcenter.clock import SystemClock
from callcenter.cti.breaks import BreakTimes
from callcenter.cti.console import Console
from callcenter.cti.pages import AgentPages, PageSocket
from callcenter.ids import AgentId, CallId, OfferId
from tests.acd.floor import queue

ANNA, CALL = AgentId("anna"), CallId("0" * 32)
PROFILE = acd.AgentProfile(agent_id=ANNA, name="Anna", extension="1", seat="seat-1", queues={"general": 1})


@pytest.mark.parametrize("registered", [True, False])
async def test_a_page_that_is_back_before_the_switch_was_heard_costs_nobody_their_offer(registered: bool) -> None:
    clock = SystemClock()
    desk = Desk(DeskRules(), clock, lambda action: None)
    runner = SimpleNamespace(tell_of=lambda *_, **__: None)
    pages = AgentPages(cast(Any, None))
    console = Console(
        desk, cast(Any, runner), pages, cast(Any, None), clock=clock, breaks=BreakTimes(),
        day_of=lambda agent: {}, judge=cast(Any, None),
    )  # fmt: skip
    now = clock.now()
    rings = acd.RestoredAgent(
        profile=PROFILE,
        state=S.RINGING,
        since=now,
        call_id=CALL,
        offer_id=OfferId(f"{CALL}-1"),
        queue="general",
        phone=True,
        awaited=True,
    )
    waits = acd.RestoredCall(
        request=acd.CallQueued(call_id=CALL, queue="general", since=now), offer_id=OfferId(f"{CALL}-1")
    )
    desk.tell(acd.QueuesDefined(queues=(queue(),)))
    desk.tell(acd.Restored(agents=(rings,), waiting=(waits,)))

    async def nothing(_: object) -> None: ...

    console.enter(PROFILE, PageSocket(nothing, nothing))
    assert [agent.state for agent in desk.rules.agents()] == [S.RINGING]
    seats = frozenset({"seat-1"}) if registered else frozenset[str]()
    up = SwitchUp(node="a", at=datetime.now(UTC), version="22", channels=(), bridges=(), seats_online=seats, boot="1")
    console.presence(up)
    assert [agent.state for agent in desk.rules.agents()] == [S.RINGING if registered else S.READY]
