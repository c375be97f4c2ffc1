"""Return visits: made ahead, called for, closed by the outcome, tried again, and never where somebody wants none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import select, update

from callcenter.access.roles import Role
from callcenter.calls.tables import Contact
from callcenter.ids import CallId, new_id
from callcenter.outbound.click import ClickToCall
from callcenter.visits.keeper import VisitKeeper
from callcenter.visits.rules import PAUSE, TRIES
from callcenter.visits.tables import ReturnVisit
from tests.business.calls import contact
from tests.house import House

ZONE = ZoneInfo("Asia/Shanghai")


class Telephones:
    """Every call is begun, and nobody has answered yet."""

    def __init__(self) -> None:
        self.called: list[tuple[str, str]] = []

    def call(self, profile: Any, number: str, purpose: str, hotline: str = "", *, last: str = "") -> CallId:
        self.called.append((number, purpose))
        return CallId(new_id())


def telephones(house: House) -> Telephones:
    made = Telephones()
    house.app.state.outbound = replace(house.app.state.outbound, click=cast(ClickToCall, made))
    return made


async def look(house: House) -> None:
    """Of a keeper that has just begun: it knows nothing but what the database says."""
    await VisitKeeper(house.db, house.clock, ZONE).look()


async def customer(client: httpx.AsyncClient, number: int, since: str, **fields: Any) -> str:
    body = {"name": f"客户{number}", "customer_since": since, "phones": [{"number": f"1380000{number:04d}"}], **fields}
    made = await client.post("/api/v1/customers", json=body)
    assert made.status_code == 201, made.text
    found: str = made.json()["id"]
    return found


async def listed(client: httpx.AsyncClient, view: str = "due", **asked: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/visits", params={"view": view, **asked})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def end(house: House, call: str, *, answered: bool, reason: str = "no_answer", by: str | None = None) -> None:
    """The calls' side writes how it went."""
    now = house.clock.now()
    await contact(
        house.db,
        now,
        id=call,
        direction="outbound",
        answered_at=now if answered else None,
        answered_by=by,
        ended_at=now,
        end_reason="completed" if answered else reason,
    )


async def due_visit(house: House, agent: httpx.AsyncClient) -> str:
    await customer(agent, 1, "2026-02-02")
    await look(house)
    (visit,) = await listed(agent)
    return f"/api/v1/visits/{visit['id']}"


