"""The processes of the system under drill, found by what only they can have: a listening port, a data folder.

A drill measures them, and chaos ends them: nobody else's process may ever be taken for one of ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from callcenter.processes import command_line
from callcenter.settings import Settings, split_bind

_LISTENING = "0A"


def service_pid(settings: Settings) -> int | None:
    """The service: it has the listening socket of ``http_bind`` and is called so (its parent may have both too)."""
    for pid in _listeners(split_bind(settings.http_bind)[1]):
        if ("callcenter", "serve") in pairwise(command_line(pid)):
            return pid
    return None


def asterisk_pid(settings: Settings) -> int | None:
    """The embedded Asterisk of this data folder."""
    conf = str(settings.data_dir / "asterisk" / "etc" / "asterisk.conf")
    for pid in _all_pids():
        line = command_line(pid)
        if conf in line and "-f" in line:
            return pid
    return None


def postgres_pid(settings: Settings) -> int | None:
    """The embedded PostgreSQL's first process of this data folder."""
    data = settings.data_dir / "postgres" / "data"
    with suppress(OSError, ValueError, IndexError):
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        if str(data) in command_line(pid):
            return pid
    return None


def children(pid: int) -> list[int]:
    """Its direct children."""
    found = []
    for other in _all_pids():
        with suppress(OSError, ValueError):
            if int(_stat(other)[1]) == pid:
                found.append(other)
    return found


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used: seconds of processor since its start, megabytes now and at most."""

    cpu_s: float
    rss_mb: float
    peak_mb: float


def usage(pid: int) -> Usage | None:
    """None when there is no such process."""
    with suppress(OSError, ValueError, KeyError):
        fields = _stat(pid)
        ticks = int(fields[11]) + int(fields[12])
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
        rss, peak = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
        return Usage(ticks / os.sysconf("SC_CLK_TCK"), round(rss, 1), round(peak, 1))
    return None


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may itself hold blanks and brackets: state first, then the parent."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _listeners(port: int) -> Iterator[int]:
    """The processes that have a listening TCP socket of this port, youngest first."""
    sockets = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{fields[9]}]")
    for pid in sorted(_all_pids(), reverse=True):
        with suppress(OSError):
            for descriptor in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    if os.readlink(f"/proc/{pid}/fd/{descriptor}") in sockets:
                        yield pid
                        break
