"""Makes the visits of the days ahead and settles what came of the calls for them, by what the database says alone.

A call that was answered and has its outcome closes the visit, and the next one follows; one that nobody answered is a
try. So a service that dies in between counts nothing twice.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

import structlog
from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from callcenter.business.tables import Customer, Outcome
from callcenter.calls.tables import Contact
from callcenter.clock import Clock
from callcenter.db.engine import Database, WriteSession
from callcenter.errors import Unavailable
from callcenter.ids import new_id
from callcenter.spool.fence import Fence, no_fence
from callcenter.visits.rules import AHEAD, REACHED_OUT, after_failure, next_visit
from callcenter.visits.tables import ReturnVisit

LOOK_EVERY_S: Final = 15.0
AT_ONCE: Final = 500
"""Customers, when visits are made."""
MAKE_EVERY: Final = timedelta(minutes=10)
"""Every customer is looked at for it."""
LOST_AFTER: Final = timedelta(hours=6)
"""A call that the database knows nothing of after so long has not been."""
_log = structlog.get_logger()


class VisitKeeper:
    def __init__(self, database: Database, clock: Clock, zone: tzinfo, *, fence: Fence = no_fence) -> None:
        self._database, self._clock, self._zone, self._fence = database, clock, zone, fence
        self._make_at: datetime | None = None

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                _log.warning("visits_not_read", reason=error.message)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Settle what is settled, make what is to be made. Raises Unavailable."""
        now = self._clock.now()
        async with self._database.write() as session:
            await self._fence(await session.direct())
            await _settle(session, now)
        if self._make_at is None or now >= self._make_at:
            await self._make(now)
            self._make_at = now + MAKE_EVERY

    async def _make(self, now: datetime) -> None:
        """For each customer who may be called and has none: the next one, if it lies near. In parts, so that neither
        the desk's lease nor our own loop waits for many customers."""
        last = "0" * 32
        while True:
            async with self._database.read() as session:
                rows = (await session.execute(_without(last))).all()
            made = [one for row in rows for one in _next(row, now, self._zone)]
            if made:
                async with self._database.write() as session:
                    await self._fence(await session.direct())
                    await session.execute(insert(ReturnVisit).on_conflict_do_nothing(), made)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1][0]


async def _settle(session: WriteSession, now: datetime) -> None:
    unwanted = (
        update(ReturnVisit)
        .where(ReturnVisit.state == "due", ReturnVisit.customer_id.in_(select(Customer.id).where(Customer.no_calls)))
        .values(state="cancelled", closed_at=now)
    )
    await session.execute(unwanted.execution_options(synchronize_session=False))
    wrote = (
        select(Outcome.agent_id)
        .where(Outcome.contact_id == Contact.id)
        .order_by(Outcome.created_at)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(ReturnVisit, Contact, wrote)
        .outerjoin(Contact, Contact.id == ReturnVisit.contact_id)
        .where(ReturnVisit.state == "due", ReturnVisit.calling_since.is_not(None))
        .with_for_update(of=ReturnVisit, skip_locked=True)
    )
    for visit, contact, agent_id in (await session.execute(query)).all():
        if contact is None:
            over = visit.calling_since is not None and now - visit.calling_since > LOST_AFTER
            if over:
                visit.calling_since = None
        elif contact.answered_at is not None:
            if agent_id is not None:
                visit.state, visit.closed_at, visit.closed_by = "done", now, agent_id
                visit.calling_since = None
        elif contact.ended_at is not None:
            visit.calling_since = None
            if contact.end_reason not in REACHED_OUT:
                continue
            visit.tries += 1
            visit.next_try_at = after_failure(visit.tries, now)
            if visit.next_try_at is None:
                visit.state, visit.closed_at = "missed", now
    await session.flush()


def _without(after: str) -> Select[str, date | None, datetime, date | None]:
    """Customers who may be called and have no visit, by id, with the day of their last one."""
    due = select(ReturnVisit.id).where(ReturnVisit.customer_id == Customer.id, ReturnVisit.state == "due")
    last = select(func.max(ReturnVisit.due_on)).where(ReturnVisit.customer_id == Customer.id).scalar_subquery()
    query = select(Customer.id, Customer.customer_since, Customer.created_at, last)
    return query.where(~Customer.no_calls, ~due.exists(), Customer.id > after).order_by(Customer.id).limit(AT_ONCE)


def _next(row: Any, now: datetime, zone: tzinfo) -> list[dict[str, object]]:
    customer_id, since, created_at, last_due = row
    today = now.astimezone(zone).date()
    begun = since or created_at.astimezone(zone).date()
    # What lies in the past is not made up for: a customer of many years gets their next visit, not all of them.
    after = max(filter(None, (last_due, today - timedelta(days=1))))
    day = next_visit(begun, after)
    if day > today + AHEAD:
        return []
    return [{"id": new_id(), "customer_id": customer_id, "due_on": day, "created_at": now}]
