"""The parent's ear: a socket in the data folder (mode 0600) by which ``callcenter restart`` asks it for something.

One line of JSON in, one line out. Only the account that owns the data folder can open it.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from callcenter.errors import CallCenterError, Conflict, Unavailable

_NAME = "control.sock"
_LONGEST_LINE = 4096
Doer = Callable[[], Awaitable[Mapping[str, object]]]


@contextmanager
def _address(data_dir: Path) -> Iterator[str]:
    """A short name of the socket: the kernel takes no more than 107 bytes, and data folders may lie deep."""
    folder = os.open(data_dir, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{_NAME}"
    finally:
        os.close(folder)


@asynccontextmanager
async def listening(data_dir: Path, doers: Mapping[str, Doer]) -> AsyncIterator[None]:
    """Do what is asked by name while the block runs."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError):
            async with asyncio.timeout(5):
                asked = json.loads(await reader.readline())
            writer.write(json.dumps(await _do(doers, asked)).encode() + b"\n")
            await writer.drain()
        writer.close()

    path = data_dir / _NAME
    path.unlink(missing_ok=True)  # a copy that was killed left it; the folder's lock is ours
    ear = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with _address(data_dir) as address:
            ear.bind(address)
    finally:
        os.umask(before)
    server = await asyncio.start_unix_server(serve, sock=ear, limit=_LONGEST_LINE)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _do(doers: Mapping[str, Doer], asked: object) -> Mapping[str, object]:
    name = asked.get("do") if isinstance(asked, dict) else None
    if not isinstance(name, str) or name not in doers:
        return {"error": f"expected one of {', '.join(sorted(doers))}"}
    try:
        return await doers[name]()
    except CallCenterError as error:
        return {"error": error.message}


def ask(data_dir: Path, what: str, *, timeout_s: float = 120.0) -> dict[str, Any]:
    """Ask the running parent. Raises Unavailable when none runs, Conflict with its own words when it refuses."""
    try:
        with socket.socket(socket.AF_UNIX) as line, _address(data_dir) as address:
            line.settimeout(timeout_s)
            line.connect(address)
            line.sendall(json.dumps({"do": what}).encode() + b"\n")
            said: dict[str, Any] = json.loads(line.makefile().readline())
    except (FileNotFoundError, ConnectionRefusedError):
        raise Unavailable(
            f"no `callcenter up` runs on {data_dir}: start it, or name its folder with CALLCENTER_DATA_DIR "
            "(a service under systemd is restarted with systemctl)"
        ) from None
    except PermissionError:
        raise Unavailable(f"{data_dir / _NAME} belongs to another account: ask as the one that runs `up`") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"`callcenter up` on {data_dir} gave no answer ({error}); see its log") from None
    if "error" in said:
        raise Conflict(str(said["error"]))
    return said
