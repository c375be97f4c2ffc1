"""A call goes on whatever those who watch it do."""

from __future__ import annotations

import asyncio
from typing import Any

from callcenter.calls import messages as m
from callcenter.calls.call import Call
from callcenter.calls.doing import LiveCall
from callcenter.calls.life import Life
from callcenter.calls.live import LiveCalls
from callcenter.clock import SystemClock
from tests.calls.test_replay import FLOWS, QUEUES
from tests.world import World


async def test_a_listener_that_fails_ends_no_call() -> None:
    class Does:
        async def do_all(self, live: LiveCall, actions: tuple[m.Action, ...]) -> None: ...

    class Writes:
        def append(self, *_: object) -> None: ...

    def fails(_: Call) -> None:
        raise ValueError("a bug in another room")

    w, calls, gateway = World(FLOWS, QUEUES), LiveCalls(), object()
    doer: Any = Does()
    switch: Any = gateway
    live = LiveCall(call=w.calls[w.arrive(1)], flows=FLOWS, gateway=switch, mailbox=asyncio.Queue())
    life = Life(
        clock=SystemClock(), journal=Writes(), doer=doer, live=calls, give_back=lambda _: None, over=lambda _: None
    )
    life.on_changed.append(fails)
    calls.add(live)
    life.start(live, ())
    live.mailbox.put_nowait((m.CallerGone(cause=16), None))
    assert live.task is not None
    await asyncio.wait_for(live.task, 20)
    assert live.call.phase is m.Phase.ENDED
    assert live.call.end_reason != "internal_error"
