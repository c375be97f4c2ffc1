"""The journal: each call's events, numbered, in the spool before anything is done about them.

From the spool they go to PostgreSQL in order; contacts and segments are their projection. What a call has written
stays in the spool until the call is over and PostgreSQL has it all: live calls are rebuilt from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby

import orjson
import structlog
from sqlalchemy.dialects.postgresql import insert

from callcenter.calls.journal_format import FORMAT, decode, encode
from callcenter.calls.messages import Phase
from callcenter.calls.projection import write_contacts
from callcenter.calls.replay import Journalled, Replayed, replay
from callcenter.calls.state import Call
from callcenter.calls.tables import JournalRow
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.errors import CallCenterError
from callcenter.ids import CallId
from callcenter.ivr.flow import FlowSet
from callcenter.spool.store import Entry, Spool

_log = structlog.get_logger()
EVENT = "event"
"""The kind of the journal's entries in the spool."""
_APPEND = Fixed(
    insert(JournalRow.metadata.tables["journal"]).on_conflict_do_nothing(),
    *("call_id", "seq", "at", "kind", "version", "payload"),
)

Beside = Callable[[DirectWrite, Sequence[Call]], Awaitable[None]]
"""What else is written of calls in the transaction that writes their contacts."""


async def _nothing(_direct: DirectWrite, _calls: Sequence[Call]) -> None:
    pass


class CallJournal:
    def __init__(self, spool: Spool, wake: Callable[[], None] = lambda: None, *, beside: Beside = _nothing) -> None:
        self._spool, self._wake, self._beside = spool, wake, beside
        self._numbers: dict[CallId, int] = {}
        self._faces: dict[CallId, Call] = {}
        """Each call as its newest event left it, until PostgreSQL has that."""
        self._waiting: dict[CallId, int] = {}
        """Events of a call that PostgreSQL does not have."""

    def append(self, call: Call, event: Journalled, at: datetime) -> None:
        """Number an event and keep it; when this returns, the death of the process does not lose it."""
        number = self._numbers.get(call.id, 0) + 1
        kind, payload = type(event).__name__, orjson.Fragment(encode(event))
        entry = {"seq": number, "kind": kind, "version": FORMAT, "event": payload}
        try:
            self._spool.put(EVENT, call.id, at, orjson.dumps(entry))
        except CallCenterError as error:
            _log.error("event_not_kept", call_id=call.id, event_kind=kind, reason=error.message)
            return
        self._numbers[call.id] = number
        self._faces[call.id] = call
        self._waiting[call.id] = self._waiting.get(call.id, 0) + 1
        if call.phase is Phase.ENDED:
            del self._numbers[call.id]
        self._wake()

    async def write(self, direct: DirectWrite, entries: Sequence[Entry]) -> None:
        """The spool's handler: events and what the calls look like now."""
        rows = []
        for entry in entries:
            told = orjson.loads(entry.payload)
            row = {"call_id": entry.key, "seq": told["seq"], "at": entry.at, "kind": told["kind"]}
            rows.append({**row, "version": told["version"], "payload": told["event"]})
        await direct.put(_APPEND, rows)
        touched = dict.fromkeys(CallId(entry.key) for entry in entries)
        calls = [self._faces[call_id] for call_id in touched if call_id in self._faces]
        await write_contacts(direct, calls)
        await self._beside(direct, calls)

    def shipped(self, entries: Iterable[Entry]) -> None:
        """PostgreSQL has these; calls that are over and wholly there leave the spool."""
        over = []
        for entry in entries:
            call_id = CallId(entry.key)
            if entry.kind != EVENT:
                continue
            left = self._waiting.get(call_id, 1) - 1
            if left > 0:
                self._waiting[call_id] = left
                continue
            self._waiting.pop(call_id, None)
            face = self._faces.pop(call_id, None)
            if face is not None and face.phase is Phase.ENDED:
                over.append(call_id)
        self._spool.forget(over)

    async def load(self, flows: Callable[[str], Awaitable[FlowSet]]) -> tuple[list[Replayed], list[CallId]]:
        """After a start: the calls that were live, and the ids of those whose journal cannot be read.

        ``flows`` gives the flow set of a version.
        """
        entries = sorted(self._spool.kept(EVENT), key=lambda entry: (entry.key, entry.number))
        pending = {entry.number for entry in self._spool.pending(10_000_000)} if entries else set()
        live: list[Replayed] = []
        broken: list[CallId] = []
        for key, group in groupby(entries, key=lambda entry: entry.key):
            mine = list(group)
            call_id = CallId(key)
            self._waiting[call_id] = sum(entry.number in pending for entry in mine)
            try:
                # What came from the database stands behind what only this disk had.
                events = sorted((_event(entry) for entry in mine), key=lambda event: event[0])
                found = replay(await flows(_version(events)), events)
            except Exception as error:  # one call's journal must not keep the others from coming back
                # What others raise quotes what it does not like, and that is customers'.
                reason = str(error) if type(error) is ValueError else type(error).__name__
                _log.error("journal_unreadable", call_id=call_id, reason=reason)
                broken.append(call_id)
                continue
            self._faces[call_id] = found.call
            if found.call.phase is not Phase.ENDED:
                self._numbers[call_id] = found.seq
                live.append(found)
            elif not self._waiting[call_id]:
                self._spool.forget((call_id,))
        return live, broken


def _event(entry: Entry) -> tuple[int, datetime, Journalled]:
    told = orjson.loads(entry.payload)
    return told["seq"], entry.at, decode(told["kind"], told["version"], told["event"])


def _version(events: Sequence[tuple[int, datetime, Journalled]]) -> str:
    return str(getattr(events[0][2], "flow_version", ""))
