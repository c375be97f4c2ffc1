"""Adding a person is one action; nobody makes their betters; those out of service are out at once."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.access.agents import load_profile, load_profiles
from callcenter.access.login import MAX_FAILURES
from callcenter.access.roles import Role
from callcenter.errors import Conflict, NotFound
from tests.house import PASSWORD, House


async def test_adding_an_agent_gives_login_extension_queues_and_seat_in_one_action(house: House) -> None:
    told: list[str] = []

    async def listener(account_id: str) -> None:
        told.append(account_id)

    house.services.on_account_changed.append(listener)
    supervisor, _ = await house.signed_in(Role.SUPERVISOR)
    body = {"login": "wang", "name": "王", "queues": {"general": 1, "consult": 3}, "skills": {"english": 2}}
    answer = await supervisor.post("/api/v1/accounts", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert told == [made["account"]["id"]]
    async with house.db.read() as session:
        profile = await load_profile(session, made["account"]["id"])
    assert (profile.extension, profile.seat, profile.name) == ("1001", "seat-1001", "王")
    assert (profile.queues, profile.skills) == ({"general": 1, "consult": 3}, {"english": 2})
    client = await house.client()
    login = {"login": "wang", "password": made["password"]}
    assert (await client.post("/api/v1/session", json=login)).status_code == 200


async def test_agents_added_at_once_get_different_extensions(house: House) -> None:
    supervisor, _ = await house.signed_in(Role.SUPERVISOR)
    bodies = [{"login": f"agent-{n}x", "name": "x", "password": PASSWORD} for n in range(8)]
    answers = await asyncio.gather(*(supervisor.post("/api/v1/accounts", json=body) for body in bodies))
    extensions = sorted(answer.json()["account"]["extension"] for answer in answers)
    assert extensions == [str(number) for number in range(1001, 1009)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"login": "wang", "name": "another"}, 409),
        ({"login": "has space", "name": "x"}, 422),
        ({"login": "zhao", "name": ""}, 422),
        ({"login": "zhao", "name": "x", "password": "short"}, 422),
        ({"login": "zhao", "name": "x", "queues": {"general": 10}}, 422),
        ({"login": "zhao", "name": "x", "extension": "0"}, 422),
        ({"login": "zhao", "name": "x", "extension": "1001"}, 409),
        ({"login": "zhao", "name": "x", "misspelt": 1}, 422),
    ],
)
async def test_what_does_not_fit_is_refused_in_our_shape(house: House, body: dict[str, object], status: int) -> None:
    await house.account(Role.AGENT, "wang")
    supervisor, _ = await house.signed_in(Role.SUPERVISOR)
    answer = await supervisor.post("/api/v1/accounts", json=body)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "details"}


async def test_nobody_makes_or_changes_their_betters(house: House) -> None:
    supervisor, supervisor_id = await house.signed_in(Role.SUPERVISOR)
    admin_id = await house.account(Role.ADMIN)
    agent_id = await house.account(Role.AGENT)
    for role in (Role.SUPERVISOR, Role.OPS, Role.ADMIN):
        body = {"login": f"new-{role}", "name": "x", "role": role}
        assert (await supervisor.post("/api/v1/accounts", json=body)).status_code == 403
        assert (await supervisor.patch(f"/api/v1/accounts/{agent_id}", json={"role": role})).status_code == 403
    assert (await supervisor.patch(f"/api/v1/accounts/{admin_id}", json={"name": "x"})).status_code == 403
    reset = {"password": "brand-new-word"}
    assert (await supervisor.put(f"/api/v1/accounts/{admin_id}/password", json=reset)).status_code == 403
    assert (await supervisor.put(f"/api/v1/accounts/{agent_id}/password", json=reset)).status_code == 204
    for untouched in (admin_id, supervisor_id):
        assert (await supervisor.post(f"/api/v1/accounts/{untouched}/password")).status_code == 403
    given = (await supervisor.post(f"/api/v1/accounts/{agent_id}/password")).json()
    login = (await supervisor.get(f"/api/v1/accounts/{agent_id}")).json()["login"]
    client = await house.client()
    assert (await client.post("/api/v1/session", json={"login": login, **given})).status_code == 200
    assert (await supervisor.patch(f"/api/v1/accounts/{supervisor_id}", json={"role": "admin"})).status_code == 403


async def test_an_account_out_of_service_is_signed_out_and_takes_no_calls(house: House) -> None:
    supervisor, _ = await house.signed_in(Role.SUPERVISOR)
    agent, agent_id = await house.signed_in(Role.AGENT)
    assert (await supervisor.delete(f"/api/v1/accounts/{agent_id}")).status_code == 204
    assert (await agent.get("/api/v1/session")).status_code == 204
    async with house.db.read() as session:
        with pytest.raises(NotFound):
            await load_profile(session, agent_id)
        assert await load_profiles(session) == []
    assert (await supervisor.patch(f"/api/v1/accounts/{agent_id}", json={"active": True})).status_code == 200
    async with house.db.read() as session:
        assert (await load_profile(session, agent_id)).agent_id == agent_id


async def test_somebody_without_an_extension_takes_no_calls(house: House) -> None:
    ops_id = await house.account(Role.OPS)
    async with house.db.read() as session:
        with pytest.raises(Conflict, match="no extension"):
            await load_profile(session, ops_id)


async def test_the_last_administrator_stays(house: House) -> None:
    admin, admin_id = await house.signed_in(Role.ADMIN)
    assert (await admin.delete(f"/api/v1/accounts/{admin_id}")).status_code == 409
    assert (await admin.patch(f"/api/v1/accounts/{admin_id}", json={"role": "ops"})).status_code == 409
    await house.account(Role.ADMIN)
    assert (await admin.delete(f"/api/v1/accounts/{admin_id}")).status_code == 204


async def test_changing_ones_own_password_needs_the_old_one_and_ends_other_sessions(house: House) -> None:
    first, account_id = await house.signed_in(Role.AGENT, "wang")
    second = await house.client()
    await second.post("/api/v1/session", json={"login": "wang", "password": PASSWORD})
    address = f"/api/v1/accounts/{account_id}/password"
    assert (await first.put(address, json={"password": "brand-new-word"})).status_code == 403
    changed = await first.put(address, json={"password": "brand-new-word", "current": PASSWORD})
    assert changed.status_code == 204
    assert (await first.get("/api/v1/session")).status_code == 200
    assert (await second.get("/api/v1/session")).status_code == 204
    other, _ = await house.signed_in(Role.AGENT)
    assert (await other.put(address, json={"password": "brand-new-word"})).status_code == 403


async def test_wrong_old_passwords_are_counted_like_those_of_the_login(house: House) -> None:
    found_open, account_id = await house.signed_in(Role.AGENT, "wang")
    address = f"/api/v1/accounts/{account_id}/password"

    async def change(current: str) -> int:
        body = {"password": "brand-new-word", "current": current}
        return (await found_open.put(address, json=body)).status_code

    assert [await change(f"guess-number-{n}") for n in range(MAX_FAILURES)] == [403] * MAX_FAILURES
    assert await change(PASSWORD) == 429, "not even the right one, until the pause is over"
    elsewhere = await house.client()
    login = {"login": "wang", "password": PASSWORD}
    assert (await elsewhere.post("/api/v1/session", json=login)).status_code == 429, "and one count holds for both"
    house.clock.advance(minutes=16)
    assert await change(PASSWORD) == 204
    assert await change(PASSWORD) == 403, "it is another one now"


async def test_a_change_touches_only_what_was_given(house: House) -> None:
    supervisor, _ = await house.signed_in(Role.SUPERVISOR)
    agent_id = await house.account(Role.AGENT, "wang", queues={"general": 2}, wrap_up_s=20.0)
    after = (await supervisor.patch(f"/api/v1/accounts/{agent_id}", json={"skills": {"english": 1}})).json()
    assert (after["queues"], after["skills"], after["wrap_up_s"]) == ({"general": 2}, {"english": 1}, 20.0)
    after = (await supervisor.patch(f"/api/v1/accounts/{agent_id}", json={"wrap_up_s": None, "queues": {}})).json()
    assert (after["queues"], after["skills"], after["wrap_up_s"]) == ({}, {"english": 1}, None)
