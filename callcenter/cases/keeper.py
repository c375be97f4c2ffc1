"""Tells people level by level of cases that stand still. The database alone knows who has been told: a service that
is killed and started again tells nobody twice, and what came due meanwhile is told at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.access import audit
from callcenter.access.tables import Account
from callcenter.cases import changes
from callcenter.cases.escalation import Level, Trigger, speaks
from callcenter.cases.escalation_tables import CaseEscalation, CaseNotice, EscalationLevel, WebhookDelivery
from callcenter.cases.tables import Case
from callcenter.clock import Clock
from callcenter.db.engine import Database, ReadSession, WriteSession
from callcenter.errors import Unavailable
from callcenter.ids import new_id
from callcenter.spool.fence import Fence, no_fence

LOOK_EVERY_S: Final = 10.0
_UNDONE: Final = Case.state.not_in(("resolved", "closed"))
_log = structlog.get_logger()


class EscalationKeeper:
    """``fence`` admits the copy that has the desk alone; ``hook``: whether another system is told as well."""

    def __init__(self, database: Database, clock: Clock, *, fence: Fence = no_fence, hook: bool = False) -> None:
        self._database, self._clock, self._fence, self._hook = database, clock, fence, hook

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                _log.warning("cases_not_read", reason=error.message)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """Tell what is due; how many levels spoke. Raises Unavailable."""
        now = self._clock.now()
        async with self._database.read() as session:
            levels: dict[str, list[EscalationLevel]] = defaultdict(list)
            for row in await session.scalars(select(EscalationLevel)):
                levels[row.kind].append(row)
            if not levels:
                return 0
            cases = list(await session.scalars(_standing(levels, now)))
            told = await _told(session, [case.number for case in cases])
            late = [case.number for case in cases if _due(case, levels[case.kind], told[case.number], now)]
        if not late:
            return 0
        async with self._database.write() as session:
            await self._fence(await session.direct())
            # Judged again under a lock. A case that somebody is changing now is looked at next time.
            wanted = select(Case).where(Case.number.in_(late)).order_by(Case.number)
            cases = list(await session.scalars(wanted.with_for_update(skip_locked=True)))
            told = await _told(session, late)
            spoken = 0
            for case in cases:
                for row in _due(case, levels[case.kind], told[case.number], now):
                    spoken += await self._speak(session, now, case, row)
            return spoken

    async def _speak(self, session: WriteSession, now: datetime, case: Case, row: EscalationLevel) -> bool:
        once = insert(CaseEscalation).values(
            number=case.number, opening=case.reopened, trigger=row.trigger, level=row.level, at=now
        )
        first = once.on_conflict_do_nothing().returning(CaseEscalation.number)
        if await session.scalar(first) is None:
            return False
        query = select(Account.id, Account.display_name).where(Account.id.in_(row.people), Account.active)
        people = dict((await session.execute(query.order_by(Account.display_name))).all())
        for account_id in people:
            session.add(
                CaseNotice(
                    id=new_id(),
                    account_id=account_id,
                    number=case.number,
                    at=now,
                    trigger=row.trigger,
                    level=row.level,
                    after_minutes=row.after_minutes,
                )
            )
        told: dict[str, Any] = {"trigger": row.trigger, "level": row.level, "after_minutes": row.after_minutes}
        changes.note(session, now, case.number, None, "escalated", **told, people=list(people.values()))
        audit.record(session, now, None, "case.escalated", str(case.number), **told, people=list(people.values()))
        if self._hook:
            what = {"number": case.number, "kind": case.kind, "department": case.department, "state": case.state}
            when = {"opened_at": case.opened_at.isoformat(), "due_at": case.due_at.isoformat(), "at": now.isoformat()}
            session.add(
                WebhookDelivery(
                    id=new_id(), at=now, event="case.escalated", body={**what, **told, **when}, attempts=0, next_at=now
                )
            )
        return True


def _standing(levels: Collection[str], now: datetime) -> Select[Case]:
    """Cases that have stood so long that the first level of their kind may have something to say."""
    first = select(func.min(EscalationLevel.after_minutes)).where(EscalationLevel.kind == Case.kind).scalar_subquery()
    begun = Case.since + func.make_interval(0, 0, 0, 0, 0, first)
    return select(Case).where(_UNDONE, Case.kind.in_(levels), begun <= now)


def _due(
    case: Case, rows: Sequence[EscalationLevel], told: Collection[tuple[int, str, int]], now: datetime
) -> list[EscalationLevel]:
    by_level = {(Trigger(row.trigger), row.level): row for row in rows}
    levels = [
        Level(trigger=trigger, level=level, after=timedelta(minutes=row.after_minutes))
        for (trigger, level), row in by_level.items()
    ]
    spoken = {(Trigger(trigger), level) for opening, trigger, level in told if opening == case.reopened}
    return [by_level[one.trigger, one.level] for one in speaks(changes.progress_of(case), levels, spoken, now)]


async def _told(session: ReadSession, numbers: list[int]) -> dict[int, set[tuple[int, str, int]]]:
    """Number → (opening, trigger, level) of what was told."""
    found: dict[int, set[tuple[int, str, int]]] = defaultdict(set)
    for row in await session.scalars(select(CaseEscalation).where(CaseEscalation.number.in_(numbers))):
        found[row.number].add((row.opening, row.trigger, row.level))
    return found
