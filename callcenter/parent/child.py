"""The service as a child of the parent: kept alive, and replaced by a new copy of itself without a gap.

The parent holds the listening socket and passes it on, so that a browser that comes in between waits in the kernel's
line instead of being refused. A child tells its state by a pipe: ``waiting`` (for the desk's lease), then ``ready``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import suppress
from typing import Literal

from callcenter.errors import Conflict, Unavailable
from callcenter.parent.keeper import Told, how
from callcenter.parent.words import tell
from callcenter.processes import ProcessNote

_SHORTEST_LIFE_S = 5.0
"""A service that dies sooner than this is restarted after a pause."""
_START_S = 60.0
_END_S = 10.0
Word = Literal["waiting", "ready", "ended"]


class Running:
    """One process of the service."""

    def __init__(self, process: asyncio.subprocess.Process, words: asyncio.StreamReader) -> None:
        self.process, self._words = process, words
        self.began = time.monotonic()

    async def word(self) -> Word:
        """The next thing it tells; ``ended`` when it will tell no more."""
        match (await self._words.readline()).strip():
            case b"waiting":
                return "waiting"
            case b"ready":
                return "ready"
            case _:
                return "ended"

    async def end(self) -> None:
        for stop in (self.process.terminate, self.process.kill):
            with suppress(ProcessLookupError):
                stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), _END_S)
                return


class Service:
    """``http_fd`` is the listening socket. ``note`` tells a later parent which process runs."""

    def __init__(self, environment: dict[str, str], http_fd: int, note: ProcessNote, incident: Told) -> None:
        self._environment, self._http_fd, self._note, self._incident = environment, http_fd, note, incident
        self._current: Running | None = None
        self._replacing = asyncio.Lock()
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._current.process.pid if self._current else None

    async def start(self) -> Word:
        """Start it and wait for its first word that means it serves: ``ready``, or ``waiting`` as a standby.

        Raises Conflict when it ends instead; what it said is on the terminal.
        """
        standby = self._environment.get("CALLCENTER_STANDBY", "").lower() in {"1", "true", "yes", "on"}
        self._current = await self._spawn(wait=standby)
        return await self._settled(self._current, content=("ready", "waiting") if standby else ("ready",))

    async def keep(self) -> None:
        """Start it again whenever it dies; ends only by cancellation."""
        while True:
            current = self._current
            assert current is not None, "keep() belongs after start()"
            code = await current.process.wait()
            async with self._replacing:
                if self._current is not current:
                    continue  # it was replaced on purpose
                tell(f"the service {how(code)}; starting it again")
                if time.monotonic() - current.began < _SHORTEST_LIFE_S:
                    await asyncio.sleep(1)
                lost_at = time.monotonic()
                self._current = await self._spawn(wait=True)
                self.restarts += 1
            with suppress(Conflict, Unavailable):  # said already; the next turn starts it again
                word = await self._settled(self._current, content=("ready", "waiting"))
                away = time.monotonic() - lost_at
                tell(f"the service is {'back' if word == 'ready' else 'waiting for the desk'} after {away:.1f} s")
                await self._incident("part_restarted", f"the service {how(code)}, and was back after {away:.1f} s")

    async def replace(self) -> float:
        """Put a new copy in the place of the running one; returns the seconds in which none was at the desk.

        The new one is brought up first and waits; the old one is told to go, writes what it holds and gives up the
        desk; the new one takes it. Raises Conflict when the new one does not start: the old one then goes on.
        """
        async with self._replacing:
            old, new = self._current, await self._spawn(wait=True)
            try:
                async with asyncio.timeout(_START_S):
                    word = await new.word()
            except TimeoutError:
                word = "ended"
            if word == "ended":
                await new.end()
                raise Conflict(
                    "the new service does not start (its words are in the parent's log); the old one goes on"
                )
            self._current = new
            self._note.write(new.process.pid)
            began = time.monotonic()
            if old is not None:
                await old.end()
        if word != "ready":
            await self._settled(new, content=("ready",))
        took = time.monotonic() - began
        tell(f"the service was replaced; nobody was at the desk for {took:.1f} s")
        return took

    async def end(self) -> None:
        if self._current is not None:
            await self._current.end()
        self._note.clear()

    async def _settled(self, running: Running, content: tuple[Word, ...]) -> Word:
        try:
            async with asyncio.timeout(_START_S):
                while (word := await running.word()) not in content:
                    if word == "ended":
                        code = await running.process.wait()
                        raise Conflict(f"the service {how(code)} while starting; its last words are above")
        except TimeoutError:
            raise Unavailable(f"the service was not ready within {_START_S:.0f} s; its last words are above") from None
        return word

    async def _spawn(self, *, wait: bool) -> Running:
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        options = ["--http-fd", str(self._http_fd), "--tell-fd", str(writer), *(["--standby"] if wait else [])]
        try:
            # A session of its own: Ctrl-C on the terminal reaches the parent, which ends things in order.
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "callcenter", "serve", *options),
                env=self._environment,
                start_new_session=True,
                pass_fds=(self._http_fd, writer),
            )
        finally:
            os.close(writer)
        words = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(words), os.fdopen(reader, "rb", buffering=0)
        )
        self._note.write(process.pid)
        return Running(process, words)
