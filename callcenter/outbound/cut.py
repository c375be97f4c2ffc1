"""Customers whom the switch cut off when it died: each is called back, before everybody who waits.

What is owed is read from the database (calls that ended as ``switch_lost`` and have no call-back yet), so that neither
a restart of the service nor a database that is away for a while loses one, and none is called back twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import exists, or_, select

from callcenter.acd.desk import Desk
from callcenter.calls.tables import Contact
from callcenter.clock import Clock
from callcenter.db.engine import Database
from callcenter.errors import BadRequest, CallCenterError, Conflict
from callcenter.facts import Alarm
from callcenter.outbound.callbacks import CallbackRoom
from callcenter.outbound.tables import CallbackRow

FRONT = 9
"""The first priority there is."""
OWED_FOR = timedelta(hours=12)
"""Who was cut off longer ago has called again or been written to."""
EVERY_S = 30.0
SOON_S = 1.0
_SOON_TIMES = 10

_log = structlog.get_logger()


class CutCustomers:
    """``default_queue`` is for those who were in a menu still."""

    def __init__(
        self,
        db: Database,
        desk: Desk,
        clock: Clock,
        callbacks: CallbackRoom,
        *,
        default_queue: Callable[[], str],
        incident: Alarm,
    ) -> None:
        self._db, self._desk, self._clock, self._callbacks = db, desk, clock, callbacks
        self._default_queue, self._incident = default_queue, incident
        self._refused: set[str] = set()
        self._cut = asyncio.Event()

    def switch_lost(self) -> None:
        """Calls have been cut; their contacts are written any moment now."""
        self._cut.set()

    async def run(self) -> None:
        """Look for ever; ends only by cancellation."""
        while True:
            self._cut.clear()
            try:
                await self.settle()
            except CallCenterError as error:
                _log.warning("cut_customers_wait", reason=error.message)
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._cut.wait()
            except TimeoutError:
                continue
            for _ in range(_SOON_TIMES):
                await asyncio.sleep(SOON_S)
                try:
                    await self.settle()
                except CallCenterError:
                    break

    async def settle(self) -> int:
        """Give everybody who is owed one a call-back; returns how many that were. Raises Unavailable."""
        query = select(Contact).where(
            Contact.end_reason == "switch_lost",
            Contact.ended_at > self._clock.now() - OWED_FOR,
            Contact.drill.is_(False),
            Contact.caller_number != "",
            or_(Contact.direction == "inbound", Contact.answered_at.is_not(None)),
            ~exists().where(CallbackRow.contact_id == Contact.id),
            Contact.id.not_in(self._refused),
        )
        async with self._db.read() as session:
            owed = (await session.scalars(query.order_by(Contact.started_at).limit(500))).all()
        kept = 0
        for contact in owed:
            try:
                await self._callbacks.add(
                    number=contact.caller_number,
                    queue=contact.queue or self._default_queue(),
                    hotline=contact.hotline,
                    language=contact.language,
                    priority=FRONT,
                    since=contact.started_at,
                    contact_id=contact.id,
                    created_by="switch_lost",
                )
                kept += 1
            except (BadRequest, Conflict) as error:
                self._refused.add(contact.id)
                _log.warning("cut_customer_not_called_back", call_id=contact.id, reason=error.message)
        if owed:
            text = f"{kept} of {len(owed)} customers whom the switch cut off are called back first"
            self._incident("switch_lost", text, facts={"kept": kept, "owed": len(owed)})
        return kept
