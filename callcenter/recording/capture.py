"""Is Asterisk still writing a capture? The kernel knows.

MixMonitor closes its file some milliseconds after the channel is gone, from a thread of its own, and says
nothing that can be relied on. But a read lease (``F_SETLEASE``, fcntl(2)) is granted only on a file that
nobody holds open for writing: asking for one is asking whether the writer is done, without any guess about
time, and it is right after a crash of either side as well. Where leases do not work (a network file system,
another user's file) a size that stays the same over several looks stands in.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Writing(StrEnum):
    MISSING = "missing"
    OPEN = "open"
    """Somebody may still write."""
    DONE = "done"


STEADY_LOOKS = 10
"""Looks at an unchanged size that count as done where the kernel gives no lease."""


def lease(path: Path) -> Writing | None:
    """Ask the kernel; None where it gives no leases. Raises OSError only for what is not about leases."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return Writing.MISSING
    try:
        # Should a writer come while we hold the lease, the kernel sends a signal: one that nobody minds.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            return Writing.OPEN
        if error.errno in (errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOLCK, errno.EOPNOTSUPP):
            return None
        raise
    finally:
        os.close(descriptor)
    return Writing.DONE


@dataclass(slots=True)
class Watch:
    """Looks at one capture again and again, at least 100 ms apart, until it is done."""

    path: Path
    ask: Callable[[Path], Writing | None] = lease
    _size: int = field(default=-1, init=False)
    _steady: int = field(default=0, init=False)

    def look(self) -> Writing:
        said = self.ask(self.path)
        if said is not None:
            return said
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return Writing.MISSING
        self._steady = self._steady + 1 if size == self._size else 0
        self._size = size
        return Writing.DONE if self._steady >= STEADY_LOOKS else Writing.OPEN
