"""The screen-pop: who calls, how they got here and what was said last, as one frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import orjson

from callcenter.access.tables import Account
from callcenter.acd.messages import OfferMade
from callcenter.business.caller import CallerRecord, caller_record
from callcenter.calls.state import Call
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.ivr.flow import FlowSet


class PopMaker:
    """Builds pops; without the database a pop says what the call itself knows."""

    def __init__(self, db: Database, flows: Callable[[], FlowSet]) -> None:
        self._db, self._flows = db, flows

    async def __call__(self, call: Call, offer: OfferMade) -> dict[str, object]:
        try:
            async with self._db.read() as session:
                record = await caller_record(session, call.caller_number, except_call=call.id)
                giver = await session.get(Account, call.transferred_by) if call.transferred_by else None
        except Unavailable:
            record, giver = CallerRecord(customer=None, last_contacts=()), None
        asker = None
        if offer.consult_by is not None and call.talk is not None:
            asker = call.talk.agent.name
        queue = self._flows().queues.get(offer.queue)
        customer = asdict(record.customer) if record.customer else None
        return {
            "offer_id": offer.offer_id,
            "call_id": call.id,
            "queue": offer.queue,
            "queue_title": queue.title if queue else offer.queue,
            "caller_number": call.caller_number,
            "hotline": call.hotline,
            "waited_s": round(offer.waited_s, 1),
            "path": orjson.loads(orjson.dumps(call.trace)),
            "customer": orjson.loads(orjson.dumps(customer)),
            "last_contacts": orjson.loads(orjson.dumps([asdict(contact) for contact in record.last_contacts])),
            "transferred_by": asker or (giver.display_name if giver else call.transferred_by),
            "consult": offer.consult_by is not None,
        }
