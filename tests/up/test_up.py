"""``callcenter up`` on ports of its own: ready, takes a call, writes it, restarts what dies, leaves nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from callcenter.asterisk.packages import ensure
from callcenter.drill.own import free_ports
from callcenter.settings import load_settings
from tests.support.sipp import sipp
from tests.support.up import ROOT, Copy

pytestmark = pytest.mark.timeout(400)
in_one_loop = pytest.mark.asyncio(loop_scope="module")


async def test_up_is_ready_takes_a_call_and_stops_all_it_started(up: Copy, tmp_path: Path) -> None:
    told = await up.ready()
    assert told["ready"] is True
    assert {"database", "asterisk", "flows", "trunks"} <= told["parts"].keys()
    assert set(told["parts"].values()) == {"ready"}
    toolbox = ensure(load_settings({k: v for k, v in os.environ.items() if k == "CALLCENTER_CACHE_DIR"}).cache_dir)
    options = ("-s", "4008001", "-key", "digit", "1", "-d", "500", "-p", str(free_ports(1)[0]), "-m", "1")
    await sipp(toolbox, "caller.xml", ("127.0.0.1", up.sip), tmp_path, *options)
    assert await up.stop() == 0
    assert up.left() == []


@in_one_loop
async def test_a_new_house_has_a_crew_whose_printed_logins_work(shared_up: Copy) -> None:
    said = await shared_up.says("agent1 ")
    assert f"http://127.0.0.1:{shared_up.http}/agent" in said
    (login, password) = next(line.split()[:2] for line in said.splitlines() if line.strip().startswith("agent1 "))
    origin = f"http://127.0.0.1:{shared_up.http}"
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, trust_env=False) as client:
        answer = await client.post("/api/v1/session", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        assert answer.json()["role"] == "agent"
    logins = shared_up.folder / "data" / "demo-logins.txt"
    assert logins.stat().st_mode & 0o777 == 0o600


@in_one_loop
async def test_a_second_copy_on_the_same_folder_is_refused(shared_up: Copy) -> None:
    environment = {**os.environ, "CALLCENTER_DATA_DIR": str(shared_up.folder / "data")}
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", "up", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await second.communicate()
    assert second.returncode == 1
    assert b"another copy runs on" in said


async def test_each_part_that_is_killed_is_started_again_and_the_others_go_on(up: Copy) -> None:
    await up.ready()
    for part, name in (("asterisk", "Asterisk"), ("postgres", "PostgreSQL"), ("service", "the service")):
        before = up.parts()
        os.kill(before[part], signal.SIGKILL)
        await up.says(f"{name} was ended by SIGKILL; starting it again")
        await up.says(f"{name} is back after")
        await up.ready()
        after = up.parts()
        assert {each for each in before if before[each] != after[each]} == {part}
    code, said = await up.command("status")
    assert code == 0
    assert said.count("restarts 1") == 3


async def test_a_new_parent_takes_over_what_a_killed_one_left_running(up: Copy) -> None:
    await up.ready()
    before = up.parts()
    up.process.kill()
    await up.process.wait()
    await up.start()
    await up.says("Asterisk is still running, left by an earlier copy: taken over with its calls")
    await up.ready()
    after = up.parts()
    assert (after["asterisk"], after["postgres"]) == (before["asterisk"], before["postgres"])
    # What was taken over is kept and ended like what was started.
    os.kill(after["asterisk"], signal.SIGKILL)
    await up.says("Asterisk is back after")
    assert await up.stop() == 0
    assert up.left() == []


async def test_ctrl_c_in_the_middle_of_a_start_leaves_nothing(up: Copy) -> None:
    await up.says("… Asterisk\n")
    assert await up.stop() == 0
    assert up.left() == []


@in_one_loop
async def test_a_restart_puts_new_code_in_place_and_refuses_nobody(shared_up: Copy) -> None:
    before, answers = shared_up.parts(), []
    asking = asyncio.create_task(_ask_on(shared_up, answers))
    code, said = await shared_up.command("restart")
    assert code == 0, said
    assert "the service was replaced" in said
    await shared_up.ready()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    after = shared_up.parts()
    assert after["service"] != before["service"]
    assert (after["asterisk"], after["postgres"]) == (before["asterisk"], before["postgres"])
    assert len(answers) > 20, "it was asked all the while"
    assert set(answers) == {200}


async def _ask_on(up: Copy, answers: list[int | str]) -> None:
    """One request after the other, each by a connection of its own."""
    while True:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            try:
                answers.append((await client.get(f"http://127.0.0.1:{up.http}/healthz")).status_code)
            except httpx.TransportError as error:
                answers.append(repr(error))


async def test_restart_says_what_to_do_when_nothing_runs(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "restart"),
        cwd=ROOT,
        env={**os.environ, "CALLCENTER_DATA_DIR": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 1
    assert b"no `callcenter up` runs on" in said


@in_one_loop
async def test_the_control_socket_is_its_owners_alone(shared_up: Copy) -> None:
    await shared_up.says("ready after")
    assert (shared_up.folder / "data" / "control.sock").stat().st_mode & 0o777 == 0o600
