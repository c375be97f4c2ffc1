"""The service as a child of the parent: kept alive, and replaced by a new copy of itself without a gap.

The parent holds the listening socket and passes it on, so that a browser that comes in between waits in the kernel's
line instead of being refused. A child tells its state by a pipe: ``waiting`` (for the desk's lease), then ``ready``;
and that its loop runs, every second. The child is a copy of a process that has loaded everything
(:mod:`callcenter.spare`), and beside it stands another: when the child dies that one goes on in a moment.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from callcenter.errors import Conflict, Unavailable
from callcenter.parent.keeper import Told, how
from callcenter.parent.mould import Mould, make_mould
from callcenter.parent.running import Running, Word, spawn
from callcenter.parent.words import tell
from callcenter.processes import ProcessNote

_SHORTEST_LIFE_S = 5.0
_SHORT_LIVES = 2
"""A service that died sooner than that so many times in a row is restarted after a pause."""
_START_S = 60.0
_SPARE_AGAIN_S = 60.0
"""A spare that ended by itself is not made again sooner, nor is the mould of them all."""

_HUNG = "did nothing any more and was killed"


class Service:
    """``http_fd`` is the listening socket. ``note`` tells a later parent which process runs."""

    def __init__(self, environment: dict[str, str], http_fd: int, note: ProcessNote, incident: Told) -> None:
        self._environment, self._http_fd, self._note, self._incident = environment, http_fd, note, incident
        self._current: Running | None = None
        self._spare: Running | None = None
        self._mould: Mould | None = None
        self._sparing: asyncio.Task[None] | None = None
        self._taken = asyncio.Event()
        """There may be no spare any more: the next one is wanted at once."""
        self._replacing = asyncio.Lock()
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._current.process.pid if self._current else None

    @property
    def spare_pid(self) -> int | None:
        """Of the spare, which has loaded everything."""
        return self._spare.process.pid if self._spare else None

    async def start(self) -> Word:
        """Start it and wait for its first word that means it serves: ``ready``, or ``waiting`` as a standby.

        Raises Conflict when it ends instead; what it said is on the terminal.
        """
        standby = self._environment.get("CALLCENTER_STANDBY", "").lower() in {"1", "true", "yes", "on"}
        self._current = await self._loaded(first=True) or await self._spawn(wait=standby)
        word = await self._settled(self._current, content=("ready", "waiting") if standby else ("ready",))
        self._have_spare()
        return word

    async def keep(self) -> None:
        """Start it again whenever it dies or hangs; ends only by cancellation."""
        short_lives = 0
        while True:
            current = self._current
            assert current is not None, "keep() belongs after start()"
            ended = await self._ended(current)
            async with self._replacing:
                if self._current is not current:
                    continue  # it was replaced on purpose
                lost_at = time.monotonic()
                tell(f"the service {ended}; starting it again")
                short_lives = short_lives + 1 if time.monotonic() - current.began < _SHORTEST_LIFE_S else 0
                if short_lives > _SHORT_LIVES:
                    await asyncio.sleep(1)
                self._current = await self._take_spare() or await self._spawn(wait=True)
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
            self._incident(kind, text, {"part": "service", "ended": ended, "away_s": round(away, 1)})

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
        old, new = self._current, await self._loaded(first=False) or await self._spawn(wait=True)
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

    async def _loaded(self, *, first: bool) -> Running | None:
        """A copy of a new mould, told to go; None when the mould does not load: the long way tells why."""
        mould = self._mould = await make_mould(self._environment, gently=False)
        with suppress(Unavailable):
            made = await mould.cast()
            if made.go(self._http_fd, first=first):
                self._note.write(made.process.pid)
                return made
        return None

    async def _spawn(self, *, wait: bool) -> Running:
        running = await spawn(self._environment, self._http_fd, standby=wait)
        self._note.write(running.process.pid)
        return running

    # --- the spare ---

    def _have_spare(self) -> None:
        """Make one, and see that there is one from then on."""
        if self._sparing is None or self._sparing.done():
            self._sparing = asyncio.create_task(self._keep_spare(), name="spare")

    async def _keep_spare(self) -> None:
        while True:
            mould = self._mould
            if mould is None or not mould.alive:
                mould = self._mould = await make_mould(self._environment, gently=True)
            try:
                while True:
                    await self._stand_by(mould)
            except Unavailable as error:
                self._mould = None
                tell(f"{error.message} ({how(await mould.process.wait())})")
            await asyncio.sleep(_SPARE_AGAIN_S)

    async def _stand_by(self, mould: Mould) -> None:
        """Have a spare until it is taken (then the next one follows at once) or has ended. Raises Unavailable."""
        await mould.loaded()
        self._taken.clear()
        spare = self._spare = await mould.cast()
        ending, taken = asyncio.create_task(spare.process.wait()), asyncio.create_task(self._taken.wait())
        try:
            await asyncio.wait({ending, taken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            taken.cancel()
        if self._spare is spare:
            self._spare = None
            tell(f"the spare of the service {how(await spare.process.wait())}")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._taken.wait(), _SPARE_AGAIN_S)

    async def _take_spare(self) -> Running | None:
        """The spare, or one that is made for this, told to go; None when there can be none."""
        spare, self._spare = self._spare, None
        self._taken.set()
        if spare is None and self._mould is not None and self._mould.alive:
            with suppress(Unavailable):
                spare = await self._mould.cast()
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
        mould, self._mould = self._mould, None
        if mould is not None:
            await mould.end()
