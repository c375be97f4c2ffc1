"""The desk over HTTP: who may see it, what it shows, and forcing a state."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from callcenter.access.roles import Role
from callcenter.access.tables import AuditEntry
from callcenter.acd import messages as m
from callcenter.acd.desk import Desk
from callcenter.acd.endpoints import DeskRoom, router
from callcenter.acd.rules import DeskRules
from callcenter.ids import AgentId, CallId
from tests.acd.floor import queue
from tests.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    """Anna talks, Ben is free without French, and a French caller waits."""
    desk = Desk(DeskRules(), house.clock, lambda action: None)
    desk.tell(m.QueuesDefined(queues=(queue(),)))
    house.app.state.desk = DeskRoom(desk=desk)
    house.app.include_router(router)
    for name, skills in (("anna", {"fr": 5}), ("ben", {})):
        agent_id = AgentId(name)
        profile = m.AgentProfile(
            agent_id=agent_id, name=name.title(), extension="1", seat="s", queues={"general": 1}, skills=skills
        )
        desk.tell(m.AgentLoggedIn(profile=profile))
        desk.tell(m.AgentPresence(agent_id=agent_id, phone=True, page=True))
        desk.tell(m.AgentReady(agent_id=agent_id))
    for call in ("first", "second"):
        desk.tell(m.CallQueued(call_id=CallId(call), queue="general", since=house.clock.now(), skills={"fr": 3}))
    (offer,) = [d.offer_id for d in desk.rules.decisions()]
    assert offer is not None
    desk.tell(m.OfferAnswered(offer_id=offer))
    house.clock.advance(seconds=30)
    return desk


async def test_a_waiting_call_is_directed_told_to_itself_first_and_audited(house: House, desk: Desk) -> None:
    told: list[tuple[m.CallDirected, int]] = []
    client, account = await house.signed_in(Role.LEAD)
    desk.tell(m.QueuesDefined(queues=(queue(), queue("other"))))
    house.app.state.desk = DeskRoom(
        desk=desk, directed=lambda command: told.append((command, len(desk.rules.waiting("other"))))
    )
    path = "/api/v1/desk/calls/second/direct"
    done = await client.post(path, json={"queue": "other", "priority": 8})
    assert done.status_code == 200
    assert (done.json()["place"], done.json()["priority"], done.json()["waited_s"]) == (1, 8, 30.0)
    assert [(one.queue, one.priority, before) for one, before in told] == [("other", 8, 0)]
    given = await client.post(path, json={"agent_id": "anna"})
    assert (given.status_code, given.json()["held_for"]) == (200, "anna")
    why = (await client.get("/api/v1/desk/calls/second/why")).json()["reasons"]
    assert [one["code"] for one in why if one["code"] in ("moved_by", "prioritised", "given")] == [
        "moved_by",
        "prioritised",
        "given",
    ]
    async with house.db.read() as session:
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "call.directed"))).all()
    assert [(e.account_id, e.subject, e.detail["changes"]) for e in sorted(entries, key=lambda e: e.id)] == [
        (account, "second", {"queue": ["general", "other"], "priority": [5, 8]}),
        (account, "second", {"agent": [None, "anna"]}),
    ]


async def test_what_cannot_be_directed_says_why(house: House, desk: Desk) -> None:
    client, _ = await house.signed_in(Role.LEAD)
    for call, body, status, reason in (
        ("first", {"priority": 9}, 409, "not_waiting"),
        ("second", {"agent_id": "nobody"}, 409, "agent_off_duty"),
        ("second", {"queue": "nowhere"}, 422, "unknown_queue"),
    ):
        answer = await client.post(f"/api/v1/desk/calls/{call}/direct", json=body)
        assert (answer.status_code, answer.json()["error"]["details"]) == (status, {"reason": reason})
    for body in ({}, {"priority": 10}, {"queue": "general", "by": "me"}):
        assert (await client.post("/api/v1/desk/calls/second/direct", json=body)).status_code == 422
    agent, _ = await house.signed_in(Role.AGENT)
    assert (await agent.post("/api/v1/desk/calls/second/direct", json={"priority": 9})).status_code == 403


PATHS = ("", "/calls/second/why", "/offers/first-1/why", "/decisions", "/gaps")


async def test_only_those_who_answer_for_others_may_look(house: House, desk: Desk) -> None:
    for role in Role:
        client, _ = await house.signed_in(role)
        answers = {(await client.get(f"/api/v1/desk{path}")).status_code for path in PATHS}
        assert answers == ({200} if role in (Role.LEAD, Role.SUPERVISOR, Role.ADMIN) else {403})
    nobody = await house.client()
    assert {(await nobody.get(f"/api/v1/desk{path}")).status_code for path in PATHS} == {401}


async def test_queues_and_agents_live_with_the_reason_of_each_wait(house: House, desk: Desk) -> None:
    client, _ = await house.signed_in(Role.LEAD)
    seen = (await client.get("/api/v1/desk")).json()
    (general,) = seen["queues"]
    assert (general["waiting"], general["on_duty"], general["longest_wait_s"]) == (1, 2, 30.0)
    (call,) = general["calls"]
    assert (call["call_id"], call["place"], call["needs"], call["reason"]) == (
        "second",
        1,
        {"fr": 3},
        "free_without_skill",
    )
    assert {agent["name"]: agent["state"] for agent in seen["agents"]} == {"Anna": "talking", "Ben": "ready"}


async def test_queues_that_ask_for_what_nobody_has(house: House, desk: Desk) -> None:
    client, _ = await house.signed_in(Role.LEAD)
    await house.account(Role.AGENT, "cora", queues={"general": 1}, extension="1001")
    assert (await client.get("/api/v1/desk/gaps")).json() == {"gaps": []}
    desk.tell(m.QueuesDefined(queues=(queue(skills={"law": 2}),)))
    (gap,) = (await client.get("/api/v1/desk/gaps")).json()["gaps"]
    assert (gap["queue"], gap["code"], gap["skill"], gap["level"]) == ("general", "skill_missing", "law", 2)


async def test_why_in_words(house: House, desk: Desk) -> None:
    client, _ = await house.signed_in(Role.SUPERVISOR)
    waited = (await client.get("/api/v1/desk/calls/second/why")).json()
    assert [reason["code"] for reason in waited["reasons"]] == ["waits", "ahead", "free_without_skill", "now"]
    assert waited["reasons"][2]["en"] == "1 agent was free but lacked a skill (asked for: fr ≥ 3)."
    got = (await client.get("/api/v1/desk/offers/first-1/why")).json()
    assert got["candidates"] == [{"agent_id": "anna", "name": "Anna", "score": 0.0}]
    assert got["reasons"][0]["zh"] == "Anna接到“general”的来电，该来电已等候 0 秒，优先分 5。"
    listed = (await client.get("/api/v1/desk/decisions", params={"agent_id": "anna"})).json()
    assert listed["decisions"] == [got]
    assert (await client.get("/api/v1/desk/decisions", params={"agent_id": "ben"})).json() == {"decisions": []}
    for path in ("calls/nobody/why", "offers/nobody-1/why"):
        assert (await client.get(f"/api/v1/desk/{path}")).status_code == 404


async def test_of_two_supervisors_who_force_one_agent_at_once_one_is_told_to_look_again(
    house: House, desk: Desk
) -> None:
    one, _ = await house.signed_in(Role.LEAD)
    other, _ = await house.signed_in(Role.SUPERVISOR)
    epoch = next(a["epoch"] for a in (await one.get("/api/v1/desk")).json()["agents"] if a["name"] == "Ben")
    answers = await asyncio.gather(
        one.post("/api/v1/desk/agents/ben/state", json={"state": "break", "reason": "meal", "epoch": epoch}),
        other.post("/api/v1/desk/agents/ben/state", json={"state": "offline", "epoch": epoch}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    done = next(answer.json() for answer in answers if answer.status_code == 200)
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["error"]["details"] == {"reason": "state_changed"}
    agents = (await one.get("/api/v1/desk")).json()["agents"]
    now = next((a for a in agents if a["name"] == "Ben"), {"state": "offline"})
    assert now["state"] == done["state"], "what was told as done is what holds"


async def test_a_forced_state_is_done_audited_and_refused_when_it_does_not_fit(house: House, desk: Desk) -> None:
    client, account = await house.signed_in(Role.LEAD)
    epoch = next(a["epoch"] for a in (await client.get("/api/v1/desk")).json()["agents"] if a["name"] == "Ben")
    done = await client.post("/api/v1/desk/agents/ben/state", json={"state": "break", "reason": "meal", "epoch": epoch})
    assert done.status_code == 200
    assert (done.json()["state"], done.json()["reason"], done.json()["cause"]) == ("break", "meal", "forced")
    late = await client.post("/api/v1/desk/agents/ben/state", json={"state": "offline", "epoch": epoch})
    assert (late.status_code, late.json()["error"]["details"]) == (409, {"reason": "state_changed"})
    later = await client.post("/api/v1/desk/agents/anna/state", json={"state": "offline"})
    assert (later.json()["state"], later.json()["pending"]) == ("talking", "offline")
    assert (await client.post("/api/v1/desk/agents/nobody/state", json={"state": "ready"})).status_code == 404
    assert (await client.post("/api/v1/desk/agents/ben/state", json={"state": "talking"})).status_code == 422
    agent, _ = await house.signed_in(Role.AGENT)
    assert (await agent.post("/api/v1/desk/agents/ben/state", json={"state": "ready"})).status_code == 403
    async with house.db.read() as session:
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "agent.forced"))).all()
    assert [(e.account_id, e.subject) for e in entries] == [(account, "ben"), (account, "anna")]
