"""Processes that an earlier copy of ours may have left behind when it was killed: found again, ended, told."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_GENTLE_S = 10.0
_FORCED_S = 5.0


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def ends_with_us(sign: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel tells the child when the thread that started it is gone, however that ended."""
    starter = os.getpid()

    def ask_the_kernel() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, sign)
        if os.getppid() != starter:  # it went in the moment before
            os.kill(os.getpid(), sign)

    return ask_the_kernel


def command_line(pid: int) -> list[str]:
    """Its arguments; empty when there is no such process (or it is dead and only not yet reaped)."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    return []


def started_at(pid: int) -> int | None:
    """When the process began, in the kernel's ticks since boot; with the pid it names a process for ever."""
    try:
        # After the name, which may itself hold blanks and brackets: state is field 3, start time field 22.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


async def gone(pid: int) -> None:
    """Return when the process has ended, be it a child of ours or not. The kernel tells; nobody polls."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(watch, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)


async def ended(child: asyncio.subprocess.Process | None, adopted: int | None) -> int | None:
    """Return when our child, or else the process that was taken over, has ended; the exit code of a child."""
    if child is not None:
        return await child.wait()
    if adopted is not None:
        await gone(adopted)
    return None


async def end_process(pid: int, gentle: signal.Signals = signal.SIGTERM, *, group: bool = False) -> bool:
    """End a process that is not our child (with ``group``, all of its group): gently, then by force.

    Returns whether it is gone.
    """
    began = started_at(pid)
    kill = os.killpg if group else os.kill
    for sign, patience in ((gentle, _GENTLE_S), (signal.SIGKILL, _FORCED_S)):
        with suppress(ProcessLookupError):
            kill(pid, sign)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                # Not our child: nobody tells us of its end.
                while began is not None and started_at(pid) == began:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            return True
    return False


@dataclass(frozen=True, slots=True)
class ProcessNote:
    """A file that says which process is running, so that a copy started after a crash can find it."""

    path: Path

    def write(self, pid: int) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")  # whoever reads meanwhile finds the old one or the new one, whole
        fresh.write_text(json.dumps({"pid": pid, "started_at": started_at(pid)}))
        fresh.replace(self.path)

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)

    def read(self) -> int | None:
        """The pid, if that very process still runs."""
        try:
            noted = json.loads(self.path.read_text())
            pid, began = int(noted["pid"]), noted["started_at"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return pid if began is not None and started_at(pid) == began else None

    async def end_leftover(self) -> bool:
        """End the noted process and its group. Returns whether one was there."""
        pid = self.read()
        if pid is not None:
            await end_process(pid, group=True)
        self.clear()
        return pid is not None
