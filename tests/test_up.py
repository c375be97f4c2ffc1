"""``callcenter up`` on ports of its own: ready, takes a call, writes it, restarts its service, leaves nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from callcenter.asterisk.packages import ensure
from callcenter.settings import load_settings
from tests.support.sipp import sipp
from tests.support.switch import free_ports

ROOT = Path(__file__).parents[1]


class Running:
    def __init__(self, process: asyncio.subprocess.Process, http: int, sip: int, folder: Path, log: Path) -> None:
        self.process, self.http, self.sip, self.folder, self.log = process, http, sip, folder, log

    async def ready(self) -> dict[str, object]:
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    answer = await client.get(f"http://127.0.0.1:{self.http}/readyz")
                    if answer.status_code == 200:
                        found: dict[str, object] = answer.json()
                        return found
                if self.process.returncode is not None:
                    raise AssertionError(self.log.read_text())
                await asyncio.sleep(0.1)  # a port that is not there yet tells nobody when it will be


@pytest.fixture
async def up() -> AsyncIterator[Running]:
    folder = Path(tempfile.mkdtemp(prefix="callcenter-up-"))
    folder.chmod(0o711)
    http, sip, ari, ami = free_ports(4)
    environment = {
        **os.environ,
        "CALLCENTER_DATA_DIR": str(folder / "data"),
        "CALLCENTER_HTTP_BIND": f"127.0.0.1:{http}",
        "CALLCENTER_SIP_BIND": f"127.0.0.1:{sip}",
        "CALLCENTER_ASTERISK_HTTP_BIND": f"127.0.0.1:{ari}",
        "CALLCENTER_AMI_BIND": f"127.0.0.1:{ami}",
        "CALLCENTER_RTP_PORTS": "21000-21999",
    }
    log = folder / "up.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callcenter", "up", cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        yield Running(process, http, sip, folder, log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.wait(), 40)
        shutil.rmtree(folder, ignore_errors=True)


async def test_up_is_ready_takes_a_call_and_stops_all_it_started(up: Running, tmp_path: Path) -> None:
    assert await up.ready() == {"ready": True, "parts": {"database": "ready", "asterisk": "ready"}}
    toolbox = ensure(load_settings({k: v for k, v in os.environ.items() if k == "CALLCENTER_CACHE_DIR"}).cache_dir)
    options = ("-s", "4008001", "-key", "digit", "1", "-d", "500", "-p", str(free_ports(1)[0]), "-m", "1")
    await sipp(toolbox, "caller.xml", ("127.0.0.1", up.sip), tmp_path, *options)
    up.process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(up.process.wait(), 40) == 0
    left = [
        path.name
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and str(up.folder).encode() in _command(path)
    ]
    assert left == []


async def test_a_new_house_has_a_crew_whose_printed_logins_work(up: Running) -> None:
    await up.ready()
    said = up.log.read_text()
    assert f"http://127.0.0.1:{up.http}/agent" in said
    (login, password) = next(line.split()[:2] for line in said.splitlines() if line.strip().startswith("agent1 "))
    origin = f"http://127.0.0.1:{up.http}"
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, trust_env=False) as client:
        answer = await client.post("/api/v1/session", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        assert answer.json()["role"] == "agent"
    logins = up.folder / "data" / "demo-logins.txt"
    assert logins.stat().st_mode & 0o777 == 0o600


async def test_a_second_copy_on_the_same_folder_is_refused(up: Running) -> None:
    await up.ready()
    environment = {**os.environ, "CALLCENTER_DATA_DIR": str(up.folder / "data")}
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", "up", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await second.communicate()
    assert second.returncode == 2
    assert b"another copy runs on" in said


def _command(process: Path) -> bytes:
    with suppress(OSError):
        return (process / "cmdline").read_bytes()
    return b""
