"""What an agent writes is in the business database at once, whole or not at all."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from callcenter.access.roles import Role
from callcenter.acd.tables import AgentStateRow
from callcenter.business.caller import caller_record
from callcenter.business.tables import Customer, Outcome
from callcenter.calls.tables import Contact
from tests.business.calls import contact, segment
from tests.house import House


async def test_an_outcome_makes_the_customer_links_the_call_and_is_seen_by_all_at_once(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT, "wang")
    lead, _ = await house.signed_in(Role.LEAD)
    call = await contact(house.db, house.clock.now(), answered_by=agent_id, queue="consult")
    body = {
        "disposition": "resolved",
        "note": "问了账单",
        "department": "billing",
        "customer": {"name": "示例客户甲", "company": "示例公司"},
    }
    answer = await agent.put(f"/api/v1/contacts/{call}/outcome", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"]["agent_name"] == "Wang"
    seen = (await lead.get(f"/api/v1/contacts/{call}")).json()
    assert seen["customer"]["name"] == "示例客户甲"
    assert [phone["number"] for phone in seen["customer"]["phones"]] == ["+8613800000001"]
    assert [(o["disposition"], o["note"], o["department"]) for o in seen["outcomes"]] == [
        ("resolved", "问了账单", "billing")
    ]
    async with house.db.read() as session:
        pop = await caller_record(await session.direct(), "+86 138 0000 0001")
    assert pop.customer is not None and pop.customer.company == "示例公司"
    assert [(c.disposition, c.note, c.agent_name) for c in pop.last_contacts] == [("resolved", "问了账单", "Wang")]


async def test_a_refused_part_leaves_nothing_of_the_whole(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    call = await contact(house.db, house.clock.now(), answered_by=agent_id)
    address = f"/api/v1/contacts/{call}/outcome"
    wrong = {"disposition": "no-such-code", "customer": {"name": "x"}}
    assert (await agent.put(address, json=wrong)).status_code == 422
    nameless = {"disposition": "resolved", "note": "kept?", "customer": {"company": "x"}}
    assert (await agent.put(address, json=nameless)).status_code == 422
    async with house.db.read() as session:
        for table in (Customer, Outcome):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_a_known_callers_record_is_changed_not_doubled(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    made = await agent.post("/api/v1/customers", json={"name": "甲", "phones": [{"number": "13800000001"}]})
    call = await contact(house.db, house.clock.now(), "013800000001", answered_by=agent_id)
    body = {"disposition": "resolved", "customer": {"notes": "说英语"}}
    saved = (await agent.put(f"/api/v1/contacts/{call}/outcome", json=body)).json()
    assert (saved["customer"]["id"], saved["customer"]["name"], saved["customer"]["notes"]) == (
        made.json()["id"],
        "甲",
        "说英语",
    )


async def test_a_withheld_number_still_gets_a_customer(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    call = await contact(house.db, house.clock.now(), "anonymous", answered_by=agent_id)
    body = {"disposition": "resolved", "customer": {"name": "乙"}}
    saved = (await agent.put(f"/api/v1/contacts/{call}/outcome", json=body)).json()
    assert (saved["customer"]["name"], saved["customer"]["phones"]) == ("乙", [])


async def test_agents_write_about_their_own_calls_leads_about_any(house: House) -> None:
    mine, my_id = await house.signed_in(Role.AGENT)
    other, other_id = await house.signed_in(Role.AGENT)
    lead, lead_id = await house.signed_in(Role.LEAD)
    call = await contact(house.db, house.clock.now(), answered_by=my_id)
    address, body = f"/api/v1/contacts/{call}/outcome", {"disposition": "resolved"}
    assert (await other.put(address, json=body)).status_code == 403
    assert (await mine.put(address, json={**body, "agent_id": other_id})).status_code == 403
    assert (await mine.put(address, json=body)).json()["outcome"]["agent_id"] == my_id
    corrected = (await lead.put(address, json={"disposition": "follow_up"})).json()["outcome"]
    assert (corrected["agent_id"], corrected["disposition"]) == (my_id, "follow_up")
    assert lead_id != my_id


async def test_the_agent_of_a_call_is_known_by_segment_state_or_the_live_side(house: House) -> None:
    client, agent_id = await house.signed_in(Role.AGENT)
    body, now = {"disposition": "resolved"}, house.clock.now()
    by_segment = await contact(house.db, now)
    await segment(house.db, by_segment, 1, "talk", now, agent_id=agent_id)
    by_state, by_live, by_nothing = [await contact(house.db, now) for _ in range(3)]
    async with house.db.write() as session:
        session.add(AgentStateRow(account_id=agent_id, state="talking", epoch=1, since=now, call_id=by_state))
    house.live_calls.add((by_live, agent_id))
    statuses = [
        (await client.put(f"/api/v1/contacts/{call}/outcome", json=body)).status_code
        for call in (by_segment, by_state, by_live, by_nothing)
    ]
    assert statuses == [200, 200, 200, 403]


async def test_each_agent_of_a_transferred_call_has_their_own_outcome(house: House) -> None:
    first, first_id = await house.signed_in(Role.AGENT)
    second, second_id = await house.signed_in(Role.AGENT)
    now = house.clock.now()
    call = await contact(house.db, now, answered_by=first_id)
    await segment(house.db, call, 2, "talk", now, agent_id=second_id)
    address = f"/api/v1/contacts/{call}/outcome"
    await first.put(address, json={"disposition": "forwarded"})
    house.clock.advance(minutes=1)
    await second.put(address, json={"disposition": "resolved"})
    seen = (await first.get(f"/api/v1/contacts/{call}")).json()
    assert [(o["agent_id"], o["disposition"]) for o in seen["outcomes"]] == [
        (first_id, "forwarded"),
        (second_id, "resolved"),
    ]
    async with house.db.read() as session:
        pop = await caller_record(await session.direct(), "13800000001")
    assert [c.disposition for c in pop.last_contacts] == ["resolved"]


async def test_a_change_made_meanwhile_is_a_conflict_and_shows_what_is_there(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    lead, _ = await house.signed_in(Role.LEAD)
    call = await contact(house.db, house.clock.now(), answered_by=agent_id)
    address = f"/api/v1/contacts/{call}/outcome"
    seen = (await agent.put(address, json={"disposition": "resolved"})).json()["outcome"]["updated_at"]
    house.clock.advance(seconds=5)
    await lead.put(address, json={"disposition": "complaint", "note": "by the lead", "updated_at": seen})
    stale = await agent.put(address, json={"disposition": "resolved", "updated_at": seen})
    assert stale.status_code == 409
    assert stale.json()["error"]["details"]["note"] == "by the lead"


async def test_saving_during_the_call_leaves_the_calls_own_columns_alone(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    call = await contact(house.db, house.clock.now(), answered_by=agent_id)
    body = {"disposition": "resolved", "customer": {"name": "甲"}}
    # The call's end is being written while the agent saves.
    async with house.db.write() as session:
        row = await session.get(Contact, call)
        assert row is not None
        row.ended_at, row.end_reason = house.clock.now(), "caller_hung_up"
        await session.flush()
        saving = asyncio.create_task(agent.put(f"/api/v1/contacts/{call}/outcome", json=body))
        await asyncio.wait({saving}, timeout=0.2)
    assert (await saving).status_code == 200
    seen = (await agent.get(f"/api/v1/contacts/{call}")).json()
    assert (seen["end_reason"], seen["customer"]["name"]) == ("caller_hung_up", "甲")


@pytest.mark.parametrize("repeat", range(3))
async def test_double_clicks_save_once(house: House, repeat: int) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    call = await contact(house.db, house.clock.now(), answered_by=agent_id)
    body = {"disposition": "resolved", "customer": {"name": "甲"}}
    address = f"/api/v1/contacts/{call}/outcome"
    answers = await asyncio.gather(*(agent.put(address, json=body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    async with house.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outcome)) == 1
        assert await session.scalar(select(func.count()).select_from(Customer)) == 1


async def test_choices_come_in_order_and_in_both_languages(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    dispositions = (await agent.get("/api/v1/dispositions")).json()
    reasons = (await agent.get("/api/v1/break-reasons")).json()
    assert dispositions[0] == {"code": "resolved", "title": "已解决", "title_en": "Resolved"}
    assert reasons[0] == {"code": "meal", "title": "用餐", "title_en": "Meal", "allowance_minutes": 60}


async def test_an_outcome_of_a_known_callers_call_is_on_their_record(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    made = await agent.post("/api/v1/customers", json={"name": "甲", "phones": [{"number": "13800000001"}]})
    call = await contact(house.db, house.clock.now(), "013800000001", answered_by=agent_id)
    await agent.put(f"/api/v1/contacts/{call}/outcome", json={"disposition": "resolved"})
    seen = (await agent.get(f"/api/v1/contacts/{call}")).json()
    assert seen["customer"]["id"] == made.json()["id"]


async def test_a_case_is_opened_once_and_tells_callers_how_far_it_is(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    call = await contact(house.db, house.clock.now(), answered_by=agent_id)
    body = {"disposition": "resolved", "note": "漏水", "department": "repairs", "open_case": True}
    opened = (await agent.put(f"/api/v1/contacts/{call}/outcome", json=body)).json()["outcome"]["case"]
    assert (opened["number"] >= 100001, opened["state"]) == (True, "open")
    body["note"] = "漏水，已派人"
    again = (await agent.put(f"/api/v1/contacts/{call}/outcome", json={**body, "open_case": False})).json()
    assert again["outcome"]["case"]["number"] == opened["number"], "the number that the caller was told stays"
    number = opened["number"]
    done = await agent.patch(f"/api/v1/cases/{number}", json={"state": "resolved"})
    assert (done.status_code, done.json()["state"]) == (200, "resolved")
    seen = (await agent.get(f"/api/v1/contacts/{call}")).json()["outcomes"][0]
    assert (seen["case"]["number"], seen["case"]["state"]) == (number, "resolved")
    assert (await agent.patch("/api/v1/cases/99", json={"state": "open"})).status_code == 404
    assert (await agent.patch(f"/api/v1/cases/{number}", json={"state": "lost"})).status_code == 422
    plain = await contact(house.db, house.clock.now(), answered_by=agent_id)
    saved = await agent.put(f"/api/v1/contacts/{plain}/outcome", json={"disposition": "resolved"})
    assert saved.json()["outcome"]["case"] is None
