"""The spare: a process of the service that has loaded everything and waits for its turn.

Loading takes seconds of processor time, in which callers would wait. A spare has spent them beforehand, with low
priority. It holds no socket, no lease and no connection, reads and writes nothing of the desk, and ends when its
parent does, however that ends.
"""

from __future__ import annotations

import gc
import os
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

_NICENESS: Final = 15
T = TypeVar("T")


def wait_for_turn(line_fd: int, tell_fd: int, warm: Callable[[], T]) -> tuple[int, T]:
    """Run ``warm`` beside; when told to go return the listening socket's descriptor and what ``warm`` returned.

    When all is loaded it is told by ``tell_fd``.

    The thread that loads has the low priority, not the process: an ordinary account could not give it back.
    """
    made: list[T] = []
    loading = threading.Thread(target=_gently, args=(lambda: made.append(warm()), tell_fd), name="warm")
    loading.start()
    with socket.socket(fileno=line_fd) as line:
        said, descriptors, _, _ = socket.recv_fds(line, 16, 1)
    if not said or not descriptors:
        # Not by unwinding: the thread may be in the middle of something, and there is nothing to put in order.
        os._exit(0)
    if loading.is_alive():
        with suppress(OSError):  # told before it was done: the rest is urgent now
            os.setpriority(os.PRIO_PROCESS, loading.native_id or 0, 0)
    loading.join()
    return descriptors[0], made[0]


def _gently(warm: Callable[[], None], tell_fd: int) -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    try:
        warm()
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the parent tells of it, and starts the service the long way when it must
    gc.collect()
    gc.freeze()  # what is loaded stays: no collection need look at it again
    with suppress(OSError):
        os.write(tell_fd, b"warm\n")
