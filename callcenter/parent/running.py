"""One process of the service as its parent sees it: what it tells by its pipe, whether its loop still runs.

A spare is such a process too (:mod:`callcenter.parent.mould` makes it): everything imported, but no socket, no
database and no lease, until it is told to go.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from contextlib import suppress
from typing import Literal, Protocol

from callcenter.beat import BEAT_S
from callcenter.spare import FIRST

SILENT_BEATS = 8
"""A process that told nothing for so many of the parent's own beats hangs. Counted, not timed: a parent that got no
processor itself, or a machine that slept, must not kill a service that is well."""
_END_S = 10.0
Word = Literal["waiting", "ready", "ended"]


class Process(Protocol):
    """A child of ours, or a copy of one."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int | None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


class Running:
    def __init__(self, process: Process, words: asyncio.StreamReader, line: socket.socket | None) -> None:
        """``line``: how a spare is told to go."""
        self.process, self._line = process, line
        self.began = time.monotonic()
        """When it began to serve, or to start for that."""
        self._words: asyncio.Queue[Word] = asyncio.Queue()
        self._heard = True
        self._listening = asyncio.create_task(self._listen(words), name="service-words")

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def _listen(self, words: asyncio.StreamReader) -> None:
        while line := (await words.readline()).strip():
            self._heard = True
            match line:
                case b"waiting":
                    self._words.put_nowait("waiting")
                case b"ready":
                    self._words.put_nowait("ready")
                case _:
                    pass  # a beat
        self._words.put_nowait("ended")

    async def word(self) -> Word:
        """The next thing it tells; ``ended`` when it will tell no more."""
        return await self._words.get()

    async def hangs(self, beat_s: float = BEAT_S) -> None:
        """Return when it lives and has told nothing for :data:`SILENT_BEATS` beats; never when it has ended."""
        silent = 0
        while silent < SILENT_BEATS:
            await asyncio.sleep(beat_s)
            silent, self._heard = (0 if self._heard else silent + 1), False
        if not self.alive:
            await asyncio.Event().wait()

    def go(self, http_fd: int, *, first: bool = False) -> bool:
        """Tell a spare to serve with this listening socket; False when it is not there any more."""
        assert self._line is not None, "only a spare waits to be told"
        try:
            socket.send_fds(self._line, [FIRST if first else b"go"], [http_fd])
        except OSError:
            return False
        finally:
            self._line.close()
            self._line = None
        self.began = time.monotonic()
        return True

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()

    async def end(self) -> None:
        if self._line is not None:
            self._line.close()  # a spare ends of itself
        for stop in (self.process.terminate, self.process.kill):
            with suppress(ProcessLookupError):
                stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), _END_S)
                return


async def spawn(environment: dict[str, str], http_fd: int, *, standby: bool) -> Running:
    """Start a process of the service the long way."""
    reader, writer = os.pipe()
    options = ["--http-fd", str(http_fd), "--tell-fd", str(writer), *(["--standby"] if standby else [])]
    try:
        # A session of its own: Ctrl-C on the terminal reaches the parent, which ends things in order.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", "serve", *options),
            env=environment,
            start_new_session=True,
            pass_fds=(writer, http_fd),
        )
    finally:
        os.close(writer)
    return Running(process, await listen_to(reader), None)


async def listen_to(pipe: int) -> asyncio.StreamReader:
    words = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(words), os.fdopen(pipe, "rb", buffering=0)
    )
    return words
