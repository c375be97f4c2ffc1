"""What chaos does to a running system: each fault strikes, is over, and says when its part began to come back.

Only processes that are proved to be the system's own (:mod:`callcenter.drill.found`) are touched.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import httpx

from callcenter.drill import ready_probe
from callcenter.drill.crew import DrillAgent
from callcenter.drill.dialler import CallerBank
from callcenter.drill.found import asterisk_pid, children, postgres_pid, service_pid
from callcenter.errors import CallCenterError
from callcenter.parent.control import ask
from callcenter.processes import gone
from callcenter.settings import Settings, split_bind

BACK_WITHIN_S = 60.0
_POLL_S = 0.02
_PIDFD_GETFD = 438
"""The system call's number, the same on all processors."""


class ChaosFailed(CallCenterError):
    """The fault cannot be made here; the message says why."""

    code = "chaos_failed"


class Fault(Protocol):
    async def prepare(self) -> str:
        """Whatever must not be measured; returns what the report must say of it, or nothing."""
        ...

    async def strike(self) -> None:
        """Do it. Raises ChaosFailed."""
        ...

    async def mend(self) -> float:
        """End it, where it does not end by itself; returns when the part began to come back (monotonic)."""
        ...

    async def well(self) -> float | None:
        """When all was as before (monotonic); None when it does not come."""
        ...


class _OfTheSystem:
    """A fault after which ``/readyz`` says when all is well."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._probe: asyncio.subprocess.Process | None = None

    async def prepare(self) -> str:
        host, port = split_bind(self._settings.http_bind)
        self._probe = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", ready_probe.__file__, host, str(port), str(BACK_WITHIN_S)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._probe.stdout is not None
        await self._probe.stdout.readline()
        return ""

    async def well(self) -> float | None:
        assert self._probe is not None, "prepare() comes first"
        said, _ = await self._probe.communicate(b"now\n")
        return float(said) if said.strip() else None


class ServiceKilled(_OfTheSystem):
    """``kill -9`` of the service; its parent has another one go on.

    That one may have been loaded beforehand: its process's start says nothing, and the time counts from the kill.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._struck_at = 0.0

    async def prepare(self) -> str:
        """Wait for the spare, which is loaded some seconds after a start."""
        await super().prepare()
        deadline = time.monotonic() + BACK_WITHIN_S
        with suppress(CallCenterError):
            while time.monotonic() < deadline:
                told = await asyncio.to_thread(ask, self._settings.data_dir, "status", timeout_s=5)
                if told["spare"]["pid"]:
                    return ""
                await asyncio.sleep(0.2)
        return "no spare stood by: the service was loaded anew"

    async def strike(self) -> None:
        old = service_pid(self._settings)
        self._struck_at = time.monotonic()
        _kill(old, "the service")
        if old is not None:
            await gone(old)

    async def mend(self) -> float:
        return self._struck_at


class AsteriskKilled(_OfTheSystem):
    """``kill -9`` of Asterisk; the parent starts it again."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._old: int | None = None

    async def strike(self) -> None:
        self._old = asterisk_pid(self._settings)
        _kill(self._old, "Asterisk")

    async def mend(self) -> float:
        return await _another(self._old, lambda: asterisk_pid(self._settings), "Asterisk")


class PostgresHangs(_OfTheSystem):
    """The embedded server and all its processes stand still for a while."""

    def __init__(self, settings: Settings, outage_s: float) -> None:
        super().__init__(settings)
        self._outage_s = outage_s
        self._stopped: list[int] = []
        self._struck_at = 0.0

    async def strike(self) -> None:
        first = postgres_pid(self._settings)
        if first is None:
            raise ChaosFailed("no embedded PostgreSQL runs in this data folder; stop your own server by hand")
        self._struck_at = time.monotonic()
        os.kill(first, signal.SIGSTOP)  # first, so that it makes no more
        self._stopped = [first]
        for pid in children(first):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                self._stopped.append(pid)

    async def mend(self) -> float:
        await asyncio.sleep(max(self._struck_at + self._outage_s - time.monotonic(), 0))
        for pid in reversed(self._stopped):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return time.monotonic()


class AriCut(_OfTheSystem):
    """The service's sockets to Asterisk, ARI and AMI, end in the middle of whatever they carry.

    The kernel is asked for a copy of the service's own socket, and the copy is shut: nothing in the product knows.
    """

    async def strike(self) -> None:
        pid = service_pid(self._settings)
        if pid is None:
            raise ChaosFailed("the service does not run on this machine")
        ports = {split_bind(self._settings.asterisk_http_bind)[1], split_bind(self._settings.ami_bind)[1]}
        found = _sockets_to(pid, ports)
        if not found:
            raise ChaosFailed("the service has no connection to an Asterisk on this machine")
        for descriptor in found:
            _shut(pid, descriptor)

    async def mend(self) -> float:
        return time.monotonic()


class BrowsersLost:
    """Some agents' browsers end in mid-call and are back after a while."""

    def __init__(self, agents: Sequence[DrillAgent], away_s: float) -> None:
        self._agents, self._away_s = agents, away_s

    async def prepare(self) -> str:
        return ""

    async def strike(self) -> None:
        if not self._agents:
            raise ChaosFailed("nobody talks whose browser could be lost; use more calls")
        await asyncio.gather(*(agent.crash() for agent in self._agents))

    async def mend(self) -> float:
        await asyncio.sleep(self._away_s)
        began = time.monotonic()
        await asyncio.gather(*(agent.come_back() for agent in self._agents))
        return began

    async def well(self) -> float | None:
        """When the last of them talked again."""
        deadline = time.monotonic() + BACK_WITHIN_S
        while time.monotonic() < deadline:
            if all(agent.seen.phase == "talking" for agent in self._agents):
                return time.monotonic()
            await asyncio.sleep(_POLL_S)
        return None


