"""The screen-pop of an agent's page: before the ring if it can, later if it must, never for an offer that is over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson

from callcenter.acd.messages import OfferMade
from callcenter.calls import messages as m
from callcenter.calls.state import Call
from callcenter.cti.pages import AgentPages, PageSocket
from callcenter.ids import AgentId
from callcenter.ivr.loader import load
from tests.calls.test_call import QUEUES
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
AGENT = AgentId("agent1")


class Desk:
    """Pages with one agent's socket; the pop is built when ``build`` is set."""

    def __init__(self) -> None:
        self.build, self.pop_sent = asyncio.Event(), asyncio.Event()
        self.frames: list[dict[str, object]] = []
        self.pages = AgentPages(self._make)
        self.socket = PageSocket(self._send, self._close)
        self.pages.activate(AGENT, self.socket)
        w = World(FLOWS, QUEUES)
        w.agent(1)
        call_id = w.arrive(1)
        w.send(call_id, m.Key(digit="0"))
        self.call: Call = w.calls[call_id]
        self.offer: OfferMade = next(a.offer for _, a in w.log if isinstance(a, m.SendPop))

    async def _make(self, call: Call, offer: OfferMade) -> dict[str, object]:
        await self.build.wait()
        return {"offer_id": offer.offer_id}

    async def _send(self, text: str) -> None:
        self.frames.append(orjson.loads(text))
        if self.frames[-1]["type"] == "pop":
            self.pop_sent.set()

    async def _close(self, code: int) -> None:
        pass


async def test_a_pop_that_is_built_too_late_for_the_ring_still_comes() -> None:
    desk = Desk()
    writer = asyncio.create_task(desk.socket.write())
    await desk.pages.pop(desk.call, desk.offer)
    assert not desk.pop_sent.is_set(), "the telephone does not wait for it"
    desk.build.set()
    await asyncio.wait_for(desk.pop_sent.wait(), 5)
    assert desk.pages.pops[AGENT]["offer_id"] == desk.offer.offer_id
    writer.cancel()


async def test_a_pop_of_an_offer_that_is_over_never_comes() -> None:
    desk = Desk()
    writer = asyncio.create_task(desk.socket.write())
    await desk.pages.pop(desk.call, desk.offer)
    desk.pages.offer_over(AGENT, desk.offer.offer_id, "caller_gone")
    desk.build.set()
    await asyncio.gather(*desk.pages._showing)
    assert AGENT not in desk.pages.pops
    writer.cancel()
