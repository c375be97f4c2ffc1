"""Sealing, and what is left after a crash at each of its points. Real PostgreSQL, real files."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.calls.tables import Incident
from callcenter.clock import SystemClock
from callcenter.db.engine import Database
from callcenter.ids import CallId, name_of, new_id
from callcenter.recording import repository, room
from callcenter.recording.capture import Writing, lease
from callcenter.recording.room import RecordingRoom
from callcenter.recording.tables import Recording
from callcenter.recording.wav import FRAME_BYTES, seal_file

AT = datetime(2026, 1, 31, 17, 30, tzinfo=UTC)
"""The first of February in Shanghai."""
SECOND = bytes(8000 * FRAME_BYTES)


class Site:
    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.recordings, self.captures = db, folder / "recordings", folder / "monitor"
        self.captures.mkdir()

    @asynccontextmanager
    async def room(self) -> AsyncIterator[RecordingRoom]:
        made = RecordingRoom(self.db, self.recordings, self.captures, SystemClock(), ZoneInfo("Asia/Shanghai"))
        yield made
        await made.close()

    def raw(self, call_id: str) -> Path:
        return self.captures / f"{name_of(call_id, 'capture')}.raw"

    async def begun(self, recordings: RecordingRoom, call_id: CallId) -> None:
        """What the journal's transaction does when a call has arrived."""
        async with self.db.write() as session:
            await recordings.begun(await session.direct(), [_a_call(call_id)])

    async def row(self, call_id: str) -> Recording:
        async with self.db.read() as session:
            row = await repository.get(session, call_id)
        assert row is not None
        return row

    async def incidents(self) -> list[str]:
        async with self.db.read() as session:
            return list(await session.scalars(select(Incident.kind)))

    def wav(self, row: Recording) -> int:
        """Seconds of the sealed file."""
        with wave.open(str(self.recordings / row.path)) as read:
            return int(read.getnframes()) // 8000


def _a_call(call_id: CallId) -> Call:
    nothing = dict.fromkeys(("caller_number", "dialled", "trunk", "hotline", "flow", "flow_version", "language"), "")
    return Call(
        id=call_id,
        node="a",
        channel=f"cc-{call_id}",
        arrived_at=AT,
        phase=Phase.MENU,
        drill=False,
        captured=True,
        **nothing,
    )


@pytest.fixture
def site(db: Database, tmp_path: Path) -> Site:
    return Site(db, tmp_path)


@pytest.fixture
def call_id() -> CallId:
    return CallId(new_id())


async def test_a_call_s_recording_lies_under_its_local_date(site: Site, call_id: CallId) -> None:
    async with site.room() as recordings:
        site.raw(call_id).write_bytes(SECOND * 3)
        await site.begun(recordings, call_id)
        assert (await site.row(call_id)).state == "capturing"
        await recordings.seal(call_id, AT)
    row = await site.row(call_id)
    assert (row.state, row.path) == ("sealed", f"2026/02/01/{call_id}.wav")
    assert (row.duration_ms, row.channels, row.sample_rate) == (3000, 2, 8000)
    assert row.bytes == (site.recordings / row.path).stat().st_size
    assert site.wav(row) == 3
    assert not site.raw(call_id).exists()


async def test_what_is_written_after_the_channel_s_end_is_not_lost(
    site: Site, call_id: CallId, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Writing] = []
    monkeypatch.setattr(room.Watch, "look", lambda watch: looks.append(lease(watch.path) or Writing.OPEN) or looks[-1])
    async with site.room() as recordings:
        with site.raw(call_id).open("wb") as mixmonitor:
            mixmonitor.write(SECOND)
            mixmonitor.flush()
            recordings.sealed_soon(call_id, AT)
            await until(lambda: looked(looks))
            mixmonitor.write(SECOND)
        await recordings.settled()
    assert site.wav(await site.row(call_id)) == 2


async def test_sealing_twice_is_once(site: Site, call_id: CallId) -> None:
    async with site.room() as recordings:
        site.raw(call_id).write_bytes(SECOND)
        recordings.sealed_soon(call_id, AT)
        recordings.sealed_soon(call_id, AT)
        await recordings.settled()
        before = await site.row(call_id)
        await recordings.seal(call_id, AT)
    after = await site.row(call_id)
    assert (after.sealed_at, after.sha256) == (before.sealed_at, before.sha256)


