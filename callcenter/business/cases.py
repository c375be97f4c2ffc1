"""Cases: what came of a call and is not done yet. The caller is given the number, and asks by it at any hour.

A case belongs to the outcome it was opened with; who wrote that is whose case it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from callcenter.access import audit
from callcenter.business.tables import Case, Outcome
from callcenter.db.engine import ReadSession, WriteSession
from callcenter.errors import NotFound

SAID: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("已经受理，等待处理", "received, and waiting to be worked on"),
    "working": ("正在处理", "being worked on"),
    "resolved": ("已经办结", "resolved"),
}
"""State → what a caller is told of it, in Chinese and in English."""


async def open_for(session: WriteSession, now: datetime, outcome: Outcome, *, by: str) -> None:
    """Give this outcome a case, if it has none yet."""
    values = {"outcome_id": outcome.id, "opened_at": now, "updated_at": now, "updated_by": by}
    await session.execute(insert(Case).values(**values).on_conflict_do_nothing(index_elements=["outcome_id"]))


async def of_outcomes(session: ReadSession, outcomes: Collection[str]) -> dict[str, Case]:
    """Outcome id → its case."""
    found = await session.scalars(select(Case).where(Case.outcome_id.in_(outcomes)))
    return {case.outcome_id: case for case in found}


async def by_number(session: ReadSession, number: str) -> tuple[Case, Outcome] | None:
    """The case that a caller's digits name."""
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    query = select(Case, Outcome).join(Outcome, Outcome.id == Case.outcome_id).where(Case.number == int(number))
    row = (await session.execute(query)).first()
    return None if row is None else (row[0], row[1])


async def set_state(session: WriteSession, now: datetime, number: int, state: str, *, by: str) -> Case:
    """Raises NotFound. What callers are told follows at once."""
    case = await session.get(Case, number, with_for_update=True)
    if case is None:
        raise NotFound(f"there is no case {number}")
    if case.state != state:
        audit.record(session, now, by, "case.state", str(number), before=case.state, after=state)
        case.state, case.updated_at, case.updated_by = state, now, by
    await session.flush()
    return case
