"""PostgreSQL is away: nobody is signed out, and nothing that somebody typed is lost or comes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from callcenter.access.roles import Role
from callcenter.access.sessions import Sessions
from callcenter.business.tables import Outcome
from callcenter.calls.journal import CallJournal
from callcenter.db.engine import Database
from callcenter.ids import new_id
from callcenter.spool.entries import OUTCOME, Counter, handlers
from callcenter.spool.shipping import Shipper
from callcenter.spool.store import Spool
from tests.business.calls import contact
from tests.house import House

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


class Desk:
    """The house with a spool, whose database can be taken away."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.there, self.folder = house, house.services.db, folder
        self.spool = Spool(folder)
        self._use(self.there)

    def _use(self, db: Database) -> None:
        house, counter = self.house, Counter(self.spool, self.house.clock)
        sessions = Sessions(db, house.clock, house.services.settings, self.spool)
        sessions.recall()
        house.app.state.services = replace(
            house.services,
            db=db,
            sessions=sessions,
            keep_outcome=counter.outcome,
            outcomes_wait=lambda: self.spool.waits(OUTCOME),
        )

    def take_away(self) -> None:
        self._use(Database(NOWHERE))

    def bring_back(self) -> None:
        self._use(self.there)

    def die(self) -> None:
        """The service is killed and started again: nothing but the spool's file is left of it."""
        self.spool = Spool(self.folder)
        self._use(Database(NOWHERE))

    async def ship(self) -> None:
        journal = CallJournal(self.spool)
        await Shipper(self.spool, self.there, self.house.clock, handlers(journal.write)).drain()


@pytest.fixture
async def desk(house: House, tmp_path: Path) -> AsyncIterator[Desk]:
    yield Desk(house, tmp_path / "spool")


async def test_who_is_signed_in_stays_so_even_over_a_restart(house: House, desk: Desk) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    stranger = await house.client(Authorization="Bearer nobody")
    assert (await agent.get("/api/v1/session")).status_code == 200
    desk.take_away()
    assert (await agent.get("/api/v1/session")).status_code == 200
    assert (await stranger.get("/api/v1/session")).status_code in (401, 503)
    desk.die()
    assert (await agent.get("/api/v1/session")).status_code == 200
    house.clock.advance(hours=20)
    assert (await agent.get("/api/v1/session")).status_code == 204, "its time is over all the same"


async def test_who_signed_out_is_not_remembered(house: House, desk: Desk) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    assert (await agent.get("/api/v1/session")).status_code == 200
    token = agent.cookies[house.services.sessions.cookie_name]
    assert (await agent.delete("/api/v1/session")).status_code < 300
    agent.cookies.set(house.services.sessions.cookie_name, token)
    desk.take_away()
    assert (await agent.get("/api/v1/session")).status_code != 200
    assert desk.spool.notes("session") == {}


async def test_outcomes_typed_meanwhile_are_written_once_and_in_order_though_the_service_dies(
    house: House, desk: Desk
) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    call = await contact(house.db, house.clock.now(), answered_by=agent_id)
    house.live_calls.add((call, agent_id))
    address = f"/api/v1/contacts/{call}/outcome"
    assert (await agent.get("/api/v1/session")).status_code == 200
    desk.take_away()
    first = await agent.put(address, json={"disposition": "resolved", "note": "first"})
    assert (first.status_code, first.json()["queued"]) == (202, True)
    desk.die()
    again = await agent.put(address, json={"disposition": "resolved", "note": "second", "customer": {"name": "甲"}})
    assert again.status_code == 202, again.text
    desk.bring_back()
    third = await agent.put(address, json={"disposition": "resolved", "note": "third"})
    assert third.status_code == 202, "what waits must not overtake it afterwards"
    await desk.ship()
    await desk.ship()
    async with house.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outcome)) == 1
        assert await session.scalar(select(Outcome.note)) == "third"
    assert (await agent.put(address, json={"disposition": "resolved", "note": "now"})).status_code == 200


async def test_nobody_writes_of_anothers_call_under_cover_of_the_outage(house: House, desk: Desk) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    assert (await agent.get("/api/v1/session")).status_code == 200
    desk.take_away()
    answer = await agent.put(f"/api/v1/contacts/{new_id()}/outcome", json={"disposition": "resolved"})
    assert answer.status_code == 503
    assert not desk.spool.waits(OUTCOME)
