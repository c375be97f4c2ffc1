"""The mould and its casts: processes of the service that have loaded everything and wait for their turn.

Loading takes seconds of processor time, in which callers would wait. The mould has spent them once; the service itself
and each spare are copies of it, made in a moment (fork), so that a service that dies as soon as it is ready, and again
at once, is followed as quickly as any other. A mould that is made beside a running service loads with low priority.
Neither mould nor spare holds a socket, a lease or a connection; they read and write nothing of the desk, and end when
their parent does, however that ends.
"""

from __future__ import annotations

import gc
import os
import select
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple, TypeVar

from callcenter.collector import set_apart

_NICENESS: Final = 15
T = TypeVar("T")


class Turn(NamedTuple):
    """What a spare is handed by its parent when it is told to go."""

    http_fd: int
    """The listening socket."""
    tell_fd: int
    first: bool
    """There was no service of this parent before."""


FIRST: Final = b"first"
"""What a copy is told that is the first; the others are told to go on."""


def wait_for_turn(line_fd: int, tell_fd: int, warm: Callable[[], T], *, gently: bool) -> tuple[Turn, T]:
    """Be the mould: run ``warm`` beside, then make a copy of this process whenever the parent asks by ``line_fd``.

    Returns in a copy that is told to go, with its turn and what ``warm`` returned; never in the mould itself. When all
    is loaded that is told by ``tell_fd``. By its line the mould says ``made PID`` and ``ended PID CODE``.

    ``gently``: with low priority. The thread that loads has it, not the process: an ordinary account could not give it
    back, and copies would have it too.
    """
    made: list[T] = []
    load = _gently if gently else _load
    loading = threading.Thread(target=load, args=(lambda: made.append(warm()), tell_fd), name="warm")
    loading.start()
    copies: dict[int, int] = {}
    """By the descriptor that tells of its end: each copy's process."""
    watched = select.poll()
    watched.register(line_fd, select.POLLIN)
    with socket.socket(fileno=line_fd) as line:
        while True:
            for ready, _ in watched.poll():
                if ready in copies:
                    watched.unregister(ready)
                    _tell_end(line, copies.pop(ready))
                    os.close(ready)
                    continue
                said, given, _, _ = socket.recv_fds(line, 16, 2)
                if not said or len(given) != 2:
                    os._exit(0)  # not by unwinding: the thread may be in the middle of something
                if loading.is_alive():
                    with suppress(OSError):  # asked before it was done: the rest is urgent now
                        os.setpriority(os.PRIO_PROCESS, loading.native_id or 0, 0)
                loading.join()
                pid = os.fork()
                if pid == 0:
                    for each in (*copies, tell_fd):
                        os.close(each)
                    line.close()
                    return _wait(*given), made[0]
                for each in given:
                    os.close(each)
                copies[watch := os.pidfd_open(pid)] = pid
                watched.register(watch, select.POLLIN)
                _say(line, f"made {pid}")


def _wait(line_fd: int, tell_fd: int) -> Turn:
    """As a copy: until told to go, with the listening socket; ends when the parent does."""
    os.setsid()
    with socket.socket(fileno=line_fd) as line:
        said, descriptors, _, _ = socket.recv_fds(line, 16, 1)
    if not said or not descriptors:
        os._exit(0)
    return Turn(descriptors[0], tell_fd, said == FIRST)


def _tell_end(line: socket.socket, pid: int) -> None:
    _, status = os.waitpid(pid, 0)
    _say(line, f"ended {pid} {os.waitstatus_to_exitcode(status)}")


def _say(line: socket.socket, text: str) -> None:
    with suppress(OSError):  # a parent that has gone is seen at the next look
        line.sendall(text.encode() + b"\n")


def _gently(warm: Callable[[], None], tell_fd: int) -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    _load(warm, tell_fd)


def _load(warm: Callable[[], None], tell_fd: int) -> None:
    try:
        warm()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the parent tells of it, and starts the service the long way when it must
    gc.collect()
    set_apart()
    with suppress(OSError):
        os.write(tell_fd, b"warm\n")
