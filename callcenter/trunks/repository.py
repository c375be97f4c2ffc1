"""The trunks' part of the database: which are out of service, and the day's calls of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.calls.tables import Contact
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.trunks.model import trunk_of
from callcenter.trunks.tables import TrunkOut


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfTrunk:
    """Calls since midnight; drills apart."""

    inbound: int = 0
    outbound: int = 0
    outbound_answered: int = 0

    @property
    def asr(self) -> float | None:
        """Answer-seizure ratio: calls of ours that were answered, of those that were made."""
        return self.outbound_answered / self.outbound if self.outbound else None


async def out_of_service(session: ReadSession) -> dict[str, datetime]:
    return {row.name: row.since for row in await session.scalars(select(TrunkOut))}


async def keep_out(session: WriteSession, name: str, by: str, note: str, at: datetime) -> None:
    row = insert(TrunkOut).values(name=name, since=at, by=by, note=note)
    await session.execute(row.on_conflict_do_nothing())


async def keep_in(session: WriteSession, name: str) -> None:
    await session.execute(delete(TrunkOut).where(TrunkOut.name == name))


async def day_of(session: ReadSession, since: datetime) -> dict[str, DayOfTrunk]:
    answered = func.sum(cast(Contact.answered_at.is_not(None), Integer))
    rows = await session.execute(
        select(Contact.trunk, Contact.direction, func.count(), answered)
        .where(Contact.started_at >= since, Contact.drill.is_(False))
        .group_by(Contact.trunk, Contact.direction)
    )
    found: dict[str, DayOfTrunk] = {}
    for endpoint, direction, count, answers in rows:
        name = trunk_of(endpoint)
        if name is None:
            continue
        old = found.get(name, DayOfTrunk())
        if direction == "inbound":
            found[name] = DayOfTrunk(
                inbound=old.inbound + count, outbound=old.outbound, outbound_answered=old.outbound_answered
            )
        else:
            found[name] = DayOfTrunk(
                inbound=old.inbound,
                outbound=old.outbound + count,
                outbound_answered=old.outbound_answered + int(answers or 0),
            )
    return found
