"""The SQL of recordings. Every write may be repeated without harm: sealing is retried until it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.calls.tables import Contact, Incident
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.facts import Facts
from callcenter.ids import new_id
from callcenter.recording.tables import Recording
from callcenter.recording.wav import CHANNELS, RATE, Sealed

UNSEALED = ("capturing", "sealing")
"""``sealing`` is what earlier versions wrote between the two ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is known of a recording before it is heard. ``path`` is relative to the recordings folder."""

    call_id: str
    path: str
    node: str
    started_at: datetime


_rows = Recording.metadata.tables["recordings"]
_insert = insert(_rows)
_WHOSE = ("id", "contact_id", "path", "node", "started_at")
_BEGIN = Fixed(_insert.on_conflict_do_nothing(), *_WHOSE)
_settle = _insert.on_conflict_do_update(
    index_elements=["id"],
    set_={
        name: _insert.excluded[name]
        for name in ("path", "state", "duration_ms", "channels", "sample_rate", "bytes", "sha256", "sealed_at", "error")
    },
    where=_rows.c.state == any_(bindparam("unsealed", UNSEALED, type_=ARRAY(Text))),
).returning(_rows.c.id)
_NOTHING = dict.fromkeys(("duration_ms", "channels", "sample_rate", "bytes", "sha256", "sealed_at", "error"))
_SETTLE = Fixed(_settle, *_WHOSE, "state", *_NOTHING)
"""Makes a recording what it is; one that is settled already stays as it is, and gives no row."""


def _row(place: Place, state: str, facts: Mapping[str, object]) -> dict[str, object]:
    whose = {"id": place.call_id, "contact_id": place.call_id, "path": place.path, "node": place.node}
    return {**whose, "started_at": place.started_at, "state": state, **_NOTHING, **facts}


async def add(direct: DirectWrite, places: Iterable[Place]) -> None:
    """Captures run. One a call: the second one is ignored."""
    rows = [
        {"id": one.call_id, "contact_id": one.call_id, "path": one.path, "node": one.node, "started_at": one.started_at}
        for one in places
    ]
    await direct.put(_BEGIN, rows)


async def get(session: ReadSession, call_id: str) -> Recording | None:
    return await session.get(Recording, call_id)


async def of_contact(session: ReadSession, contact_id: str) -> Recording | None:
    """The contact's recording; where there are several, the newest."""
    query = select(Recording).where(Recording.contact_id == contact_id).order_by(Recording.started_at.desc()).limit(1)
    return (await session.scalars(query)).first()


async def unsealed(session: ReadSession) -> list[Recording]:
    query = select(Recording).where(Recording.state.in_(UNSEALED)).order_by(Recording.started_at)
    return list(await session.scalars(query))


async def began_at(session: ReadSession, call_id: str) -> datetime | None:
    """When the call began, as its contact has it."""
    began: datetime | None = await session.scalar(select(Contact.started_at).where(Contact.id == call_id))
    return began


async def mark_sealed(direct: DirectWrite, place: Place, sealed: Sealed, at: datetime) -> None:
    """``empty`` when nothing was said or heard: there is no file then."""
    facts = {
        "duration_ms": sealed.duration_ms,
        "channels": CHANNELS,
        "sample_rate": RATE,
        "bytes": sealed.size if sealed.frames else 0,
        "sha256": sealed.sha256 if sealed.frames else None,
        "sealed_at": at,
    }
    await direct.rows(_SETTLE, _row(place, "sealed" if sealed.frames else "empty", facts))


async def mark_failed(session: WriteSession, place: Place, error: str, at: datetime) -> None:
    """Give up on a recording, and tell operations in the same transaction."""
    direct = await session.direct()
    if await direct.rows(_SETTLE, _row(place, "failed", {"error": error})):
        await report(session, "recording_lost", error, place.call_id, at, facts={"reason": error})


async def report(
    session: WriteSession,
    kind: str,
    text: str,
    call_id: str | None,
    at: datetime,
    *,
    agent_id: str | None = None,
    facts: Facts | None = None,
    incident_id: str | None = None,
) -> None:
    """Tell operations of something that should not be. With an ``incident_id`` it may be told again, and stays one."""
    told = {"kind": kind, "text": text, "call_id": call_id, "agent_id": agent_id, "facts": dict(facts or {})}
    row = insert(Incident).values(id=incident_id or new_id(), at=at, **told)
    await session.execute(row.on_conflict_do_nothing())
