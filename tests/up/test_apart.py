"""Asterisk and the service under units of their own, as systemd and containers run them; and those files themselves."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from callcenter.drill.own import free_ports
from callcenter.settings import Settings
from tests.support.up import ROOT

pytestmark = pytest.mark.timeout(300)
DOCKER = ROOT / "docker"


async def test_the_service_goes_and_comes_while_the_switch_stays(migrated: str, tmp_path: Path) -> None:
    http, sip, ari, ami = free_ports(4)
    common = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "CALLCENTER_CACHE_DIR"}} | {
        "CALLCENTER_DATA_DIR": str(tmp_path / "data"),
        "CALLCENTER_HTTP_BIND": f"127.0.0.1:{http}",
        "CALLCENTER_SIP_BIND": f"127.0.0.1:{sip}",
        "CALLCENTER_ASTERISK_HTTP_BIND": f"127.0.0.1:{ari}",
        "CALLCENTER_AMI_BIND": f"127.0.0.1:{ami}",
        "CALLCENTER_RTP_PORTS": "22000-22499",
        "CALLCENTER_DATABASE_URL": migrated,
        "CALLCENTER_ASTERISK_PASSWORD": "of-our-own",
    }

    async def start(*command: str, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", *command),
            cwd=ROOT,
            env=common | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    switch = await start("switch")
    assert switch.stdout is not None
    services = []
    try:
        async with asyncio.timeout(90):
            while b"Asterisk is ready" not in await switch.stdout.readline():
                pass
        note = tmp_path / "data" / "asterisk" / "process.json"
        before = note.read_text()
        for ending in (signal.SIGKILL, signal.SIGTERM):
            # systemd's own way of telling: a datagram to NOTIFY_SOCKET.
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
                told.bind(f"\0callcenter-test-{http}")
                told.settimeout(90)
                service = await start(
                    "serve", CALLCENTER_ASTERISK_URL=f"http://127.0.0.1:{ari}", NOTIFY_SOCKET=f"@callcenter-test-{http}"
                )
                services.append(service)
                assert b"READY=1" in await asyncio.to_thread(told.recv, 100)
            async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
                while (await client.get(f"http://127.0.0.1:{http}/readyz")).status_code != 200:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            service.send_signal(ending)
            code = await asyncio.wait_for(service.wait(), 30)
            assert code == (0 if ending is signal.SIGTERM else -signal.SIGKILL)
        assert note.read_text() == before
    finally:
        for process in (*services, switch):
            if process.returncode is None:
                process.terminate()
                await asyncio.wait_for(process.wait(), 30)
    assert not note.exists(), "its end is Asterisk's end"


def test_the_settings_of_the_containers_are_settings_that_exist() -> None:
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    named = set()
    for service in compose["services"].values():
        named |= {name for name in service.get("environment", {}) if name.startswith("CALLCENTER_")}
        assert service["network_mode"] == "host"
    assert named
    assert {name.removeprefix("CALLCENTER_").lower() for name in named} <= set(Settings.model_fields)
    copied = [
        word
        for line in (DOCKER / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd to ask")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    units = []
    for unit in sorted((DOCKER / "systemd").iterdir()):
        # The product is elsewhere on this machine.
        text = unit.read_text().replace("/opt/callcenter/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text.replace("/opt/callcenter", str(ROOT)))
        units.append(str(tmp_path / unit.name))
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    ours = [line for line in said.stderr.splitlines() if "callcenter" in line]
    assert ours == []