async def test_a_call_that_ended_before_a_sound_is_empty_and_no_failure(site: Site, call_id: CallId) -> None:
    async with site.room() as recordings:
        site.raw(call_id).write_bytes(b"to")
        await recordings.seal(call_id, AT)
    row = await site.row(call_id)
    assert (row.state, row.duration_ms) == ("empty", 0)
    assert not (site.recordings / row.path).exists()
    assert await site.incidents() == []


async def test_a_capture_that_never_came_is_failed_with_an_incident(
    site: Site, call_id: CallId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MISSING_FOR_S", 0.1)
    async with site.room() as recordings:
        await site.begun(recordings, call_id)
        recordings.sealed_soon(call_id, AT)
        await recordings.settled()
    row = await site.row(call_id)
    assert row.state == "failed" and row.error is not None and site.raw(call_id).name in row.error
    assert await site.incidents() == ["recording_lost"]


async def test_a_disk_that_refuses_is_tried_again(site: Site, call_id: CallId, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "RETRY_AFTER_S", (0.02,))
    site.recordings.write_text("a file where the folder should be")
    async with site.room() as recordings:
        site.raw(call_id).write_bytes(SECOND)
        recordings.sealed_soon(call_id, AT)
        await until(lambda: told(site))
        assert site.raw(call_id).exists()
        site.recordings.unlink()
        await recordings.settled()
    assert (await site.row(call_id)).state == "sealed"
    assert await site.incidents() == ["recording_delayed"]


@pytest.mark.parametrize("moment", ["capturing", "renamed", "row written"])
async def test_a_crash_at_any_moment_is_finished_at_the_next_start(site: Site, call_id: CallId, moment: str) -> None:
    raw = site.raw(call_id)
    raw.write_bytes(SECOND * 2 + b"torn"[:3])
    async with site.room() as crashed:
        await site.begun(crashed, call_id)
        if moment == "renamed":
            target = site.recordings / (await site.row(call_id)).path
            await asyncio.to_thread(seal_file, raw, target)
        if moment == "row written":
            content = raw.read_bytes()
            await crashed.seal(call_id, AT)
            raw.write_bytes(content)
    async with site.room() as recordings:
        assert await recordings.recover() == [call_id]
        await recordings.settled()
        assert await recordings.recover() == []
    row = await site.row(call_id)
    assert row.state == "sealed" and site.wav(row) == 2
    assert not raw.exists()
    assert await site.incidents() == []


async def test_a_capture_whose_row_was_never_written_is_kept(site: Site, call_id: CallId) -> None:
    site.raw(call_id).write_bytes(SECOND)
    async with site.room() as recordings:
        assert await recordings.recover() == [call_id]
        await recordings.settled()
    row = await site.row(call_id)
    assert row.state == "sealed" and row.contact_id == call_id and site.wav(row) == 1


async def test_calls_that_live_on_are_left_alone(site: Site, call_id: CallId) -> None:
    site.raw(call_id).write_bytes(SECOND)
    async with site.room() as before:
        await site.begun(before, call_id)
    async with site.room() as recordings:
        assert await recordings.recover(live=[call_id]) == []
        assert (await site.row(call_id)).state == "capturing"
        recordings.sealed_soon(call_id, AT)
        await recordings.settled()
    assert (await site.row(call_id)).state == "sealed"


async def test_ninety_calls_end_at_once(site: Site) -> None:
    calls = [CallId(new_id()) for _ in range(90)]
    async with site.room() as recordings:
        for number, each in enumerate(calls):
            site.raw(each).write_bytes(bytes(FRAME_BYTES) * 80 * (number + 1))
        for number, each in enumerate(calls):
            recordings.sealed_soon(each, AT + timedelta(seconds=number))
        await recordings.settled()
    rows = [await site.row(each) for each in calls]
    assert [(row.state, row.duration_ms) for row in rows] == [("sealed", 10 * (n + 1)) for n in range(90)]
    assert list(site.captures.iterdir()) == []


async def looked(looks: list[Writing]) -> bool:
    return Writing.OPEN in looks


async def told(site: Site) -> bool:
    return bool(await site.incidents())


async def until(condition: Callable[[], Awaitable[bool]], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110 - the condition is a database row
            await asyncio.sleep(0.01)
