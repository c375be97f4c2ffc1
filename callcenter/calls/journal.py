"""The journal: each call's events, numbered, written in order; contacts and segments are its projection.

Writing never holds up a call: events are encoded at once, gathered for a moment and committed in groups. A
database that is away is tried again until it is back; numbers make a repeat harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from callcenter.calls import messages as m
from callcenter.calls.messages import Phase
from callcenter.calls.state import Call
from callcenter.calls.tables import Contact, JournalRow, SegmentRow
from callcenter.db.engine import Database, WriteSession
from callcenter.errors import Unavailable
from callcenter.ids import CallId, new_id

_log = structlog.get_logger()
FORMAT = 1
"""Version of the payloads."""
GATHER_S = 0.02
LARGEST_BATCH = 500
MAX_BACKLOG = 200_000
"""Events kept while the database is away (about 100 MB); the oldest are never dropped, the newest are, loudly."""
_RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class _Entry:
    call: Call
    row: dict[str, Any]


class CallJournal:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._entries: list[_Entry] = []
        self._numbers: dict[CallId, int] = {}
        self._news = asyncio.Event()

    @property
    def backlog(self) -> int:
        """Events not yet committed."""
        return len(self._entries)

    def append(self, call: Call, event: m.Event, at: datetime) -> None:
        """Number an event and put it in line for the database."""
        number = self._numbers.get(call.id, 0) + 1
        self._numbers[call.id] = number
        if call.phase is Phase.ENDED:
            del self._numbers[call.id]
        if len(self._entries) >= MAX_BACKLOG:
            _log.error("journal_full", call_id=call.id, lost=type(event).__name__)
            return
        row = {
            "call_id": call.id,
            "seq": number,
            "at": at,
            "kind": type(event).__name__,
            "version": FORMAT,
            "payload": payload_of(event),
        }
        self._entries.append(_Entry(call, row))
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled; what is still waiting then is written by :meth:`drain`."""
        while True:
            await self._news.wait()
            await asyncio.sleep(GATHER_S)
            await self._write_some()

    async def drain(self) -> None:
        """Write all that is waiting. Returns when it is committed or the database refuses."""
        while self._entries and await self._write_some():
            pass

    async def _write_some(self) -> bool:
        batch = self._entries[:LARGEST_BATCH]
        try:
            async with self._db.write() as session:
                await _write(session, batch)
        except (Unavailable, DBAPIError) as error:
            _log.warning("journal_waits", backlog=len(self._entries), error=type(error).__name__)
            await asyncio.sleep(_RETRY_S)
            return False
        del self._entries[: len(batch)]
        if not self._entries:
            self._news.clear()
        return True


def payload_of(event: m.Event) -> dict[str, Any]:
    """The event as JSON. Key presses are masked: nobody can tell a PIN from a choice once it is written."""
    if isinstance(event, m.Key):
        return {"digit": "•"}
    payload: dict[str, Any] = orjson.loads(orjson.dumps(event, default=_plain))
    return payload


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


async def _write(session: WriteSession, batch: Iterable[_Entry]) -> None:
    entries = list(batch)
    await session.execute(insert(JournalRow).on_conflict_do_nothing(), [entry.row for entry in entries])
    # Of each call only its newest face matters.
    newest = {entry.call.id: entry.call for entry in entries}
    for call in newest.values():
        await write_contact(session, call)


async def write_contact(session: WriteSession, call: Call) -> None:
    """Make the contact and its segments what the call is now."""
    values = {
        "direction": "inbound",
        "hotline": call.hotline,
        "trunk": call.trunk,
        "caller_number": call.caller_number,
        "flow": call.flow,
        "flow_version": call.flow_version,
        "language": call.language,
        "started_at": call.arrived_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "end_reason": call.end_reason if call.ended_at else None,
        "ended_by": call.ended_by if call.ended_at else None,
        "answered_by": call.answered_by,
        "transfers": call.transfers,
        "drill": call.drill,
        "menu_trace": orjson.loads(orjson.dumps(call.trace)),
        "node": call.node,
    }
    if call.wait is not None:
        values["queue"] = call.wait.queue
    statement = insert(Contact).values(id=call.id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[Contact.id], set_=values))
    for number, segment in enumerate(call.segments, start=1):
        facts = {
            "kind": segment.kind.value,
            "agent_id": segment.agent_id,
            "queue": segment.queue,
            "started_at": segment.started_at,
            "ended_at": segment.ended_at,
            "result": segment.result,
        }
        row = insert(SegmentRow).values(id=new_id(), contact_id=call.id, seq=number, **facts)
        await session.execute(row.on_conflict_do_update(index_elements=["contact_id", "seq"], set_=facts))
