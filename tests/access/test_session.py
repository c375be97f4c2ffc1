"""The life of a session: signing in, being recognised, ending, and what other sites cannot do with it."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import WebSocket
from sqlalchemy import delete, select
from starlette.types import Message

from callcenter.access import passwords
from callcenter.access.guard import socket_principal
from callcenter.access.login import MAX_FAILURES
from callcenter.access.roles import Role
from callcenter.access.sessions import SessionEnded
from callcenter.access.tables import AuditEntry, SessionRow
from tests.house import ORIGIN, PASSWORD, House


async def test_signing_in_sets_a_cookie_scripts_cannot_read_and_other_sites_cannot_send(house: House) -> None:
    account_id = await house.account(Role.AGENT, "wang")
    client = await house.client()
    answer = await client.post("/api/v1/session", json={"login": " Wang ", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("callcenter_8080=")
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Secure" not in cookie
    me = (await client.get("/api/v1/session")).json()
    assert (me["account_id"], me["login"], me["role"], me["session_kind"]) == (account_id, "wang", "agent", "cookie")


async def test_the_database_never_holds_a_session_secret_or_a_password(house: House) -> None:
    await house.account(Role.AGENT, "wang")
    client = await house.client()
    await client.post("/api/v1/session", json={"login": "wang", "password": PASSWORD})
    token = client.cookies["callcenter_8080"]
    async with house.db.read() as session:
        row = (await session.scalars(select(SessionRow))).one()
        assert token not in (row.token_hash, row.id)
        opened = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "session.opened"))).one()
        assert opened.subject == row.id


async def test_wrong_password_unknown_login_and_retired_account_sound_the_same(house: House) -> None:
    await house.account(Role.AGENT, "wang")
    retired = await house.account(Role.AGENT, "li")
    admin, _ = await house.signed_in(Role.ADMIN)
    assert (await admin.delete(f"/api/v1/accounts/{retired}")).status_code == 204
    client = await house.client()
    answers = [
        await client.post("/api/v1/session", json={"login": login, "password": password})
        for login, password in (("wang", "wrong-word-1"), ("nobody", PASSWORD), ("li", PASSWORD))
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1


async def test_an_unknown_login_costs_as_much_hashing_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = passwords._hasher.verify
    monkeypatch.setattr(
        passwords, "_hasher", type("Spy", (), {"verify": lambda _, h, p: seen.append(h) or real(h, p), "hash": 0})()
    )
    stored = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    monkeypatch.setattr(passwords, "_nobodys_hash", lambda: stored)
    assert not await passwords.verify(None, "x")
    assert not await passwords.verify(stored, "x")
    assert seen == [stored, stored]


async def test_too_many_wrong_passwords_pause_even_the_right_one_and_only_for_that_login(house: House) -> None:
    await house.account(Role.AGENT, "wang")
    await house.account(Role.AGENT, "li")
    client = await house.client()
    for _ in range(MAX_FAILURES):
        answer = await client.post("/api/v1/session", json={"login": "wang", "password": "wrong-word-1"})
        assert answer.status_code == 401
    answer = await client.post("/api/v1/session", json={"login": "wang", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.post("/api/v1/session", json={"login": "li", "password": PASSWORD})).status_code == 200
    house.clock.advance(minutes=16)
    assert (await client.post("/api/v1/session", json={"login": "wang", "password": PASSWORD})).status_code == 200


async def test_guesses_that_come_all_at_once_are_counted_all_the_same(house: House) -> None:
    await house.account(Role.AGENT, "wang")
    client = await house.client()
    guesses = ({"login": "wang", "password": f"wrong-word-{number}"} for number in range(MAX_FAILURES + 5))
    answers = await asyncio.gather(*(client.post("/api/v1/session", json=guess) for guess in guesses))
    assert sorted(answer.status_code for answer in answers) == [401] * MAX_FAILURES + [429] * 5


async def test_signing_out_ends_the_session_and_tells_the_sockets(house: House) -> None:
    ended: list[SessionEnded] = []
    house.services.sessions.on_end.append(ended.append)
    client, account_id = await house.signed_in(Role.AGENT)
    assert (await client.delete("/api/v1/session")).status_code == 204
    assert [one.account_id for one in ended] == [account_id]
    client.cookies.set("callcenter_8080", "made-up")
    assert (await client.get("/api/v1/session")).status_code == 204
    assert (await client.get("/api/v1/contacts")).status_code == 401


async def test_a_session_ends_by_itself_and_the_sweep_tells(house: House) -> None:
    ended: list[SessionEnded] = []
    house.services.sessions.on_end.append(ended.append)
    client, account_id = await house.signed_in(Role.AGENT)
    house.clock.advance(hours=13, minutes=59)
    assert (await client.get("/api/v1/session")).status_code == 200
    house.clock.advance(minutes=2)
    assert (await client.get("/api/v1/session")).status_code == 204, "nobody is signed in any more"
    assert (await client.get("/api/v1/contacts")).status_code == 401
    assert await house.services.sessions.sweep() == 1
    assert [one.account_id for one in ended] == [account_id]


async def test_the_sweep_tells_of_a_session_that_another_process_ended(house: House) -> None:
    ended: list[SessionEnded] = []
    house.services.sessions.on_end.append(ended.append)
    client, account_id = await house.signed_in(Role.AGENT)
    assert (await client.get("/api/v1/session")).status_code == 200
    async with house.db.write() as session:
        await session.execute(delete(SessionRow))
    assert await house.services.sessions.sweep() == 1
    assert [one.account_id for one in ended] == [account_id]
    assert await house.services.sessions.sweep() == 0


async def test_signing_in_again_ends_the_browsers_earlier_session(house: House) -> None:
    await house.account(Role.AGENT, "wang")
    client = await house.client()
    for _ in range(2):
        await client.post("/api/v1/session", json={"login": "wang", "password": PASSWORD})
    async with house.db.read() as session:
        assert len((await session.scalars(select(SessionRow))).all()) == 1


async def test_other_sites_cannot_act_with_our_cookie(house: House) -> None:
    client, _ = await house.signed_in(Role.ADMIN)
    body = {"login": "planted", "name": "x"}
    for headers in ({"Origin": "http://evil.test"}, {"Origin": "null"}, {"Origin": "http://desk.test:9999"}):
        answer = await client.post("/api/v1/accounts", json=body, headers=headers)
        assert answer.status_code == 403, headers
    del client.headers["origin"]
    assert (await client.post("/api/v1/accounts", json=body)).status_code == 403
    cross = await client.post("/api/v1/accounts", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403
    ours = await client.post("/api/v1/accounts", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert ours.status_code == 201
    elsewhere = await house.client(Origin="http://evil.test")
    login = {"login": "planted", "password": "whatever-it-was"}
    assert (await elsewhere.post("/api/v1/session", json=login)).status_code == 403


async def test_a_machine_uses_its_token_until_it_is_revoked(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    answer = await ops.post("/api/v1/tokens", json={"label": "monitoring"})
    assert answer.status_code == 201, answer.text
    token = answer.json()
    machine = await house.client(Authorization=f"Bearer {token['token']}")
    del machine.headers["origin"]
    me = (await machine.get("/api/v1/session")).json()
    assert (me["role"], me["session_kind"]) == ("ops", "bearer")
    listed = (await machine.get("/api/v1/tokens")).json()
    assert [one["label"] for one in listed] == ["monitoring"] and "token" not in listed[0]
    assert (await ops.delete(f"/api/v1/tokens/{token['id']}")).status_code == 204
    assert (await machine.get("/api/v1/session")).status_code == 401
    assert (await ops.delete(f"/api/v1/tokens/{token['id']}")).status_code == 404


async def test_only_an_administrator_makes_tokens_for_another_role(house: House) -> None:
    ops, _ = await house.signed_in(Role.OPS)
    admin, _ = await house.signed_in(Role.ADMIN)
    wish = {"label": "importer", "role": "supervisor"}
    assert (await ops.post("/api/v1/tokens", json=wish)).status_code == 403
    made = (await admin.post("/api/v1/tokens", json=wish)).json()
    machine = await house.client(Authorization=f"Bearer {made['token']}")
    assert (await machine.get("/api/v1/session")).json()["role"] == "supervisor"
    assert (await machine.get("/api/v1/tokens")).status_code == 403
    # Another's token is not theirs to revoke.
    assert (await ops.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404


async def test_a_cookies_secret_is_no_bearer_token(house: House) -> None:
    client, _ = await house.signed_in(Role.ADMIN)
    thief = await house.client(Authorization=f"Bearer {client.cookies['callcenter_8080']}")
    assert (await thief.get("/api/v1/session")).status_code == 401


async def _open_socket(house: House, **headers: str) -> tuple[bool, str | int]:
    """(accepted before any close, first text or close code) of a WebSocket to /ws/test."""
    sent: list[Message] = []
    scope = {
        "type": "websocket",
        "path": "/ws/test",
        "raw_path": b"/ws/test",
        "root_path": "",
        "query_string": b"",
        "scheme": "ws",
        "subprotocols": [],
        "headers": [(b"host", b"desk.test:8080"), *((k.encode(), v.encode()) for k, v in headers.items())],
    }

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await house.app(scope, receive, send)
    accepted = sent[0]["type"] == "websocket.accept"
    last = sent[1] if accepted else sent[0]
    return accepted, last.get("text") or last["code"]


async def test_sockets_check_origin_session_and_role(house: House) -> None:
    @house.app.websocket("/ws/test")
    async def socket(websocket: WebSocket) -> None:
        who = await socket_principal(websocket, Role.AGENT)
        await websocket.accept()
        await websocket.send_text(who.login)

    name = house.services.sessions.cookie_name
    agent, _ = await house.signed_in(Role.AGENT, "wang")
    ops, _ = await house.signed_in(Role.OPS)
    cookies = {"agent": f"{name}={agent.cookies[name]}", "ops": f"{name}={ops.cookies[name]}"}
    assert await _open_socket(house, origin=ORIGIN, cookie=cookies["agent"]) == (True, "wang")
    assert await _open_socket(house, origin=ORIGIN) == (True, 4003)
    assert await _open_socket(house, origin=ORIGIN, cookie=cookies["ops"]) == (True, 4403)
    assert await _open_socket(house, origin="http://evil.test", cookie=cookies["agent"]) == (False, 1008)
    assert await _open_socket(house, cookie=cookies["agent"]) == (False, 1008)
