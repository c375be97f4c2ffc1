"""A whole copy of the product by ``callcenter up``, on ports and in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from callcenter.drill.own import free_ports

ROOT = Path(__file__).parents[2]


class Copy:
    """``start`` may be called again after the parent has ended, however it ended."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "up.log"
        self.http, self.sip, self.ari, self.ami = free_ports(4)
        self.environment = {
            **os.environ,
            "CALLCENTER_DATA_DIR": str(folder / "data"),
            "CALLCENTER_HTTP_BIND": f"127.0.0.1:{self.http}",
            "CALLCENTER_SIP_BIND": f"127.0.0.1:{self.sip}",
            "CALLCENTER_ASTERISK_HTTP_BIND": f"127.0.0.1:{self.ari}",
            "CALLCENTER_AMI_BIND": f"127.0.0.1:{self.ami}",
            "CALLCENTER_RTP_PORTS": "21000-21999",
        }
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "callcenter", "up"),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    async def ready(self) -> dict[str, object]:
        async with asyncio.timeout(90), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    answer = await client.get(f"http://127.0.0.1:{self.http}/readyz")
                    if answer.status_code == 200:
                        found: dict[str, object] = answer.json()
                        return found
                if self.process.returncode is not None:
                    raise AssertionError(self.log.read_text())
                await asyncio.sleep(0.1)  # a port that is not there yet tells nobody when it will be

    async def says(self, text: str, *, timeout_s: float = 90) -> str:
        """The log once it holds a text."""
        try:
            async with asyncio.timeout(timeout_s):
                while text not in (log := self.log.read_text()):  # noqa: ASYNC110 - a file tells nobody that it grew
                    await asyncio.sleep(0.05)
                return log
        except TimeoutError:
            raise AssertionError(f"never said {text!r}:\n{self.log.read_text()[-3000:]}") from None

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run ``callcenter …`` on this copy; its exit code and all that it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", *arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    def parts(self) -> dict[str, int]:
        """Process ids by the parts' own notes."""
        data = self.folder / "data"
        return {
            "service": int(json.loads((data / "service.json").read_text())["pid"]),
            "asterisk": int(json.loads((data / "asterisk" / "process.json").read_text())["pid"]),
            "postgres": int((data / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0]),
        }

    def left(self) -> list[str]:
        """Every process that has something of this copy in its command line."""
        found = []
        for path in Path("/proc").iterdir():
            with suppress(OSError):
                line = (path / "cmdline").read_bytes() if path.name.isdigit() else b""
                if str(self.folder).encode() in line:
                    found.append(f"{path.name} {line.decode(errors='replace')}")
        return found

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        return await asyncio.wait_for(self.process.wait(), 40)


@asynccontextmanager
async def started() -> AsyncIterator[Copy]:
    """Started, but perhaps not ready."""
    folder = Path(tempfile.mkdtemp(prefix="callcenter-up-"))
    folder.chmod(0o711)
    copy = Copy(folder)
    await copy.start()
    try:
        yield copy
    finally:
        await copy.stop()
        if copy.left():  # a test that killed the parent: the next one finds the parts and ends them
            await copy.start()
            await copy.ready()
            await copy.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def up() -> AsyncIterator[Copy]:
    """One of the test's own, to do with as it likes."""
    async with started() as copy:
        yield copy


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_up() -> AsyncIterator[Copy]:
    """One for all tests of a file that leave it ready. They run in the module's loop."""
    async with started() as copy:
        await copy.ready()
        yield copy
