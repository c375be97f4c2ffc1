"""A throw-away system for a drill: ports, folder and database of its own, gone afterwards."""

from __future__ import annotations

import asyncio
import fcntl
import functools
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from callcenter.errors import Unavailable
from callcenter.processes import ProcessNote, ends_with_us
from callcenter.settings import Settings, load_settings, split_bind
from callcenter.trunks.reader import load_trunks

READY_WITHIN_S = 90.0
_KEPT = ("CALLCENTER_CACHE_DIR", "CALLCENTER_FLOWS_DIR")


@dataclass(frozen=True, slots=True)
class OwnSystem:
    settings: Settings
    folder: Path
    pid: int
    """Of ``callcenter up``, the parent of all parts."""


# Two carriers for the drill's callers, told apart by address. The ports are each system's own: two may run at once.
_CARRIERS = {"drill-a": "127.0.0.61", "drill-b": "127.0.0.62"}


def carriers_file(folder: Path) -> Path:
    """``trunks.yaml`` with these carriers, both asked every second whether they are there, and this machine."""
    blocks = [
        f"{name}: {{title: {name}, title_en: {name}, hosts: '{host}:{port}', match: {host}, qualify: 1s}}\n"
        for (name, host), port in zip(_CARRIERS.items(), free_ports(len(_CARRIERS)), strict=True)
    ]
    blocks.append("here: {title: here, title_en: here, hosts: '127.0.0.1:5080', match: 127.0.0.1, qualify: 0s}\n")
    path = folder / "trunks.yaml"
    path.write_text("".join(blocks), encoding="utf-8")
    return path


def carriers_of(settings: Settings) -> dict[str, tuple[str, int]]:
    """From where the carriers of this system call, by trunk. Raises Unavailable when it was started without."""
    trunks = {one.name: split_bind(one.hosts[0]) for one in load_trunks(settings.trunks_file)}
    if not trunks.keys() >= _CARRIERS.keys():
        raise Unavailable("the drill's carriers are not here; use --own, which brings them")
    return {name: trunks[name] for name in _CARRIERS}


_PORTS = range(25_000, 32_768)
"""Above those of our own sound, below those that the kernel gives to whoever connects: a copy that is started again
finds its ports free."""
_SHARES = 31
_GIVEN: deque[int] = deque(maxlen=len(_PORTS) // _SHARES // 2)
"""By :func:`free_ports` of late: whoever asked may not have bound them yet."""


@functools.cache
def _share() -> int:
    """The share of the ports that is this process's alone: it holds a lock as long as it lives."""
    for number in range(_SHARES):
        share = (os.getpid() + number) % _SHARES
        with suppress(OSError):
            lock = os.open(Path(tempfile.gettempdir()) / f"callcenter-ports-{share}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                raise
            return share
    return os.getpid() % _SHARES


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now, of TCP or of UDP, all different, and not among those given before.

    They are bound some seconds later: no other process draws from the same ones, and none is given twice in a row.
    """
    found: list[int] = []
    mine = _PORTS[_share() :: _SHARES]
    with ExitStack() as held:
        for port in random.sample(mine, len(mine)):
            if len(found) == count:
                break
            if port in _GIVEN:
                continue
            with suppress(OSError):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    held.enter_context(socket.socket(type=kind)).bind(("127.0.0.1", port))
                found.append(port)
    _GIVEN.extend(found)
    return found


_PREFIX = "callcenter-own-"


def sweep(place: Path) -> None:
    """Remove the folders of those who were killed, and whose copy has ended since."""
    for folder in place.glob(f"{_PREFIX}*"):
        owner, parent = (ProcessNote(folder / name) for name in ("owner", "parent"))
        if parent.path.exists() and owner.read() is None and parent.read() is None:
            shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def own_system(*, carriers: bool = False, **overrides: str) -> AsyncIterator[OwnSystem]:
    """Start a copy, wait until it is ready, stop it and remove its folder. Raises Unavailable with its last words.

    It stops by itself when this process is killed; the next one removes its folder then.
    """
    await asyncio.to_thread(sweep, Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    ProcessNote(folder / "owner").write(os.getpid())
    os.chmod(folder, 0o711)  # noqa: S103 - PostgreSQL runs as another account when we are root
    http, sip, ari, ami = free_ports(4)
    wanted = {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "CALLCENTER_DATA_DIR": str(folder / "data"),
        "CALLCENTER_RECORDINGS_DIR": str(folder / "recordings"),
        "CALLCENTER_HTTP_BIND": f"127.0.0.1:{http}",
        "CALLCENTER_SIP_BIND": f"127.0.0.1:{sip}",
        "CALLCENTER_ASTERISK_HTTP_BIND": f"127.0.0.1:{ari}",
        "CALLCENTER_AMI_BIND": f"127.0.0.1:{ami}",
        "CALLCENTER_RTP_PORTS": "22000-24999",
        "CALLCENTER_DEMO": "false",
        **({"CALLCENTER_TRUNKS_FILE": str(carriers_file(folder))} if carriers else {}),
        **{f"CALLCENTER_{name.upper()}": value for name, value in overrides.items()},
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}
    log = folder / "up.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "callcenter",
            "up",
            env=inherited | wanted,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=ends_with_us(),  # who is killed in the middle of a drill leaves nothing running
        )
    ProcessNote(folder / "parent").write(process.pid)
    try:
        await _ready(process, http, log)
        yield OwnSystem(load_settings(wanted), folder, process.pid)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(process.wait(), 40)
            except TimeoutError:
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-1500:]


async def _ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN_S), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        return
                if process.returncode is not None:
                    raise Unavailable(f"the drill's own system ended: {_last_words(log)}")
                await asyncio.sleep(0.1)  # a port that is not there yet tells nobody when it will be
    except TimeoutError:
        raise Unavailable(f"the drill's own system was not ready: {_last_words(log)}") from None
