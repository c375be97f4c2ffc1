"""The one that takes messages out of Asterisk's folders: sealed among the recordings, listed for those who answer.

Order: WAV renamed into place → database row → Asterisk's file removed; a crash at any point leaves something that
the next sweep finishes. What the fallback recorded while the service was away is found by the same sweep.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from callcenter.calls.messages import KeepMessage
from callcenter.calls.state import Call
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import CallCenterError
from callcenter.ids import CallId
from callcenter.messages import files, repository
from callcenter.messages.files import Found
from callcenter.recording.capture import Watch, Writing
from callcenter.recording.wav import samples_at, seal_file

EVERY_S: Final = 20.0
SETTLED_S: Final = 30.0
"""A file of a call that nobody asked to keep is taken when it is so old: its call may be about to ask."""
LOOK_EVERY_S: Final = 0.05
OPEN_FOR_S: Final = 10.0
RETRY_AFTER_S: Final = (2.0, 10.0, 60.0)

log = structlog.get_logger(__name__)


class MessageRoom:
    """``spool``: where ARI's recordings land; ``fallback``: where the dialplan records while we are away."""

    def __init__(
        self, db: Database, recordings_dir: Path, spool: Path, fallback: Path, clock: Clock, zone: ZoneInfo
    ) -> None:
        self._db, self._clock, self._zone = db, clock, zone
        self._root = recordings_dir.resolve()
        self._spool, self._fallback = spool, fallback
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._unknown: set[str] = set()

    # --- what calls report ---

    def keep_soon(self, call: Call, action: KeepMessage) -> None:
        """A caller has spoken: keep it in the background, trying until it is done."""
        found = files.of_call(self._spool / f"{action.recording}.wav", self._clock.now())
        if found is None:
            log.error("message_unnamed", call_id=call.id, recording=action.recording)
            return
        facts = repository.Facts(
            number=call.caller_number,
            hotline=call.hotline,
            queue=action.queue,
            language=call.language,
            drill=call.drill,
        )
        self._begin(found, facts)

    def _begin(self, found: Found, facts: repository.Facts | None) -> None:
        if found.path.name in self._tasks:
            return
        task = asyncio.create_task(self._persist(found, facts), name=f"message-{found.path.stem}")
        self._tasks[found.path.name] = task
        task.add_done_callback(lambda _: self._tasks.pop(found.path.name, None))

    async def settled(self) -> None:
        """Wait until nothing is being kept."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def close(self, *, timeout_s: float = 5.0) -> None:
        """Finish what is under way within the time given; the rest is found by the next sweep."""
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # --- what lies there ---

    async def run(self) -> None:
        """Sweep for ever; ends only by cancellation."""
        while True:
            try:
                await self.sweep()
            except OSError as error:
                log.error("messages_not_swept", reason=str(error))
            await asyncio.sleep(EVERY_S)

    async def sweep(self, *, settled_s: float = SETTLED_S) -> int:
        """Begin to keep what nobody asked to keep; how many. Raises OSError."""
        waiting = await asyncio.to_thread(self._scan, settled_s)
        for found in waiting:
            self._begin(found, None)
        return len(waiting)

    def _scan(self, settled_s: float) -> list[Found]:
        found: list[Found] = []
        for path in sorted(self._spool.glob("cc-*.wav")):
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            one = files.of_call(path, at)
            if one is not None and (self._clock.now() - at).total_seconds() >= settled_s and _done(path):
                found.append(one)
        for path in sorted(self._fallback.glob("*.wav")):
            one = files.of_fallback(path)
            if one is None and path.name not in self._unknown:
                self._unknown.add(path.name)
                log.warning("message_not_recognised", file=str(path))
            if one is not None and _done(path):
                found.append(one)
        return found

    # --- keeping ---

    async def _persist(self, found: Found, facts: repository.Facts | None) -> None:
        attempt = 0
        while True:
            try:
                await self.keep(found, facts)
                return
            except (CallCenterError, OSError) as error:
                log.warning("message_not_kept_yet", call_id=found.call_id, attempt=attempt, reason=str(error))
                await asyncio.sleep(RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S) - 1)])
                attempt += 1

    async def keep(self, found: Found, facts: repository.Facts | None = None) -> bool:
        """Seal one message and list it; False when nothing was said. Raises Unavailable or OSError; try again then."""
        if not await self._closed(found.path):
            log.warning("message_missing", call_id=found.call_id)
            return False
        if not await asyncio.to_thread(files.has_speech, found.path):
            await asyncio.to_thread(found.path.unlink, missing_ok=True)
            log.info("message_dropped", call_id=found.call_id, why="nothing was said")
            return False
        path = f"{found.at.astimezone(self._zone):%Y/%m/%d}/message-{found.id}.wav"
        skip = await asyncio.to_thread(samples_at, found.path)
        sealed = await asyncio.to_thread(seal_file, found.path, self._root / path, channels=1, skip=skip)
        async with self._db.write() as session:
            if facts is None and found.call_id is not None:
                facts = await repository.facts_of(session, CallId(found.call_id))
            facts = facts or repository.Facts(number=found.number, hotline=found.hotline)
            await repository.add(session, found, facts, path, sealed)
        await asyncio.to_thread(found.path.unlink, missing_ok=True)
        log.info("message_kept", call_id=found.call_id, purpose=found.purpose, seconds=sealed.duration_ms / 1000)
        return True

    async def _closed(self, path: Path) -> bool:
        """Wait until Asterisk has closed the file; False when there is none."""
        watch, waited = Watch(path), 0.0
        while (state := await asyncio.to_thread(watch.look)) is not Writing.DONE and waited < OPEN_FOR_S:
            if state is Writing.MISSING and waited > 1.0:
                return False
            await asyncio.sleep(LOOK_EVERY_S)
            waited += LOOK_EVERY_S
        if state is Writing.OPEN:
            raise OSError(f"{path.name} is still being written")
        return state is Writing.DONE


def _done(path: Path) -> bool:
    return Watch(path).look() is Writing.DONE
