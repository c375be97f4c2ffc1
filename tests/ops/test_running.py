"""On a running system: the commands that change it, and the socket that tells what changed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from callcenter.access.roles import Role
from callcenter.asterisk.packages import ensure
from callcenter.db.embedded import EmbeddedPostgres
from callcenter.drill.own import OwnSystem, free_ports
from tests.support.sipp import sipp
from tests.web.people import PASSWORD, hire, ops_system

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(
    postgres: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[OwnSystem]:
    """One for the file."""
    async with ops_system(tmp_path_factory.mktemp("ops"), postgres, migrated_template) as made:
        await hire(made.settings, agent=Role.AGENT)
        yield made


async def signed_in(system: OwnSystem, login: str) -> httpx.AsyncClient:
    origin = f"http://{system.settings.http_bind}"
    client = httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, trust_env=False)
    (await client.post("/api/v1/session", json={"login": login, "password": PASSWORD})).raise_for_status()
    return client


def socket_of(system: OwnSystem, client: httpx.AsyncClient, origin: str | None = None) -> connect:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return connect(
        f"ws://{system.settings.http_bind}/ws/ops",
        additional_headers={"Cookie": cookies, "Origin": origin or f"http://{system.settings.http_bind}"},
        proxy=None,
    )


async def until(socket: ClientConnection, holds: str) -> dict[str, object]:
    """The first frame in which a step with that count is there."""
    async with asyncio.timeout(40):
        while True:
            frame: dict[str, object] = json.loads(await socket.recv())
            steps = frame["steps"]
            assert isinstance(steps, list)
            if any(holds == f"{s['flow']}/{s['step']} {s['now']} {s['passed']} {s['hung_up']}" for s in steps):
                return frame


async def command(system: OwnSystem, token: str, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", "flows", *words,
        "--url", f"http://{system.settings.http_bind}",
        cwd=ROOT, env={**os.environ, "CALLCENTER_TOKEN": token},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, said.decode()


async def test_commands_change_the_flows_and_the_page_hears_of_it(system: OwnSystem) -> None:
    ops = await signed_in(system, "ops")
    token = (await ops.post("/api/v1/tokens", json={"label": "command line"})).json()["token"]
    path = Path(system.settings.flows_dir) / "main.yaml"
    whole = path.read_text(encoding="utf-8")
    async with socket_of(system, ops) as socket:
        first = json.loads(await socket.recv())["version"]
        path.write_text(whole.replace("next: main_menu", "next: nowhere", 1), encoding="utf-8")
        code, said = await command(system, token, "reload")
        assert code == 1
        assert "main.yaml:14:11: there is no step `nowhere`" in said
        path.write_text(whole.replace("timeout: 5s", "timeout: 6s", 1), encoding="utf-8")
        code, said = await command(system, token, "reload", "--note", "longer")
        assert (code, said.split()[1]) == (0, "2")
        async with asyncio.timeout(20):
            while json.loads(await socket.recv())["version"] == first:
                pass
        assert (await command(system, token, "rollback", "1"))[0] == 0
        async with asyncio.timeout(20):
            while json.loads(await socket.recv())["version"] != first:
                pass
    assert path.read_text(encoding="utf-8") == whole
    code, said = await command(system, token, "versions")
    assert code == 0
    assert "longer" in said
    assert (await command(system, "no-such-token", "versions"))[0] == 1
    await ops.aclose()


async def test_a_caller_is_seen_at_each_step_and_where_they_hang_up(system: OwnSystem, tmp_path: Path) -> None:
    ops = await signed_in(system, "ops")
    host, _, port = system.settings.sip_bind.rpartition(":")
    toolbox = ensure(system.settings.cache_dir)
    options = ("-s", "4008001", "-key", "digit", "1", "-d", "6000", "-p", str(free_ports(1)[0]), "-m", "1")
    async with socket_of(system, ops) as socket:
        call = asyncio.create_task(sipp(toolbox, "caller.xml", (host, int(port)), tmp_path / "sipp", *options))
        await until(socket, "main/consult 1 0 0")
        await until(socket, "main/consult 0 0 1")
        await call
    given_up = (await ops.get("/api/v1/flows/give-ups?days=2")).json()["steps"]
    assert [(s["step"], s["hung_up"]) for s in given_up if s["flow"] == "main" and s["hung_up"]] == [("consult", 1)]
    await ops.aclose()


async def test_the_socket_is_for_our_own_pages_and_those_who_may_look(system: OwnSystem) -> None:
    ops, agent = await signed_in(system, "ops"), await signed_in(system, "agent")
    with pytest.raises(InvalidStatus):
        async with socket_of(system, ops, "http://elsewhere.test"):
            pass
    async with socket_of(system, agent) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
    await ops.aclose()
    await agent.aclose()


async def test_a_known_caller_is_greeted_by_name(system: OwnSystem, tmp_path: Path) -> None:
    ops, agent = await signed_in(system, "ops"), await signed_in(system, "agent")
    made = await agent.post("/api/v1/customers", json={"name": "王女士", "phones": [{"number": "13800000001"}]})
    assert made.status_code == 201, made.text
    host, _, port = system.settings.sip_bind.rpartition(":")
    options = ("-s", "4008002", "-key", "digit", "1", "-d", "4000", "-p", str(free_ports(1)[0]), "-m", "1")
    toolbox = ensure(system.settings.cache_dir)
    async with socket_of(system, ops) as socket:
        call = asyncio.create_task(sipp(toolbox, "caller.xml", (host, int(port)), tmp_path / "sipp", *options))
        await until(socket, "complaints/greet_known 0 1 0")
        await call
    await ops.aclose()
    await agent.aclose()
