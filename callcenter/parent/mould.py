"""The mould of the service's spares as its parent sees it (:mod:`callcenter.spare` is the process itself)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from callcenter.errors import Unavailable
from callcenter.parent.running import Running, listen_to
from callcenter.processes import gone

T = TypeVar("T")
_CODE_S = 1.0
"""The mould tells how a copy of it ended; if it has itself ended, nobody does."""


class Copy:
    """A copy's process: no child of ours, so the mould tells how it ended. What :class:`Running` asks of a process."""

    def __init__(self, pid: int, told: asyncio.Future[int]) -> None:
        self.pid, self._told = pid, told
        self._handle = os.pidfd_open(pid)
        self._gone = asyncio.create_task(gone(pid), name=f"copy-{pid}")
        self._gone.add_done_callback(lambda _: os.close(self._handle))
        self.returncode: int | None = None

    async def wait(self) -> int | None:
        """Returns when it has ended, with its exit code if that is known."""
        await asyncio.shield(self._gone)
        if self.returncode is None:
            with suppress(TimeoutError):
                self.returncode = await asyncio.wait_for(asyncio.shield(self._told), _CODE_S)
        return self.returncode

    @property
    def alive(self) -> bool:
        return not self._gone.done()

    def _send(self, sign: signal.Signals) -> None:
        if self.alive:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, sign)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)


class Mould:
    def __init__(self, process: asyncio.subprocess.Process, words: asyncio.StreamReader, line: socket.socket) -> None:
        self.process, self._line = process, line
        self._casting = asyncio.Lock()
        self._made: asyncio.Queue[int] = asyncio.Queue()
        self._codes: dict[int, asyncio.Future[int]] = {}
        self.warm = asyncio.Event()
        self._listening = [
            asyncio.create_task(self._hear_warm(words), name="mould-words"),
            asyncio.create_task(self._hear(), name="mould-line"),
        ]

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def _hear_warm(self, words: asyncio.StreamReader) -> None:
        if await words.readline():
            self.warm.set()

    async def _hear(self) -> None:
        reader, _ = await asyncio.open_connection(sock=self._line.dup())
        while line := (await reader.readline()).split():
            pid = int(line[1])
            if line[0] == b"made":
                self._codes[pid] = asyncio.get_running_loop().create_future()
                self._made.put_nowait(pid)
            elif told := self._codes.pop(pid, None):
                told.set_result(int(line[2]))

    async def cast(self) -> Running:
        """Make a spare; while the mould is still loading, that is urgent from now on. Raises Unavailable."""
        reader, writer = os.pipe()
        ours, theirs = socket.socketpair()
        async with self._casting:
            try:
                try:
                    socket.send_fds(self._line, [b"cast"], [theirs.fileno(), writer])
                except OSError:
                    raise Unavailable("the mould of the service's spares has ended") from None
                finally:
                    theirs.close()
                    os.close(writer)
                pid = await self._next()
            except BaseException:
                ours.close()  # what was made all the same ends by itself
                os.close(reader)
                raise
        try:
            process = Copy(pid, self._codes[pid])
        except (ProcessLookupError, KeyError):
            ours.close()
            os.close(reader)
            raise Unavailable("the spare ended as it was made") from None
        return Running(process, await listen_to(reader), ours)

    async def loaded(self) -> None:
        """Return when it has loaded everything, in its own time. Raises Unavailable."""
        await self._unless_ended(self.warm.wait())

    async def _next(self) -> int:
        return await self._unless_ended(self._made.get())

    async def _unless_ended(self, work: Coroutine[Any, Any, T]) -> T:
        waiting, ended = asyncio.create_task(work), asyncio.create_task(self.process.wait())
        try:
            await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                raise Unavailable("the mould of the service's spares has ended")
            return waiting.result()
        finally:
            waiting.cancel()
            ended.cancel()

    async def end(self) -> None:
        """Its copies live on: they end by their own lines."""
        for task in self._listening:
            task.cancel()
        self._line.close()
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


async def make_mould(environment: dict[str, str], *, gently: bool) -> Mould:
    """Start one; it loads by itself, ``gently`` with low priority."""
    reader, writer = os.pipe()
    ours, theirs = socket.socketpair()
    options = ["--spare-fd", str(theirs.fileno()), "--tell-fd", str(writer), *(["--gently"] if gently else [])]
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", "serve", *options),
            env=environment,
            start_new_session=True,
            pass_fds=(writer, theirs.fileno()),
        )
    finally:
        os.close(writer)
        theirs.close()
    return Mould(process, await listen_to(reader), ours)
