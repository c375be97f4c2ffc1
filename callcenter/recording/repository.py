"""The SQL of recordings. Every write may be repeated without harm: sealing is retried until it is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from callcenter.calls.tables import Incident
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.ids import new_id
from callcenter.recording.tables import Recording
from callcenter.recording.wav import CHANNELS, RATE, Sealed

UNSEALED = ("capturing", "sealing")


async def add(session: WriteSession, call_id: str, contact_id: str, path: str, node: str, at: datetime) -> None:
    """A capture has begun. One a call: the second one is ignored."""
    row = {"id": call_id, "contact_id": contact_id, "path": path, "node": node, "started_at": at}
    await session.execute(insert(Recording).values(row).on_conflict_do_nothing())


async def get(session: ReadSession, call_id: str) -> Recording | None:
    return await session.get(Recording, call_id)


async def of_contact(session: ReadSession, contact_id: str) -> Recording | None:
    """The contact's recording; where there are several, the newest."""
    query = select(Recording).where(Recording.contact_id == contact_id).order_by(Recording.started_at.desc()).limit(1)
    return (await session.scalars(query)).first()


async def unsealed(session: ReadSession) -> list[Recording]:
    query = select(Recording).where(Recording.state.in_(UNSEALED)).order_by(Recording.started_at)
    return list(await session.scalars(query))


async def mark_sealing(session: WriteSession, call_id: str) -> None:
    await session.execute(
        update(Recording).where(Recording.id == call_id, Recording.state == "capturing").values(state="sealing")
    )


async def mark_sealed(session: WriteSession, call_id: str, sealed: Sealed, at: datetime) -> None:
    """``empty`` when nothing was said or heard: there is no file then."""
    await session.execute(
        update(Recording)
        .where(Recording.id == call_id)
        .values(
            state="sealed" if sealed.frames else "empty",
            duration_ms=sealed.duration_ms,
            channels=CHANNELS,
            sample_rate=RATE,
            bytes=sealed.size if sealed.frames else 0,
            sha256=sealed.sha256 if sealed.frames else None,
            sealed_at=at,
            error=None,
        )
    )


async def mark_failed(session: WriteSession, call_id: str, error: str, at: datetime) -> None:
    """Give up on a recording, and tell operations in the same transaction."""
    changed = await session.execute(
        update(Recording)
        .where(Recording.id == call_id, Recording.state.in_(UNSEALED))
        .values(state="failed", error=error)
        .returning(Recording.id)
    )
    if changed.first() is not None:
        await report(session, "recording_lost", error, call_id, at)


async def report(
    session: WriteSession, kind: str, text: str, call_id: str | None, at: datetime, *, agent_id: str | None = None
) -> None:
    """Tell operations of something that should not be."""
    session.add(Incident(id=new_id(), at=at, kind=kind, text=text, call_id=call_id, agent_id=agent_id))
