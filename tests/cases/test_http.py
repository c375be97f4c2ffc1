"""A case over HTTP: from the call that opened it to its end, between people of several departments."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.cases import changes
from callcenter.cases.repository import is_overdue
from callcenter.cases.rules import overdue
from callcenter.cases.tables import Case
from tests.business.calls import contact
from tests.house import House

CUSTOMER = "13800000001"


async def opened(house: House, agent: httpx.AsyncClient, agent_id: str, **case: Any) -> dict[str, Any]:
    call = await contact(house.db, house.clock.now(), CUSTOMER, answered_by=agent_id)
    body = {"disposition": "complaint", "note": "三号机不出纸\n已重启", "open_case": True, "case": case or None}
    answer = await agent.put(f"/api/v1/contacts/{call}/outcome", json=body)
    assert answer.status_code == 200, answer.text
    found = await agent.get(f"/api/v1/cases/{answer.json()['outcome']['case']['number']}")
    made: dict[str, Any] = found.json()
    return made


async def put_department(house: House, code: str, *members: str) -> None:
    keeper, _ = await house.signed_in(Role.SUPERVISOR)
    body = {"title": code, "title_en": code, "members": list(members)}
    assert (await keeper.put(f"/api/v1/departments/{code}", json=body)).status_code == 200


async def numbers(client: httpx.AsyncClient, **wanted: Any) -> list[int]:
    answer = await client.get("/api/v1/cases", params=wanted)
    assert answer.status_code == 200, answer.text
    return [case["number"] for case in answer.json()["cases"]]


async def test_who_takes_the_question_owns_the_case_and_its_call_is_linked(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    case = await opened(house, agent, agent_id, kind="major_fault", department="technical")
    assert (case["owner_id"], case["kind"], case["department"]) == (agent_id, "major_fault", "technical")
    assert (case["subject"], case["state"], case["caller_number"]) == ("三号机不出纸", "open", CUSTOMER)
    assert [call["outcomes"][0]["note"] for call in case["calls"]] == ["三号机不出纸\n已重启"]
    assert [entry["what"] for entry in case["history"]] == ["opened"]
    written = (await agent.get(f"/api/v1/contacts/{case['calls'][0]['id']}")).json()["outcomes"]
    assert [one["department"] for one in written] == ["技术支持"], "as the departments' reports name it"
    assert case["due_at"] == "2026-03-02T05:00:00Z"
    plain = await opened(house, agent, agent_id)
    assert plain["kind"] == "complaint", "as its outcome says"


async def test_a_later_call_about_the_same_case_is_attached_once(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    case = await opened(house, agent, agent_id)
    assert await numbers(agent, caller="+86 138 0000 0001") == [case["number"]]
    call = await contact(house.db, house.clock.now(), CUSTOMER, answered_by=agent_id)
    body = {"disposition": "resolved", "note": "又来催", "about_case": case["number"], "open_case": True}
    for _ in range(2):
        assert (await agent.put(f"/api/v1/contacts/{call}/outcome", json=body)).status_code == 200
    again = (await agent.get(f"/api/v1/cases/{case['number']}")).json()
    assert [one["id"] for one in again["calls"]][1:] == [call]
    assert [entry["what"] for entry in again["history"]] == ["opened", "call"]
    assert [one["number"] for one in (await agent.get(f"/api/v1/contacts/{call}")).json()["cases"]] == [case["number"]]
    assert len(await numbers(agent, view="all")) == 1, "no second case"
    unknown = await agent.put(f"/api/v1/contacts/{call}/outcome", json={**body, "about_case": 7})
    assert unknown.status_code == 404


async def test_two_who_change_one_case_lose_nothing(house: House) -> None:
    anna, anna_id = await house.signed_in(Role.AGENT)
    bert, _ = await house.signed_in(Role.AGENT)
    case = await opened(house, anna, anna_id)
    address = f"/api/v1/cases/{case['number']}"
    first = await anna.patch(address, json={"state": "working", "version": case["version"]})
    assert first.json()["version"] == case["version"] + 1
    late = await bert.patch(address, json={"kind": "fault", "version": case["version"]})
    assert (late.status_code, late.json()["error"]["details"]["reason"]) == (409, "changed_meanwhile")
    assert (await bert.post(f"{address}/comments", json={"text": "客户在线等"})).status_code == 201
    same = await bert.patch(address, json={"state": "working", "version": case["version"]})
    assert same.status_code == 200, "what is so already is no change"
    now = await anna.patch(address, json={"kind": "fault", "version": first.json()["version"]})
    assert now.status_code == 200, "a comment is in nobody's way"
    assert [(one["what"], one["before"], one["after"], one["text"]) for one in now.json()["history"]][1:] == [
        ("state", "open", "working", ""),
        ("comment", None, None, "客户在线等"),
        ("kind", "complaint", "fault", ""),
    ]


async def test_ways_that_there_are_not_are_refused_and_an_end_is_reopened(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    case = await opened(house, agent, agent_id)
    address = f"/api/v1/cases/{case['number']}"
    assert (await agent.patch(address, json={"state": "closed"})).status_code == 409
    for state in ("waiting_customer", "resolved", "closed", "open"):
        answer = await agent.patch(address, json={"state": state})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert (answer.json()["reopened"], answer.json()["moves"][0]) == (1, "working")
    assert (await agent.patch(address, json={"kind": "nonsense"})).status_code == 422
    assert (await agent.patch(address, json={"department": "nonsense"})).status_code == 422


async def test_a_department_works_on_its_cases_and_sees_no_others(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    worker, worker_id = await house.signed_in(Role.DEPARTMENT)
    await put_department(house, "technical", worker_id)
    mine = await opened(house, agent, agent_id, department="technical")
    other = await opened(house, agent, agent_id, department="billing")
    assert await numbers(worker) == await numbers(worker, view="department") == [mine["number"]]
    assert (await worker.get(f"/api/v1/cases/{other['number']}")).status_code == 404
    hidden = f"/api/v1/cases/{other['number']}"
    assert (await worker.post(f"{hidden}/comments", json={"text": "?"})).status_code == 404
    address = f"/api/v1/cases/{mine['number']}"
    seen = (await worker.get(address)).json()
    assert "closed" not in (await worker.patch(address, json={"state": "resolved"})).json()["moves"]
    assert (await worker.patch(address, json={"state": "closed"})).status_code == 403
    call = seen["calls"][0]["id"]
    assert (await worker.get(f"/api/v1/contacts/{call}/recordings")).status_code == 403
    assert (await worker.get("/api/v1/contacts")).status_code == 403
    assert (await worker.get("/api/v1/customers")).status_code == 403
    handed = await worker.patch(address, json={"department": "billing"})
    assert (handed.status_code, handed.json()["department"]) == (200, "billing")
    assert (await worker.get(address)).status_code == 404, "it is theirs no more"


async def test_a_lead_gives_several_cases_to_one_person(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    other, other_id = await house.signed_in(Role.AGENT, "bert")
    lead, _ = await house.signed_in(Role.LEAD)
    made = [(await opened(house, agent, agent_id))["number"] for _ in range(3)]
    grab = await other.patch(f"/api/v1/cases/{made[0]}", json={"owner_id": other_id})
    assert grab.status_code == 403, "who took it first owns it"
    body = {"numbers": made[:2], "owner_id": other_id, "department": "billing"}
    assert (await agent.post("/api/v1/cases/assign", json=body)).status_code == 403
    missing = await lead.post("/api/v1/cases/assign", json={**body, "numbers": [made[2], 7]})
    assert (missing.status_code, await numbers(other, view="mine")) == (404, []), "all or none"
    assert [one["owner_id"] for one in (await lead.post("/api/v1/cases/assign", json=body)).json()] == [other_id] * 2
    assert await numbers(other, view="mine") == made[:2]
    assert await numbers(lead, owner=other_id, department="billing") == made[:2]
    told = (await other.get(f"/api/v1/cases/{made[0]}")).json()["history"][-2:]
    assert {(one["what"], one["after"]) for one in told} == {("owner", "Bert"), ("department", "billing")}


async def test_lists_are_by_urgency_page_by_page_and_found_by_what_one_has(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    kinds = ("inquiry", "major_fault", "complaint", "major_fault")
    made = [(await opened(house, agent, agent_id, kind=kind))["number"] for kind in kinds]
    urgent = [made[1], made[3], made[2], made[0]]
    assert await numbers(agent) == urgent
    found, cursor = [], None
    while True:
        query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = (await agent.get("/api/v1/cases", params=query)).json()
        found += [case["number"] for case in page["cases"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == urgent
    assert await numbers(agent, view="all") == made[::-1]
    assert await numbers(agent, q=str(made[2])) == [made[2]]
    assert await numbers(agent, q="不出纸", kind="complaint") == [made[2]]
    assert len(await numbers(agent, q="138 0000 0001")) == 4
    assert (await agent.get("/api/v1/cases", params={"cursor": "AAAA"})).status_code == 422
    house.clock.advance(minutes=15)
    assert await numbers(agent, view="overdue") == [made[1], made[3]]
    counts = (await agent.get("/api/v1/cases/counts")).json()
    assert counts == {"mine": 4, "department": 0, "overdue": 2}


async def test_the_database_and_the_rules_judge_lateness_alike(house: House) -> None:
    agent, agent_id = await house.signed_in(Role.AGENT)
    ways = ((), ("working",), ("waiting_customer",), ("waiting_customer", "working"), ("resolved",))
    for way in ways:
        case = await opened(house, agent, agent_id, kind="major_fault")
        for state in way:
            house.clock.advance(minutes=5)
            await agent.patch(f"/api/v1/cases/{case['number']}", json={"state": state})
    for _ in range(40):
        house.clock.advance(minutes=7)
        now = house.clock.now()
        async with house.db.read() as session:
            cases = list(await session.scalars(select(Case)))
            late = set(await session.scalars(select(Case.number).where(is_overdue(now))))
        assert late == {one.number for one in cases if overdue(changes.progress_of(one), now)}
    assert len(late) == 3


async def test_supervisors_keep_departments_and_kinds(house: House) -> None:
    keeper, keeper_id = await house.signed_in(Role.SUPERVISOR)
    lead, _ = await house.signed_in(Role.LEAD)
    body: dict[str, Any] = {"title": "法务", "title_en": "Legal", "members": [keeper_id]}
    assert (await lead.put("/api/v1/departments/legal", json=body)).status_code == 403
    assert (await keeper.put("/api/v1/departments/legal", json=body)).json()["members"] == [keeper_id]
    kept = await keeper.put("/api/v1/departments/legal", json={"title": "法务部", "title_en": "Legal", "active": False})
    assert (kept.json()["title"], kept.json()["members"]) == ("法务部", [keeper_id])
    case = {"subject": "合同", "department": "legal"}
    assert (await lead.post("/api/v1/cases", json=case)).status_code == 422, "not in use any more"
    times = {"title": "投诉", "title_en": "Complaint", "reply_minutes": 5, "resolve_minutes": 60}
    assert (await keeper.put("/api/v1/case-kinds/complaint", json=times)).status_code == 200
    made = (await lead.post("/api/v1/cases", json={"subject": "合同", "kind": "complaint"})).json()
    assert made["reply_due_at"] == "2026-03-02T01:05:00Z"
    assert [one["role"] for one in (await lead.get("/api/v1/case-workers")).json()] == ["lead", "supervisor"]
