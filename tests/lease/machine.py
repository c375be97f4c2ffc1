"""A service as it runs on one of two machines, on an Asterisk and a database that both reach."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx

from callcenter.drill.own import free_ports
from tests.support.switch import Switch
from tests.support.up import ROOT


class Machine:
    """``serve --standby`` with a folder and a port of its own; ``settings``: further variables."""

    def __init__(self, folder: Path, switch: Switch, database: str, settings: Mapping[str, str] | None = None) -> None:
        self.http = free_ports(1)[0]
        self.log = folder / "log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")},
            "CALLCENTER_CACHE_DIR": str(switch.settings.cache_dir),
            "CALLCENTER_DATA_DIR": str(folder / "data"),
            "CALLCENTER_HTTP_BIND": f"127.0.0.1:{self.http}",
            "CALLCENTER_ASTERISK_URL": switch.settings.asterisk_base_url,
            "CALLCENTER_ASTERISK_PASSWORD": switch.password,
            "CALLCENTER_AMI_BIND": switch.settings.ami_bind,
            "CALLCENTER_DATABASE_URL": database,
            "CALLCENTER_RECORDINGS_DIR": str(folder / "recordings"),
            **(settings or {}),
        }
        folder.mkdir()
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "callcenter", "serve", "--standby"),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    async def end(self) -> None:
        if hasattr(self, "process") and self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            await self.process.wait()

    async def readyz(self) -> int:
        """200 with the desk, 503 as a standby, 0 without an answer."""
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, timeout=1) as client:
                return (await client.get(f"http://127.0.0.1:{self.http}/readyz")).status_code
        return 0

    async def becomes(self, status: int) -> None:
        try:
            async with asyncio.timeout(60):
                while await self.readyz() != status:  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"never {status}:\n{self.log.read_text()[-2000:]}") from None
