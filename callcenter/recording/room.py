"""The one that turns captures into recordings: knows what is being captured, seals what is over.

Order of a seal: WAV renamed into place → database row → capture removed. A crash at any point leaves
something that :meth:`RecordingRoom.recover` finishes; nothing is removed before the database knows better.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.db.direct import DirectWrite
from callcenter.db.engine import Database
from callcenter.errors import CallCenterError
from callcenter.ids import CallId, call_of, name_of
from callcenter.recording import repository
from callcenter.recording.capture import Watch, Writing
from callcenter.recording.wav import seal_file

log = structlog.get_logger(__name__)

WORKERS = 2
"""Files sealed at a time: sealing is disk work, and must leave the disk to the database."""
LOOK_EVERY_S = (0.05, 0.1, 0.2, 0.5)
MISSING_FOR_S = 3.0
"""How long after the channel's end the capture may take to appear."""
OPEN_FOR_S = 30.0
"""How long after the channel's end the writer may take to close, before operations are told."""
RETRY_AFTER_S = (2.0, 10.0, 60.0)
"""Pauses before another try when the disk is full or the database away; the last one repeats."""


class CaptureStillOpen(CallCenterError):
    """The channel is gone, and yet something still writes its capture."""

    code = "capture_still_open"


class RecordingRoom:
    """``recordings_dir`` is where sealed files land, ``captures_dir`` where Asterisk writes raw ones.

    ``zone``: the site's; a recording lies under the date on which its call began there.
    """

    def __init__(
        self, db: Database, recordings_dir: Path, captures_dir: Path, clock: Clock, zone: ZoneInfo, *, node: str = ""
    ) -> None:
        self._db, self._clock, self._zone, self._node = db, clock, zone, node
        self._root = recordings_dir.resolve()
        self._captures = captures_dir
        self._noted: set[str] = set()
        """Calls whose row was given to PostgreSQL. Should that transaction be undone, sealing writes it."""
        self._workers = asyncio.Semaphore(WORKERS)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    # --- what calls report ---

    async def begun(self, direct: DirectWrite, calls: Iterable[Call]) -> None:
        """Note the captures that run, within the transaction that writes their calls."""
        new = [call for call in calls if call.captured and call.id not in self._noted]
        if not new:
            return
        await repository.add(direct, [self._place(call.id, call.arrived_at) for call in new])
        self._noted.update(call.id for call in new)

    def sealed_soon(self, call_id: CallId, began_at: datetime | None = None) -> None:
        """The caller's channel is gone: seal in the background, trying until it is done. Once is enough.

        ``began_at``: when the call began; None when only the database can tell.
        """
        if call_id in self._tasks:
            return
        task = asyncio.create_task(self._persist(call_id, began_at), name=f"seal-{call_id}")
        self._tasks[call_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(call_id, None))

    async def seal(self, call_id: CallId, began_at: datetime | None = None) -> None:
        """Seal one recording whose channel is gone; nothing happens if it was sealed before.

        Raises CaptureStillOpen, Unavailable or OSError; after each it may be tried again.
        """
        raw = self._raw(call_id)
        if began_at is None:
            began_at = await self._look_up(call_id, raw)
            if began_at is None:
                return
        place = self._place(call_id, began_at)
        if await self._closed(raw) is Writing.MISSING:
            message = f"no capture was written to {raw.name}: see Asterisk's log, and the space left on its disk"
            async with self._db.write() as session:
                await repository.mark_failed(session, place, message, self._clock.now())
            log.error("recording lost", call_id=call_id, raw=str(raw))
            return
        target = self._root / place.path
        async with self._workers:
            sealed = await asyncio.to_thread(seal_file, raw, target)
        if not sealed.frames:
            await asyncio.to_thread(target.unlink, missing_ok=True)
        async with self._db.direct_write() as direct:
            await repository.mark_sealed(direct, place, sealed, self._clock.now())
        await asyncio.to_thread(raw.unlink, missing_ok=True)
        self._noted.discard(call_id)
        log.info("recording sealed", call_id=call_id, seconds=sealed.duration_ms / 1000, bytes=sealed.size)

    async def _look_up(self, call_id: CallId, raw: Path) -> datetime | None:
        """When a call began whose capture another process left; None when its recording is settled."""
        async with self._db.read() as session:
            row = await repository.get(session, call_id)
            began_at = row.started_at if row else await repository.began_at(session, call_id)
        if row is None or row.state in repository.UNSEALED:
            return began_at or _modified(raw) or self._clock.now()
        if row.state in ("sealed", "empty"):
            await asyncio.to_thread(raw.unlink, missing_ok=True)
        return None

    # --- start and end ---

    async def recover(self, live: Iterable[CallId] = ()) -> list[CallId]:
        """After a start: seal what a crash left, fail what is lost. Returns the calls whose sealing began.

        ``live`` are the calls whose channels Asterisk still has: they are left alone until they end.
        """
        alive = set(live)
        found = await asyncio.to_thread(self._scan)
        async with self._db.read() as session:
            rows = {row.id for row in await repository.unsealed(session)}
        ended = sorted((rows | found) - alive)
        for call_id in ended:
            self.sealed_soon(CallId(call_id))
        return [CallId(call_id) for call_id in ended]

    async def keep_recovering(self, live: Iterable[CallId] = ()) -> None:
        """:meth:`recover`, again until the database is there; returns never, so that it may run beside the rest."""
        while True:
            try:
                await self.recover(live)
                break
            except CallCenterError as error:
                log.warning("recordings not recovered yet", error=error.message)
                await asyncio.sleep(RETRY_AFTER_S[0])
        await asyncio.Event().wait()

    async def close(self, *, timeout_s: float = 10.0) -> None:
        """Finish what is being sealed, within the time given; the rest waits for the next :meth:`recover`."""
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until nothing is being sealed."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    # --- inside ---

    async def _persist(self, call_id: CallId, began_at: datetime | None) -> None:
        """Seal, whatever it takes: a full disk or a database that is away must not lose a recording."""
        attempt = 0
        while True:
            try:
                await self.seal(call_id, began_at)
                return
            except (CallCenterError, OSError) as error:
                log.warning("recording not sealed yet", call_id=call_id, attempt=attempt, error=str(error))
                if attempt == 1:
                    await self._tell(call_id, error)
                await asyncio.sleep(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
                attempt += 1

    async def _tell(self, call_id: CallId, error: Exception) -> None:
        text = f"the recording waits to be sealed and is tried again each minute: {error}"
        try:
            async with self._db.write() as session:
                at, facts = self._clock.now(), {"reason": str(error)}
                await repository.report(session, "recording_delayed", text, call_id, at, facts=facts)
        except CallCenterError:
            log.error("incident not written", call_id=call_id, text=text)

    async def _closed(self, raw: Path) -> Writing:
        """Wait until the writer is done. MISSING when no capture appears; raises CaptureStillOpen."""
        watch, loop, looks = Watch(raw), asyncio.get_running_loop(), 1
        began = loop.time()
        await asyncio.sleep(LOOK_EVERY_S[0])  # looked for at once, it is hardly ever closed
        while (state := await asyncio.to_thread(watch.look)) is not Writing.DONE:
            waited = loop.time() - began
            if state is Writing.MISSING and waited > MISSING_FOR_S:
                return state
            if state is Writing.OPEN and waited > OPEN_FOR_S:
                raise CaptureStillOpen(f"{raw.name} is still being written {waited:.0f} s after its channel ended")
            await asyncio.sleep(LOOK_EVERY_S[min(looks, len(LOOK_EVERY_S) - 1)])
            looks += 1
        return state

    def _place(self, call_id: str, at: datetime) -> repository.Place:
        path = f"{at.astimezone(self._zone):%Y/%m/%d}/{call_id}.wav"
        return repository.Place(call_id=call_id, path=path, node=self._node, started_at=at)

    def _raw(self, call_id: str) -> Path:
        return self._captures / f"{name_of(call_id, 'capture')}.raw"

    def _scan(self) -> set[str]:
        """Calls whose captures lie in the folder: ``cc-<call>-….raw``."""
        return {call_id for path in self._captures.glob("cc-*.raw") if (call_id := call_of(path.stem)) is not None}


def _modified(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    except OSError:
        return None
