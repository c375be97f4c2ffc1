"""The screen-pop: who calls, how they got here and what was said last, as one frame."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

import orjson

from callcenter.access.tables import Account
from callcenter.acd.messages import OfferMade
from callcenter.business.caller import CallerRecord, caller_record
from callcenter.calls.state import Call
from callcenter.cases import repository as cases
from callcenter.db.engine import Database
from callcenter.errors import Unavailable
from callcenter.ids import CallId
from callcenter.ivr.flow import FlowSet

REMEMBERED: Final = 5000
"""Callers whose record is at hand when the database is away."""
PATIENCE_S: Final = 0.2
BEFORE_RINGING_S: Final = 1.0
"""A telephone that does not ring yet may wait longer."""
GOOD_FOR_S: Final = 60.0
"""A record looked up so lately is shown at once."""
FRESH_S: Final = 2.0
"""One so new is not looked up again after it was shown."""
Frame = Mapping[str, object]
_NOBODY: Final = CallerRecord(customer=None, last_contacts=())


@dataclass(frozen=True, slots=True)
class _Known:
    record: CallerRecord
    at: float
    """When it was looked up, by the monotonic clock."""


class PopMaker:
    """Builds pops. A record that was looked up while the caller was in the menu is there at once, so that the telephone
    need not wait for the database; :meth:`newer` sees to what was written meanwhile. Without the database a pop says
    what is remembered of the caller, or else what the call itself knows; ``source`` tells the page which:
    ``database``, ``memory`` or ``call``."""

    def __init__(
        self,
        db: Database,
        flows: Callable[[], FlowSet],
        clock: Callable[[], float] = time.monotonic,
        *,
        promised: Callable[[CallId], str] = lambda place: "",
    ) -> None:
        """``promised``: what was noted with a call-back place."""
        self._db, self._flows, self._clock, self._promised = db, flows, clock, promised
        self._recent: OrderedDict[str, _Known] = OrderedDict()
        self._asked: dict[str, asyncio.Task[CallerRecord]] = {}
        """Look-ups under way, by number."""

    async def __call__(self, call: Call, offer: OfferMade) -> dict[str, object]:
        number = call.caller_number
        known, source = self._recent.get(number), "database"
        if known is None or self._clock() - known.at > GOOD_FOR_S:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    known = await self._look_up(number, call.id)
            except (Unavailable, TimeoutError):
                source = "memory" if known else "call"
        record = known.record if known else _NOBODY
        return await self._frame(call, offer, record, source)

    async def newer(self, call: Call, offer: OfferMade, shown: Frame) -> dict[str, object] | None:
        """The pop again, where what was shown was looked up a while ago (or not at all) and more is known now."""
        known = self._recent.get(call.caller_number)
        asked = shown["case"]
        whole = shown["source"] == "database" and (not isinstance(asked, dict) or "state" in asked)
        if whole and known is not None and self._clock() - known.at < FRESH_S:
            return None
        try:
            now = await self._look_up(call.caller_number, call.id)
        except Unavailable:
            return None
        frame = await self._frame(call, offer, now.record, "database")
        same = all(frame[part] == shown[part] for part in ("source", "customer", "last_contacts", "case"))
        return None if same else frame

    async def prepare(self, number: str, *, except_call: str | None = None) -> None:
        """Look up whose number it is, so that the pop has it at once. Gives up quietly."""
        try:
            async with asyncio.timeout(BEFORE_RINGING_S):
                await self._look_up(number, except_call)
        except (Unavailable, TimeoutError):
            pass

    async def _look_up(self, number: str, except_call: str | None) -> _Known:
        """Raises Unavailable. Who asks for what is being asked already waits for that answer."""
        task = self._asked.get(number)
        if task is None:
            task = self._asked[number] = asyncio.create_task(self._ask(number, except_call))
            task.add_done_callback(lambda done: self._settled(number, done))
        record = await asyncio.shield(task)
        known = self._recent[number] = _Known(record, self._clock())
        self._recent.move_to_end(number)
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        return known

    def _settled(self, number: str, task: asyncio.Task[CallerRecord]) -> None:
        del self._asked[number]
        if not task.cancelled():
            task.exception()  # whoever still waits for it is told; nobody may be left to wait

    async def _ask(self, number: str, except_call: str | None) -> CallerRecord:
        async with self._db.direct() as direct:
            return await caller_record(direct, number, except_call=except_call)

    async def _name_of(self, account_id: str) -> str:
        """Of who passed the call on. A name is not worth more waiting than that."""
        try:
            async with asyncio.timeout(PATIENCE_S), self._db.read() as session:
                account = await session.get(Account, account_id)
        except (Unavailable, TimeoutError):
            return account_id
        return account.display_name if account else account_id

    async def _case_of(self, call: Call) -> dict[str, object] | None:
        """The case that the caller asked for in the menu, as far as it is known in time."""
        number = next((entry.detail for entry in reversed(call.trace) if entry.event == "found" and entry.detail), "")
        if not number:
            return None
        try:
            async with asyncio.timeout(PATIENCE_S), self._db.read() as session:
                found = await cases.by_number(session, number)
        except (Unavailable, TimeoutError):
            found = None
        if found is None:
            return {"number": number}
        case, outcome = found
        return {
            "number": number,
            "state": case.state,
            "opened_at": case.opened_at.isoformat(),
            "updated_at": case.updated_at.isoformat(),
            "contact_id": outcome.contact_id if outcome else None,
            "disposition": outcome.disposition if outcome else None,
            "note": outcome.note if outcome else case.subject,
        }

    async def _frame(self, call: Call, offer: OfferMade, record: CallerRecord, source: str) -> dict[str, object]:
        giver = await self._name_of(call.transferred_by) if call.transferred_by else None
        if offer.consult_by is not None and call.talk is not None:
            giver = call.talk.agent.name
        queue = self._flows().queues.get(offer.queue)
        customer = asdict(record.customer) if record.customer else None
        return {
            "offer_id": offer.offer_id,
            "call_id": call.id,
            "queue": offer.queue,
            "queue_title": queue.title if queue else offer.queue,
            "queue_title_en": queue.title_en if queue else "",
            "caller_number": call.caller_number,
            "hotline": call.hotline,
            "purpose": call.purpose,
            "callback": asdict(offer.callback) | {"note": self._promised(offer.call_id)} if offer.callback else None,
            "waited_s": round(offer.waited_s, 1),
            "case": await self._case_of(call),
            "path": orjson.loads(orjson.dumps(call.trace)),
            "customer": orjson.loads(orjson.dumps(customer)),
            "last_contacts": orjson.loads(orjson.dumps([asdict(contact) for contact in record.last_contacts])),
            "transferred_by": giver,
            "given_by": call.wait.given_by if call.wait and call.wait.given_to == offer.agent.agent_id else None,
            "consult": offer.consult_by is not None,
            "source": source,
        }
