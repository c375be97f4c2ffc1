"""The service as a child of the parent: kept alive, and replaced by a new copy of itself without a gap.

The parent holds the listening socket and passes it on, so that a browser that comes in between waits in the kernel's
line instead of being refused. A child tells its state by a pipe: ``waiting`` (for the desk's lease), then ``ready``;
and that its loop runs, every second. Beside the child stands a spare (:mod:`callcenter.spare`): when the child dies
it goes on in a moment, because it need not be loaded first.
"""

from __future__ import annotations

import asyncio
import time

from callcenter.errors import Conflict, Unavailable
from callcenter.parent.keeper import Told, how
from callcenter.parent.running import Running, Word, spawn
from callcenter.parent.words import tell
from callcenter.processes import ProcessNote

_SHORTEST_LIFE_S = 5.0
"""A service that dies sooner than this is restarted after a pause."""
_START_S = 60.0
_SPARE_AFTER_S = 2.0
"""The processor belongs to the service first: it has calls to take up and browsers to welcome."""
_SPARE_AGAIN_S = 60.0
"""A spare that ended by itself is not made again sooner."""

_HUNG = "did nothing any more and was killed"


class Service:
    """``http_fd`` is the listening socket. ``note`` tells a later parent which process runs."""

    def __init__(self, environment: dict[str, str], http_fd: int, note: ProcessNote, incident: Told) -> None:
        self._environment, self._http_fd, self._note, self._incident = environment, http_fd, note, incident
        self._current: Running | None = None
        self._spare: Running | None = None
        self._sparing: asyncio.Task[None] | None = None
        self._replacing = asyncio.Lock()
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._current.process.pid if self._current else None

    @property
    def spare_pid(self) -> int | None:
        """Of the spare, once it has loaded everything."""
        return self._spare.process.pid if self._spare and self._spare.warm else None

    async def start(self) -> Word:
        """Start it and wait for its first word that means it serves: ``ready``, or ``waiting`` as a standby.

        Raises Conflict when it ends instead; what it said is on the terminal.
        """
        standby = self._environment.get("CALLCENTER_STANDBY", "").lower() in {"1", "true", "yes", "on"}
        self._current = await self._spawn(wait=standby)
        word = await self._settled(self._current, content=("ready", "waiting") if standby else ("ready",))
        self._have_spare()
        return word

    async def keep(self) -> None:
        """Start it again whenever it dies or hangs; ends only by cancellation."""
        while True:
            current = self._current
            assert current is not None, "keep() belongs after start()"
            ended = await self._ended(current)
            async with self._replacing:
                if self._current is not current:
                    continue  # it was replaced on purpose
                lost_at = time.monotonic()
                tell(f"the service {ended}; starting it again")
                if time.monotonic() - current.began < _SHORTEST_LIFE_S:
                    await asyncio.sleep(1)
                self._current = self._take_spare() or await self._spawn(wait=True)
                self.restarts += 1
            try:
                word = await self._settled(self._current, content=("ready", "waiting"))
            except Conflict:
                continue  # said already; the next turn starts it again
            except Unavailable as error:
                tell(error.message)
                self._current.kill()
                continue
            away = time.monotonic() - lost_at
            tell(f"the service is {'back' if word == 'ready' else 'waiting for the desk'} after {away:.1f} s")
            self._have_spare()
            kind = "service_hung" if ended == _HUNG else "part_restarted"
            text = f"the service {ended}, and was back after {away:.1f} s"
            await self._incident(kind, text, {"part": "service", "ended": ended, "away_s": round(away, 1)})

    async def _ended(self, current: Running) -> str:
        """Wait until it has ended, or until it hangs, and is killed; returns which, in words."""
        ending = asyncio.create_task(current.process.wait())
        hanging = asyncio.create_task(current.hangs())
        try:
            await asyncio.wait({ending, hanging}, return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                current.kill()
                await ending
                return _HUNG
            return how(ending.result())
        finally:
            ending.cancel()
            hanging.cancel()

    async def replace(self) -> float:
        """Put a new copy in the place of the running one; returns the seconds in which none was at the desk.

        The new one is brought up first and waits; the old one is told to go, writes what it holds and gives up the
        desk; the new one takes it. Raises Conflict when the new one does not start: the old one then goes on.
        """
        async with self._replacing:
            await self._drop_spare()  # it has the old code
            try:
                took = await self._replace()
            finally:
                self._have_spare()
        tell(f"the service was replaced; nobody was at the desk for {took:.1f} s")
        return took

    async def _replace(self) -> float:
        old, new = self._current, await self._spawn(wait=True)
        try:
            async with asyncio.timeout(_START_S):
                word = await new.word()
        except TimeoutError:
            word = "ended"
        if word == "ended":
            await new.end()
            if old is not None:
                self._note.write(old.process.pid)
            raise Conflict("the new service does not start (its words are in the parent's log); the old one goes on")
        self._current = new
        began = time.monotonic()
        if old is not None:
            await old.end()
        if word != "ready":
            await self._settled(new, content=("ready",))
        return time.monotonic() - began

    async def end(self) -> None:
        await self._drop_spare()
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
        running = await spawn(self._environment, self._http_fd, standby=wait)
        self._note.write(running.process.pid)
        return running

    # --- the spare ---

    def _have_spare(self) -> None:
        """Make one in a while, and see that there is one from then on."""
        if self._sparing is None or self._sparing.done():
            self._sparing = asyncio.create_task(self._keep_spare(), name="spare")

    async def _keep_spare(self) -> None:
        pause_s = _SPARE_AFTER_S
        while True:
            await asyncio.sleep(pause_s)
            spare = self._spare = await spawn(self._environment, None, standby=True)
            try:
                code = await spare.process.wait()
            except asyncio.CancelledError:
                if self._spare is spare:  # cancelled in the middle of its making: nobody else knows of it
                    spare.kill()
                raise
            if self._spare is spare:
                self._spare = None
                tell(f"the spare of the service {how(code)}")
            pause_s = _SPARE_AGAIN_S

    def _take_spare(self) -> Running | None:
        """The spare, told to go; None when there is none."""
        spare, self._spare = self._spare, None
        if self._sparing is not None:
            self._sparing.cancel()
            self._sparing = None
        if spare is None or not spare.alive or not spare.go(self._http_fd):
            return None
        self._note.write(spare.process.pid)
        return spare

    async def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if self._sparing is not None:
            self._sparing.cancel()
            await asyncio.gather(self._sparing, return_exceptions=True)
            self._sparing = None
        if spare is not None:
            await spare.end()
