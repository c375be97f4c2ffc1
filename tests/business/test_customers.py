"""Customers are found by any spelling of their number, changed with care, and searched."""

from __future__ import annotations

from callcenter.access.roles import Role
from callcenter.business.caller import caller_record
from tests.business.calls import contact
from tests.house import House


async def test_a_new_customer_claims_the_earlier_calls_from_their_number(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    call = await contact(house.db, house.clock.now(), "013800000001", answered_by=agent_id)
    other = await contact(house.db, house.clock.now(), "13800000002")
    made = await agent.post("/api/v1/customers", json={"name": "甲", "phones": [{"number": "138 0000 0001"}]})
    assert made.status_code == 201, made.text
    assert (await agent.get(f"/api/v1/contacts/{call}")).json()["customer"]["id"] == made.json()["id"]
    assert (await agent.get(f"/api/v1/contacts/{other}")).json()["customer"] is None


async def test_a_number_belongs_to_one_customer(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    first = await agent.post("/api/v1/customers", json={"name": "甲", "phones": [{"number": "13800000001"}]})
    second = await agent.post("/api/v1/customers", json={"name": "乙", "phones": [{"number": "+8613800000001"}]})
    assert second.status_code == 409
    assert second.json()["error"]["details"]["customer_id"] == first.json()["id"]
    assert len((await agent.get("/api/v1/customers")).json()["customers"]) == 1
    bad = await agent.post("/api/v1/customers", json={"name": "丙", "phones": [{"number": "none"}]})
    assert bad.status_code == 422


async def test_search_by_name_company_and_part_of_a_number(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    for name, company, number in (("松一", "五金公司", "13800000011"), ("竹二", "100%", "01062345678")):
        body = {"name": name, "company": company, "phones": [{"number": number}]}
        assert (await agent.post("/api/v1/customers", json=body)).status_code == 201

    async def names(q: str) -> list[str]:
        answer = await agent.get("/api/v1/customers", params={"q": q})
        return [customer["name"] for customer in answer.json()["customers"]]

    assert await names("松") == await names("五金") == await names("138-0000-0011") == await names("0011") == ["松一"]
    assert await names("010 6234 5678") == await names("%") == ["竹二"]
    assert await names("") == ["竹二", "松一"]
    assert await names("_") == []


async def test_search_goes_on_page_by_page(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    for number in range(5):
        await agent.post("/api/v1/customers", json={"name": f"客户{number}"})
    found, before = [], None
    while True:
        parameters = {"limit": 2, **({"before": before} if before else {})}
        page = (await agent.get("/api/v1/customers", params=parameters)).json()
        found += [customer["name"] for customer in page["customers"]]
        before = page["next"]
        if before is None:
            break
    assert found == [f"客户{number}" for number in reversed(range(5))]


async def test_a_change_touches_what_is_given_and_minds_changes_in_between(house: House) -> None:
    agent, _ = await house.signed_in(Role.AGENT)
    made = (await agent.post("/api/v1/customers", json={"name": "甲", "phones": [{"number": "13800000001"}]})).json()
    address = f"/api/v1/customers/{made['id']}"
    house.clock.advance(seconds=1)
    numbers = [{"number": "13800000001", "label": "手机"}, {"number": "01062345678", "label": "公司"}]
    after = (await agent.patch(address, json={"company": "示例", "phones": numbers})).json()
    assert (after["name"], after["company"]) == ("甲", "示例")
    assert {phone["number"]: phone["label"] for phone in after["phones"]} == {
        "+8613800000001": "手机",
        "+861062345678": "公司",
    }
    stale = await agent.patch(address, json={"name": "x", "updated_at": made["updated_at"]})
    assert stale.status_code == 409
    fresh = await agent.patch(address, json={"phones": numbers[1:], "updated_at": after["updated_at"]})
    assert [phone["number"] for phone in fresh.json()["phones"]] == ["+861062345678"]
    since = [await agent.patch(address, json={"customer_since": day}) for day in ("2024-02-29", None)]
    assert [one.json()["customer_since"] for one in since] == ["2024-02-29", None], "a wrong day can be taken away"


async def test_who_is_vip_is_for_leads_to_say(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    lead, lead_id = await house.signed_in(Role.LEAD)
    made = (await agent.post("/api/v1/customers", json={"name": "甲", "owner_account_id": agent_id})).json()
    address = f"/api/v1/customers/{made['id']}"
    assert (await agent.patch(address, json={"vip": True})).status_code == 403
    assert (await agent.patch(address, json={"owner_account_id": lead_id})).status_code == 403
    assert (await lead.patch(address, json={"vip": True})).json()["vip"] is True
    assert (await agent.patch(address, json={"vip": True, "notes": "x"})).status_code == 200


async def test_a_withheld_number_finds_nobody(house: House) -> None:
    await contact(house.db, house.clock.now(), "anonymous")
    await contact(house.db, house.clock.now(), "")
    async with house.db.read() as session:
        for number in ("", "anonymous"):
            record = await caller_record(await session.direct(), number)
            assert (record.customer, record.last_contacts) == (None, ())


async def test_the_pop_shows_the_last_five_newest_first_without_the_call_itself_or_drills(house: House) -> None:
    calls = []
    for _ in range(7):
        house.clock.advance(minutes=1)
        calls.append(await contact(house.db, house.clock.now()))
    await contact(house.db, house.clock.now(), drill=True)
    async with house.db.read() as session:
        record = await caller_record(await session.direct(), "13800000001", except_call=calls[-1])
    assert [last.id for last in record.last_contacts] == calls[-2:-7:-1]