async def test_visits_are_made_ahead_one_a_customer_and_shown_on_their_day(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    mine = await customer(agent, 1, "2026-02-02", owner_account_id=agent_id)
    year_old = await customer(agent, 2, "2024-12-10")
    await customer(agent, 3, "2026-02-28")
    await customer(agent, 4, "2026-02-02", no_calls=True)
    for _ in range(2):
        await look(house)
    assert [(one["customer_id"], one["due_on"]) for one in await listed(agent)] == [(mine, "2026-03-02")]
    assert [one["customer_id"] for one in await listed(agent, "mine")] == [mine]
    assert {one["customer_id"] for one in await listed(agent, "all")} == {mine, year_old}
    assert [one["customer_id"] for one in await listed(agent, "all", customer=year_old)] == [year_old]
    assert [(one["customer_id"], one["due_on"]) for one in await listed(agent, "ahead")] == [(year_old, "2026-03-10")]


async def test_the_outcome_of_an_answered_call_closes_the_visit_and_the_next_follows(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    phones, visit = telephones(house), await due_visit(house, agent)
    call = (await agent.post(f"{visit}/call", json={})).json()["call_id"]
    assert phones.called == [("+8613800000001", "return_visit")]
    twice = await agent.post(f"{visit}/call", json={})
    assert (twice.status_code, twice.json()["error"]["details"]["reason"]) == (409, "visit_calling")
    (due,) = await listed(agent)
    assert (due["calling"], due["unwritten"]) == (True, False)
    await end(house, call, answered=True, by=agent_id)
    await look(house)
    (due,) = await listed(agent)
    assert (due["calling"], due["unwritten"], due["called_by_name"]) == (False, True, "Agent-0"), "nobody wrote it up"
    house.live_calls.add((call, agent_id))
    await agent.put(f"/api/v1/contacts/{call}/outcome", json={"disposition": "resolved"})
    await look(house)
    (closed,) = await listed(agent, "closed")
    assert (closed["state"], closed["contact_id"]) == ("done", call)
    assert (await agent.post(f"{visit}/call", json={})).json()["error"]["details"]["reason"] == "visit_over"
    house.clock.at = house.clock.at.replace(day=25)
    await look(house)
    async with house.db.read() as session:
        made = list(await session.scalars(select(ReturnVisit.due_on).order_by(ReturnVisit.due_on)))
    assert made == [date(2026, 3, 2), date(2026, 4, 2)]


async def test_a_customer_who_does_not_answer_is_tried_again_and_given_up(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    telephones(house)
    visit = await due_visit(house, agent)
    call = (await agent.post(f"{visit}/call", json={})).json()["call_id"]
    await end(house, call, answered=False, reason="agent_no_answer")
    await look(house)
    assert [one["tries"] for one in await listed(agent)] == [0], "the customer was not rung"
    for tries in range(1, TRIES + 1):
        call = (await agent.post(f"{visit}/call", json={})).json()["call_id"]
        await end(house, call, answered=False)
        for _ in range(2):
            await look(house)
        found = [one for view in ("due", "closed") for one in await listed(agent, view)]
        assert [(one["tries"], one["state"]) for one in found] == [(tries, "missed" if tries == TRIES else "due")]
    assert PAUSE.total_seconds() > 0


async def test_who_wants_no_calls_gets_none(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    phones, visit = telephones(house), await due_visit(house, agent)
    (due,) = await listed(agent)
    await agent.patch(f"/api/v1/customers/{due['customer_id']}", json={"no_calls": True})
    refused = await agent.post(f"{visit}/call", json={})
    assert (refused.status_code, refused.json()["error"]["details"]["reason"], phones.called) == (409, "no_calls", [])
    await look(house)
    assert [one["state"] for one in await listed(agent, "closed")] == ["cancelled"]
    await look(house)
    assert await listed(agent) == await listed(agent, "ahead") == []


async def test_a_visit_that_is_declined_ends_it_and_may_end_all(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    visit = await due_visit(house, agent)
    body = {"result": "declined", "note": "不需要", "no_calls": True}
    assert (await agent.post(f"{visit}/close", json=body)).json()["state"] == "declined"
    assert (await agent.post(f"{visit}/close", json=body)).status_code == 409
    await look(house)
    assert await listed(agent) == await listed(agent, "ahead") == []


async def test_leads_see_how_many_took_place(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    lead, _ = await house.signed_in(Role.LEAD)
    for number in range(1, 6):
        await customer(agent, number, "2026-02-02")
    await look(house)
    for one, result in zip(await listed(agent), ("done", "done", "declined", "missed"), strict=False):
        await agent.post(f"/api/v1/visits/{one['id']}/close", json={"result": result})
    house.clock.advance(hours=13)
    async with house.db.write() as session:
        await session.execute(update(ReturnVisit).where(ReturnVisit.state == "due").values(due_on=date(2026, 3, 1)))
    assert (await agent.get("/api/v1/visits/figures")).status_code == 403
    months = (await lead.get("/api/v1/visits/figures", params={"months": 3})).json()
    assert [one["month"] for one in months] == ["2026-03", "2026-02", "2026-01"]
    assert months[0] == {"month": "2026-03", "done": 2, "declined": 1, "missed": 1, "late": 1, "rate": 0.6}
    assert months[1]["rate"] is None


async def test_an_unknown_call_is_forgotten_in_time(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    telephones(house)
    visit = await due_visit(house, agent)
    await agent.post(f"{visit}/call", json={})
    house.clock.advance(hours=7)
    await look(house)
    assert (await agent.post(f"{visit}/call", json={})).status_code == 200
    async with house.db.read() as session:
        assert (await session.scalars(select(Contact.id))).all() == []
