"""All calls are recorded, also those that began while the switch's manager was away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from callcenter.calls import doing
from callcenter.calls import messages as m
from callcenter.calls.doing import Doer, LiveCall
from callcenter.errors import GatewayError
from tests.calls.test_replay import FLOWS, QUEUES
from tests.world import World


class Manager:
    """Starts a capture at the last of these answers: HTTP statuses, 0 for yes."""

    connected = True

    def __init__(self, *answers: int) -> None:
        self.answers, self.asked, self.settled = list(answers), 0, asyncio.Event()

    async def start_capture(self, channel: str, name: str) -> str:
        self.asked += 1
        status = self.answers.pop(0)
        if not self.answers:
            self.settled.set()
        if status:
            raise GatewayError("away", http_status=status)
        return name


@pytest.mark.parametrize("answers", [(502, 502, 0), (502, 404)], ids=["it comes back", "the caller left"])
async def test_a_capture_that_could_not_begin_begins_when_it_can(
    answers: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doing, "CAPTURE_AGAIN_S", 0.0)
    w = World(FLOWS, QUEUES)
    call, manager, told = w.calls[w.arrive(1)], Manager(*answers), list[m.Event]()
    gateway: Any = manager
    nobody: Any = None
    doer = Doer(
        post=lambda call_id, event: told.append(event),
        desk=nobody,
        pages=nobody,
        prompts=nobody,
        effects=None,
        messages=None,
        dialler=None,
        callbacks=None,
    )
    live = LiveCall(call=call, flows=FLOWS, gateway=gateway, mailbox=asyncio.Queue())
    await doer.do_all(live, (m.Capture(channel=call.channel),))
    await asyncio.wait_for(manager.settled.wait(), 20)
    await asyncio.sleep(0.01)
    assert manager.asked == len(answers)
    assert [type(event) for event in told] == [m.ActionFailed], "and the call goes on meanwhile"
