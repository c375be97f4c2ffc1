"""The screen-pop: who calls, how they got here and what was said last, as one frame."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import orjson

from callcenter.access.tables import Account
from callcenter.acd.messages import OfferMade
from callcenter.business.caller import CallerRecord, caller_record
from callcenter.calls.state import Call
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.ivr.flow import FlowSet

REMEMBERED: Final = 5000
"""Callers whose record is at hand when the database is away."""
PATIENCE_S: Final = 0.2
BEFORE_DIALLING_S: Final = 1.0
"""A telephone that does not ring yet may wait longer."""


class PopMaker:
    """Builds pops. Without the database a pop says what is remembered of the caller, or else what the call itself
    knows; ``source`` tells the page which: ``database``, ``memory`` or ``call``."""

    def __init__(self, db: Database, flows: Callable[[], FlowSet]) -> None:
        self._db, self._flows = db, flows
        self._recent: OrderedDict[str, CallerRecord] = OrderedDict()

    async def __call__(self, call: Call, offer: OfferMade) -> dict[str, object]:
        giver: str | None = call.transferred_by
        try:
            async with asyncio.timeout(PATIENCE_S), self._db.read() as session:
                record = await caller_record(session, call.caller_number, except_call=call.id)
                account = await session.get(Account, call.transferred_by) if call.transferred_by else None
            giver, source = account.display_name if account else giver, "database"
            self._remember(call.caller_number, record)
        except (Unavailable, TimeoutError):
            remembered = self._recent.get(call.caller_number)
            record = remembered or CallerRecord(customer=None, last_contacts=())
            source = "memory" if remembered else "call"
        if offer.consult_by is not None and call.talk is not None:
            giver = call.talk.agent.name
        queue = self._flows().queues.get(offer.queue)
        customer = asdict(record.customer) if record.customer else None
        return {
            "offer_id": offer.offer_id,
            "call_id": call.id,
            "queue": offer.queue,
            "queue_title": queue.title if queue else offer.queue,
            "caller_number": call.caller_number,
            "hotline": call.hotline,
            "purpose": call.purpose,
            "callback": asdict(offer.callback) if offer.callback else None,
            "waited_s": round(offer.waited_s, 1),
            "path": orjson.loads(orjson.dumps(call.trace)),
            "customer": orjson.loads(orjson.dumps(customer)),
            "last_contacts": orjson.loads(orjson.dumps([asdict(contact) for contact in record.last_contacts])),
            "transferred_by": giver,
            "consult": offer.consult_by is not None,
            "source": source,
        }

    async def prepare(self, number: str) -> None:
        """Look up whose number it is before it is dialled: the pop then has it at once. Gives up quietly."""
        try:
            async with asyncio.timeout(BEFORE_DIALLING_S), self._db.read() as session:
                self._remember(number, await caller_record(session, number))
        except (Unavailable, TimeoutError):
            pass

    def _remember(self, number: str, record: CallerRecord) -> None:
        self._recent[number] = record
        self._recent.move_to_end(number)
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
