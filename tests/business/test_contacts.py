"""Calls are listed newest first; pages neither skip nor repeat while new calls arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import insert

from callcenter.access.roles import Role
from callcenter.calls.tables import Rating
from callcenter.ids import new_id
from callcenter.recording.tables import Recording
from tests.business.calls import contact, segment
from tests.house import House


async def _walk(client: httpx.AsyncClient, limit: int, **parameters: Any) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        query = {"limit": limit, **parameters, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/api/v1/contacts", params=query)).json()
        found += [line["id"] for line in page["contacts"]]
        cursor = page["next"]
        if cursor is None:
            return found


async def test_pages_neither_skip_nor_repeat_even_at_the_same_instant(house: House) -> None:
    lead, _ = await house.signed_in(Role.LEAD)
    now = house.clock.now()
    calls = [await contact(house.db, now + timedelta(seconds=n // 3)) for n in range(10)]
    for limit in (1, 3, 10, 50):
        assert await _walk(lead, limit) == calls[::-1]


async def test_a_call_that_arrives_moves_nothing_on_the_next_page(house: House) -> None:
    lead, _ = await house.signed_in(Role.LEAD)
    now = house.clock.now()
    calls = [await contact(house.db, now + timedelta(seconds=n)) for n in range(4)]
    first = (await lead.get("/api/v1/contacts", params={"limit": 2})).json()
    await contact(house.db, now + timedelta(seconds=9))
    second = (await lead.get("/api/v1/contacts", params={"limit": 2, "cursor": first["next"]})).json()
    assert [line["id"] for line in second["contacts"]] == calls[1::-1]


async def test_filters_by_whatever_one_may_look_for(house: House) -> None:
    lead, _ = await house.signed_in(Role.LEAD)
    agent, agent_id = await house.signed_in(Role.AGENT)
    now = house.clock.now()
    early = await contact(house.db, now, "13800000001", queue="general")
    await segment(house.db, early, 1, "wait", now, queue="general")
    mine = await contact(house.db, now + timedelta(hours=1), "13800000002", answered_by=agent_id)
    await segment(house.db, mine, 1, "talk", now, agent_id=agent_id)
    moved = await contact(house.db, now + timedelta(hours=2), "13800000003", queue="complaint")
    await segment(house.db, moved, 1, "wait", now, queue="general")
    await segment(house.db, moved, 2, "talk", now, agent_id=agent_id)
    await contact(house.db, now, drill=True)
    await agent.put(f"/api/v1/contacts/{mine}/outcome", json={"disposition": "complaint"})
    middle = (now + timedelta(minutes=30)).isoformat()
    assert await _walk(lead, 9, **{"from": middle}) == [moved, mine]
    assert await _walk(lead, 9, to=middle) == [early]
    assert await _walk(lead, 9, number="+86 138 0000 0001") == [early]
    assert await _walk(lead, 9, agent=agent_id) == [moved, mine]
    assert await _walk(lead, 9, queue="general") == [moved, early]
    assert await _walk(lead, 9, disposition="complaint") == [mine]
    assert len(await _walk(lead, 9, drill=True)) == 4
    answered = await contact(house.db, now, answered_at=now, ended_at=now)
    missed = await contact(house.db, now, ended_at=now)
    ours = await contact(house.db, now, direction="outbound", answered_at=now, ended_at=now)
    for kind, call in (("answered", answered), ("missed", missed), ("outbound", ours)):
        assert await _walk(lead, 9, kind=kind) == [call]
    by_trunk = {
        name: await contact(house.db, now + timedelta(hours=3 + n), trunk=name)
        for n, name in enumerate(("trunk-north", "trunk-north~2f", "trunk-northern", "phone-7", "phone-8"))
    }
    assert await _walk(lead, 9, trunk="trunk-north") == [by_trunk["trunk-north~2f"], by_trunk["trunk-north"]]
    assert await _walk(lead, 9, trunk="phone") == [by_trunk["phone-8"], by_trunk["phone-7"]]
    assert await _walk(lead, 9, hotline="4008002") == []
    assert len(await _walk(lead, 20, hotline="4008001")) == 11


async def test_agents_list_their_own_calls_or_those_of_one_number(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    other, other_id = await house.signed_in(Role.AGENT)
    mine = await contact(house.db, house.clock.now(), answered_by=agent_id)
    theirs = await contact(house.db, house.clock.now(), "13800000002", answered_by=other_id)
    for call, who in ((mine, agent_id), (theirs, other_id)):
        await segment(house.db, call, 1, "talk", house.clock.now(), agent_id=who)
    assert await _walk(agent, 9) == [mine]
    assert await _walk(other, 9) == [theirs]
    assert await _walk(agent, 9, number="13800000002") == [theirs]
    assert (await agent.get("/api/v1/contacts", params={"agent": other_id})).status_code == 403


async def test_a_forged_cursor_or_a_naive_time_is_refused(house: House) -> None:
    lead, _ = await house.signed_in(Role.LEAD)
    for parameters in ({"cursor": "AAAA"}, {"cursor": "é"}, {"from": "2026-03-01T00:00:00"}, {"limit": 0}):
        assert (await lead.get("/api/v1/contacts", params=parameters)).status_code == 422, parameters


async def test_one_call_shows_all_that_is_known_of_it(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT, "wang")
    now = house.clock.now()
    trace = [{"at": now.isoformat(), "flow": "main", "step": "welcome", "label": "欢迎语", "event": "entered"}]
    call = await contact(house.db, now, menu_trace=trace, answered_by=agent_id, queue="general")
    for seq, (kind, who) in enumerate((("menu", None), ("wait", None), ("talk", agent_id)), start=1):
        begun = now + timedelta(seconds=10 * seq)
        await segment(house.db, call, seq, kind, begun, agent_id=who, ended_at=begun + timedelta(seconds=10))
    async with house.db.write() as session:
        await session.execute(
            insert(Recording).values(id=new_id(), contact_id=call, path="2026/03/02/x.wav", started_at=now)
        )
        await session.execute(insert(Rating).values(contact_id=call, question="service", score=5, at=now))
    seen = (await agent.get(f"/api/v1/contacts/{call}")).json()
    assert [(s["kind"], s["agent_name"]) for s in seen["segments"]] == [
        ("menu", None),
        ("wait", None),
        ("talk", "Wang"),
    ]
    assert (seen["menu_trace"], seen["agent_name"]) == (trace, "Wang")
    assert [r["state"] for r in seen["recordings"]] == ["capturing"]
    assert [(r["question"], r["score"]) for r in seen["ratings"]] == [("service", 5)]
    assert (await agent.get(f"/api/v1/contacts/{new_id()}")).status_code == 404
    assert (await agent.get("/api/v1/contacts/no-id")).status_code == 422