class TrunkAway:
    """A carrier cannot be reached for a while: no answer to OPTIONS, no signalling, no sound."""

    def __init__(self, settings: Settings, carrier: CallerBank, trunk: str, outage_s: float) -> None:
        self._settings, self._carrier, self._trunk, self._outage_s = settings, carrier, trunk, outage_s

    async def prepare(self) -> str:
        return ""

    async def strike(self) -> None:
        if await self._until(True) is None:
            raise ChaosFailed(f"the trunk {self._trunk} is not up here; use --own, which brings its own carriers")
        self._carrier.lose(away=True)
        if await self._until(False) is None:
            self._carrier.lose(away=False)
            raise ChaosFailed(f"the trunk {self._trunk} was not taken out within {BACK_WITHIN_S:.0f} s")

    async def mend(self) -> float:
        await asyncio.sleep(self._outage_s)
        self._carrier.lose(away=False)
        return time.monotonic()

    async def well(self) -> float | None:
        return await self._until(True)

    async def _until(self, up: bool) -> float | None:
        deadline = time.monotonic() + BACK_WITHIN_S
        while time.monotonic() < deadline:
            if await self._up() is up:
                return time.monotonic()
            await asyncio.sleep(0.1)
        return None

    async def _up(self) -> bool | None:
        """As the service's metrics tell it; None when they do not."""
        async with httpx.AsyncClient(base_url=f"http://{self._settings.http_bind}", trust_env=False) as client:
            with suppress(httpx.TransportError):
                for line in (await client.get("/metrics")).text.splitlines():
                    if line.startswith(f'callcenter_trunk_up{{trunk="{self._trunk}"}}'):
                        return float(line.rsplit(" ", 1)[1]) == 1.0
        return None


def _kill(pid: int | None, name: str) -> None:
    if pid is None:
        raise ChaosFailed(f"{name} of this data folder does not run on this machine")
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError:
        raise ChaosFailed(f"{name} runs as another account; start the drill as that one") from None


async def _another(old: int | None, find: Callable[[], int | None], name: str) -> float:
    """When a new process of that kind is seen."""
    deadline = time.monotonic() + BACK_WITHIN_S
    while time.monotonic() < deadline:
        pid = find()
        if pid is not None and pid != old:
            return _began(pid)
        await asyncio.sleep(_POLL_S)
    raise ChaosFailed(f"nobody started {name} again within {BACK_WITHIN_S:.0f} s")


def _began(pid: int) -> float:
    """The start of a process on the monotonic clock (the kernel's ticks: to 10 ms)."""
    with suppress(OSError, ValueError):
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        since_boot = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
        return ticks / os.sysconf("SC_CLK_TCK") - since_boot
    return time.monotonic()


def _sockets_to(pid: int, ports: set[int]) -> list[int]:
    """The process's descriptors of TCP connections to any of these ports."""
    wanted = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[2].rpartition(":")[2], 16) in ports:
                    wanted.add(f"socket:[{fields[9]}]")
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/{name}") in wanted:
                found.append(int(name))
    return found


def _shut(pid: int, descriptor: int) -> None:
    process = os.pidfd_open(pid)
    try:
        copy = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, process, descriptor, 0)
        if copy < 0:
            raise ChaosFailed(
                f"the service's connections cannot be cut from here ({os.strerror(ctypes.get_errno())}): "
                "run the drill as root or with --own"
            )
        with socket.socket(fileno=copy) as ours, suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)
    finally:
        os.close(process)
