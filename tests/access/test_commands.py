"""``callcenter accounts`` works beside the service, also when nobody can sign in."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner, Result

from callcenter.access.commands import accounts
from callcenter.access.roles import Role
from tests.house import PASSWORD, House


@pytest.fixture
def console(house: House, migrated: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name in ("CONFIG", "DATA_DIR"):
        monkeypatch.delenv(f"CALLCENTER_{name}", raising=False)
    monkeypatch.setenv("CALLCENTER_DATABASE_URL", migrated)
    return CliRunner()


async def _call(console: CliRunner, *arguments: str, given: str | None = None) -> Result:
    return await asyncio.to_thread(console.invoke, accounts, list(arguments), input=given)


async def test_added_listed_and_able_to_sign_in(house: House, console: CliRunner) -> None:
    added = await _call(console, "add", "wang", "--name", "王", "--queue", "general:2", "--queue", "consult")
    assert added.exit_code == 0, added.output
    login, role, _, extension, _, password = added.output.split()
    assert (login, role, extension) == ("wang", "agent", "1001")
    client = await house.client()
    assert (await client.post("/api/v1/session", json={"login": "wang", "password": password})).status_code == 200
    listed = await _call(console, "list")
    assert listed.output == "wang\tagent\t1001\tin service\t王\tconsult general\n"


async def test_a_password_can_be_given_or_made(house: House, console: CliRunner) -> None:
    await _call(console, "add", "wang", "--name", "王", "--password", given="first-given-word\n")
    client = await house.client()
    first = {"login": "wang", "password": "first-given-word"}
    assert (await client.post("/api/v1/session", json=first)).status_code == 200
    changed = await _call(console, "passwd", "wang")
    second = {"login": "wang", "password": changed.output.split()[-1]}
    assert (await client.post("/api/v1/session", json=second)).status_code == 200
    assert (await client.post("/api/v1/session", json=first)).status_code == 401


async def test_who_is_taken_out_is_signed_out_and_can_be_put_back(house: House, console: CliRunner) -> None:
    client, _ = await house.signed_in(Role.LEAD, "wang")
    assert (await client.get("/api/v1/session")).status_code == 200
    assert (await _call(console, "out", "wang")).output == "wang  out of service\n"
    assert (await client.get("/api/v1/contacts")).status_code == 401
    assert (await _call(console, "in", "wang")).output == "wang  in service\n"
    again = {"login": "wang", "password": PASSWORD}
    assert (await client.post("/api/v1/session", json=again)).status_code == 200
    await _call(console, "passwd", "wang")
    assert (await client.get("/api/v1/contacts")).status_code == 401, "a new password ends what the old one opened"
    await house.account(Role.ADMIN, "root")
    assert "last active administrator" in (await _call(console, "out", "root")).output


async def test_a_token_for_a_machine(house: House, console: CliRunner) -> None:
    await house.account(Role.OPS, "ops")
    await house.account(Role.AGENT, "wang")
    made = await _call(console, "token", "ops", "--label", "monitoring")
    machine = await house.client(Authorization=f"Bearer {made.output.strip()}")
    me = (await machine.get("/api/v1/session")).json()
    assert (me["login"], me["role"], me["session_kind"]) == ("ops", "ops", "bearer")
    assert "roles ops and admin" in (await _call(console, "token", "wang", "--label", "x")).output


async def test_mistakes_are_told_in_a_line(house: House, console: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no account has the login" in (await _call(console, "passwd", "nobody")).output
    assert (
        "10 to 256 characters"
        in (await _call(console, "add", "wang", "--name", "x", "--password", given="short\n")).output
    )
    assert "queue:level" in (await _call(console, "add", "wang", "--name", "x", "--queue", "general:best")).output
    monkeypatch.setenv("CALLCENTER_DATABASE_URL", "postgresql://x@127.0.0.1:1/none")
    away = await _call(console, "list")
    assert away.exit_code == 1 and "check that PostgreSQL runs" in away.output
