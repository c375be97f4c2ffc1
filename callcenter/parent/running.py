"""One process of the service as its parent sees it: what it tells by its pipe, whether its loop still runs.

A spare is such a process too: everything imported, but no socket, no database and no lease, until it is told to go.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from contextlib import suppress
from typing import Literal

from callcenter.beat import BEAT_S

SILENT_BEATS = 8
"""A process that told nothing for so many of the parent's own beats hangs. Counted, not timed: a parent that got no
processor itself, or a machine that slept, must not kill a service that is well."""
_END_S = 10.0
Word = Literal["waiting", "ready", "ended"]


class Running:
    def __init__(
        self, process: asyncio.subprocess.Process, words: asyncio.StreamReader, line: socket.socket | None
    ) -> None:
        """``line``: how a spare is told to go."""
        self.process, self._line = process, line
        self.began = time.monotonic()
        """When it began to serve, or to start for that."""
        self.warm = False
        """A spare that has loaded everything."""
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
                case b"warm":
                    self.warm = True
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

    def go(self, http_fd: int) -> bool:
        """Tell a spare to serve with this listening socket; False when it is not there any more."""
        assert self._line is not None, "only a spare waits to be told"
        try:
            socket.send_fds(self._line, [b"go"], [http_fd])
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


async def spawn(environment: dict[str, str], http_fd: int | None, *, standby: bool) -> Running:
    """Start a process of the service; without ``http_fd`` it is a spare."""
    reader, writer = os.pipe()
    ours, theirs = socket.socketpair() if http_fd is None else (None, None)
    given = ("--http-fd", http_fd) if http_fd is not None else ("--spare-fd", theirs.fileno() if theirs else -1)
    options = [given[0], str(given[1]), "--tell-fd", str(writer), *(["--standby"] if standby else [])]
    try:
        # A session of its own: Ctrl-C on the terminal reaches the parent, which ends things in order.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "callcenter", "serve", *options),
            env=environment,
            start_new_session=True,
            pass_fds=(writer, given[1]),
        )
    finally:
        os.close(writer)
        if theirs is not None:
            theirs.close()
    words = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(words), os.fdopen(reader, "rb", buffering=0)
    )
    return Running(process, words, ours)
