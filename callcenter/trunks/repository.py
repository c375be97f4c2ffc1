"""The trunks' part of the database: which are out of service, and the day's calls of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.calls.tables import Contact
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.trunks.model import trunk_of
from callcenter.trunks.tables import TrunkDay, TrunkOut


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfTrunk:
    """Calls since midnight. Inbound without drills; outbound are attempts, each at the trunk that was tried."""

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


async def count(session: WriteSession, day: date, tally: Mapping[tuple[str, bool], int]) -> None:
    """Add calls of ours: (trunk, answered) → how many."""
    for name in sorted({name for name, _ in tally}):
        made, answered = tally.get((name, False), 0), tally.get((name, True), 0)
        row = insert(TrunkDay).values(name=name, day=day, attempts=made, answered=answered)
        more = {"attempts": TrunkDay.attempts + made, "answered": TrunkDay.answered + answered}
        await session.execute(row.on_conflict_do_update(index_elements=["name", "day"], set_=more))


async def day_of(session: ReadSession, since: datetime, day: date) -> dict[str, DayOfTrunk]:
    """Today of each trunk that had any call; ``since`` is when the site's ``day`` began."""
    rows = await session.execute(
        select(Contact.trunk, func.count())
        .where(Contact.started_at >= since, Contact.drill.is_(False), Contact.direction == "inbound")
        .group_by(Contact.trunk)
    )
    inbound = {name: many for endpoint, many in rows if (name := trunk_of(endpoint)) is not None}
    ours = {row.name: row for row in await session.scalars(select(TrunkDay).where(TrunkDay.day == day))}
    return {
        name: DayOfTrunk(
            inbound=inbound.get(name, 0),
            outbound=ours[name].attempts if name in ours else 0,
            outbound_answered=ours[name].answered if name in ours else 0,
        )
        for name in inbound.keys() | ours.keys()
    }
