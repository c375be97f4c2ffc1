"""Tells people level by level of cases that stand still. The database alone knows who has been told: a service that
is killed and started again tells nobody twice, and what came due meanwhile is told at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from callcenter.access import audit
from callcenter.access.tables import Account
from callcenter.cases import changes
from callcenter.cases.escalation import Level, Trigger, speaks
from callcenter.cases.escalation_tables import CaseEscalation, CaseNotice, EscalationLevel, WebhookDelivery
from callcenter.cases.tables import Case
from callcenter.clock import Clock
from callcenter.db.engine import Database, WriteSession
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
        """Tell what is due, all of it or nothing; how many levels spoke. Raises Unavailable."""
        now = self._clock.now()
        async with self._database.write() as session:
            await self._fence(session)
            levels: dict[str, list[EscalationLevel]] = defaultdict(list)
            for row in await session.scalars(select(EscalationLevel)):
                levels[row.kind].append(row)
            if not levels:
                return 0
            # A case that somebody is changing now is looked at next time.
            early = select(func.min(EscalationLevel.after_minutes)).where(EscalationLevel.kind == Case.kind)
            minutes = early.scalar_subquery()
            standing = select(Case).where(
                _UNDONE,
                Case.kind.in_(levels),
                Case.since + func.make_interval(0, 0, 0, 0, 0, minutes) <= now,
            )
            cases = list(await session.scalars(standing.with_for_update(skip_locked=True).order_by(Case.number)))
            told = await _told(session, [case.number for case in cases])
            return sum([await self._tell(session, now, case, levels[case.kind], told[case.number]) for case in cases])

    async def _tell(
        self,
        session: WriteSession,
        now: datetime,
        case: Case,
        rows: list[EscalationLevel],
        told: set[tuple[int, str, int]],
    ) -> int:
        by_level = {(Trigger(row.trigger), row.level): row for row in rows}
        levels = [
            Level(trigger=trigger, level=level, after=timedelta(minutes=row.after_minutes))
            for (trigger, level), row in by_level.items()
        ]
        progress = changes.progress_of(case)
        spoken = {(Trigger(trigger), level) for opening, trigger, level in told if opening == case.reopened}
        due = speaks(progress, levels, spoken, now)
        for one in due:
            await self._speak(session, now, case, by_level[one.trigger, one.level])
        return len(due)

    async def _speak(self, session: WriteSession, now: datetime, case: Case, row: EscalationLevel) -> None:
        once = insert(CaseEscalation).values(
            number=case.number, opening=case.reopened, trigger=row.trigger, level=row.level, at=now
        )
        first = once.on_conflict_do_nothing().returning(CaseEscalation.number)
        if await session.scalar(first) is None:
            return
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
        audit.record(session, now, None, "case.escalated", str(case.number), **told, people=list(people))
        if self._hook:
            what = {"number": case.number, "kind": case.kind, "department": case.department, "state": case.state}
            when = {"opened_at": case.opened_at.isoformat(), "due_at": case.due_at.isoformat(), "at": now.isoformat()}
            session.add(
                WebhookDelivery(
                    id=new_id(), at=now, event="case.escalated", body={**what, **told, **when}, attempts=0, next_at=now
                )
            )


async def _told(session: WriteSession, numbers: list[int]) -> dict[int, set[tuple[int, str, int]]]:
    """Number → (opening, trigger, level) of what was told."""
    found: dict[int, set[tuple[int, str, int]]] = defaultdict(set)
    for row in await session.scalars(select(CaseEscalation).where(CaseEscalation.number.in_(numbers))):
        found[row.number].add((row.opening, row.trigger, row.level))
    return found
