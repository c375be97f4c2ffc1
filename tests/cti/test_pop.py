"""The screen-pop of an agent's page: before the ring if it can, later if it must, never for an offer that is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
from sqlalchemy import insert, text, update

from callcenter.acd.messages import CallbackPlace, OfferMade
from callcenter.business.customers import Phone, create
from callcenter.business.tables import Customer, Outcome
from callcenter.calls import messages as m
from callcenter.calls.state import Call
from callcenter.calls.tables import Contact
from callcenter.cases import changes, repository
from callcenter.cti.pages import AgentPages, PageSocket
from callcenter.cti.pop import FRESH_S, GOOD_FOR_S, PopMaker
from callcenter.db.engine import Database
from callcenter.ids import AgentId, new_id
from callcenter.ivr.loader import load
from callcenter.ivr.messages import TraceEntry
from tests.calls.test_call import QUEUES
from tests.world import World

FLOWS = load(Path(__file__).parents[2] / "ivr_flows")
AGENT = AgentId("agent1")


class Desk:
    """Pages with one agent's socket; the pop is built when ``build`` is set."""

    def __init__(self) -> None:
        self.build, self.pop_sent = asyncio.Event(), asyncio.Event()
        self.frames: list[dict[str, object]] = []
        self.pages = AgentPages(self)
        self.socket = PageSocket(self._send, self._close)
        self.pages.activate(AGENT, self.socket)
        w = World(FLOWS, QUEUES)
        w.agent(1)
        call_id = w.arrive(1)
        w.send(call_id, m.Key(digit="0"))
        self.call: Call = w.calls[call_id]
        self.offer: OfferMade = next(a.offer for _, a in w.log if isinstance(a, m.SendPop))

    async def __call__(self, call: Call, offer: OfferMade) -> dict[str, object]:
        await self.build.wait()
        return {"offer_id": offer.offer_id}

    async def newer(self, call: Call, offer: OfferMade, shown: Mapping[str, object]) -> None:
        return None

    async def prepare(self, number: str, *, except_call: str | None = None) -> None:
        pass

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
    await asyncio.wait_for(desk.pop_sent.wait(), 20)
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


async def test_what_was_looked_up_in_the_menu_is_shown_without_asking_again(db: Database) -> None:
    now = 0.0
    desk = Desk()
    pops = PopMaker(db, lambda: FLOWS, clock=lambda: now)
    await customer(db, desk.call.caller_number, "王芳")
    await pops.prepare(desk.call.caller_number, except_call=desk.call.id)
    await customer_named(db, "王方")
    now = FRESH_S - 1
    shown = await pops(desk.call, desk.offer)
    assert name_in(shown) == "王芳"
    assert await pops.newer(desk.call, desk.offer, shown) is None, "it is only just looked up"
    now = FRESH_S + 1
    assert name_in(await pops(desk.call, desk.offer)) == "王芳"
    shown = await pops.newer(desk.call, desk.offer, shown) or {}
    assert name_in(shown) == "王方"
    assert await pops.newer(desk.call, desk.offer, shown) is None
    await customer_named(db, "王坊")
    now += GOOD_FOR_S + 1
    assert name_in(await pops(desk.call, desk.offer)) == "王坊", "too long ago to be shown as it was"


async def test_what_the_database_says_too_late_for_the_ring_is_shown_when_it_says_it(db: Database) -> None:
    desk = Desk()
    pops = PopMaker(db, lambda: FLOWS)
    await customer(db, desk.call.caller_number, "王芳")
    async with db.write() as session:
        await session.execute(text("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE"))
        shown = await pops(desk.call, desk.offer)
        assert (shown["source"], shown["customer"]) == ("call", None)
        more = asyncio.create_task(pops.newer(desk.call, desk.offer, shown))
    assert name_in(await more) == "王芳"


async def test_who_calls_back_sees_what_was_promised(db: Database) -> None:
    desk = Desk()
    pops = PopMaker(db, lambda: FLOWS, promised=lambda place: "报价" if place == desk.offer.call_id else "")
    place = CallbackPlace(number="13800000001", attempt=1, attempts=3)
    shown = await pops(desk.call, replace(desk.offer, callback=place))
    assert shown["callback"] == {"number": "13800000001", "attempt": 1, "attempts": 3, "note": "报价"}
    assert (await pops(desk.call, desk.offer))["callback"] is None


async def test_the_case_that_the_caller_asked_about_is_in_the_pop(db: Database) -> None:
    desk = Desk()
    pops = PopMaker(db, lambda: FLOWS)
    assert (await pops(desk.call, desk.offer))["case"] is None
    number = await case(db, "报修：三号机不出纸")
    found = TraceEntry(
        at=desk.call.arrived_at, flow="progress", step="find_case", label="查询", event="found", detail=number
    )
    asked = replace(desk.call, trace=(*desk.call.trace, found))
    shown = (await pops(asked, desk.offer))["case"]
    assert isinstance(shown, dict)
    assert (shown["number"], shown["state"], shown["note"]) == (number, "open", "报修：三号机不出纸")
    async with db.write() as session:
        await session.execute(text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
        late = await pops(asked, desk.offer)
        assert late["case"] == {"number": number}, "the telephone does not wait for more"
    newer = await pops.newer(asked, desk.offer, late) or {}
    assert newer["case"] == shown


async def case(db: Database, note: str) -> str:
    async with db.write() as session:
        now, agent, contact = datetime.now(UTC), new_id(), new_id()
        await session.execute(
            insert(Contact).values(
                id=contact, direction="inbound", hotline="4008001", trunk="t", caller_number="13800000009", flow="main",
                flow_version="v", language="zh-CN", started_at=now, ended_at=now,
            )
        )  # fmt: skip
        wrote = Outcome(
            id=new_id(), contact_id=contact, agent_id=agent, disposition="resolved", note=note, department=None,
            created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(wrote)
        await session.flush()
        call = await session.get(Contact, contact)
        assert call is not None
        await changes.open_for(session, now, wrote, call, by=agent)
        return str((await repository.of_outcomes(session, [wrote.id]))[wrote.id].number)


def name_in(pop: dict[str, object] | None) -> object:
    assert pop is not None and isinstance(pop["customer"], dict)
    return pop["customer"]["name"]


async def customer(db: Database, number: str, name: str) -> None:
    async with db.write() as session:
        await create(session, datetime.now(UTC), name=name, phones=(Phone(number=number),))


async def customer_named(db: Database, name: str) -> None:
    async with db.write() as session:
        await session.execute(update(Customer).values(name=name))
