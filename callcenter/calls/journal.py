"""The journal: each call's events, numbered, in the spool before anything is done about them.

From the spool they go to PostgreSQL in order; contacts and segments are their projection. What a call has written
stays in the spool until the call is over and PostgreSQL has it all.

With each event goes how the call stands after it. Live calls are taken up from that: what the rules were that led there
is no matter to a service whose rules are others. Only events that are younger, where there are any, are walked again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import orjson
import structlog
from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from callcenter.calls import standing
from callcenter.calls.journal_format import FORMAT, encode
from callcenter.calls.messages import Phase
from callcenter.calls.projection import write_contacts
from callcenter.calls.rebuilt import Flows, rebuilt
from callcenter.calls.replay import Journalled, Left, Replayed, noted
from callcenter.calls.state import Call
from callcenter.calls.tables import CallStanding, JournalRow
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.errors import CallCenterError
from callcenter.ids import CallId
from callcenter.spool.store import Entry, Spool

_log = structlog.get_logger()
EVENT = "event"
"""The kind of the journal's entries in the spool."""
_APPEND = Fixed(
    insert(JournalRow.metadata.tables["journal"]).on_conflict_do_nothing(),
    *("call_id", "seq", "at", "kind", "version", "payload"),
)
_stand = insert(CallStanding.metadata.tables["call_standings"])
_STAND = Fixed(
    _stand.on_conflict_do_update(
        index_elements=["call_id"], set_={"seq": _stand.excluded.seq, "standing": _stand.excluded.standing}
    ),
    *("call_id", "seq", "standing"),
)
_FALL = Fixed(delete(CallStanding).where(CallStanding.call_id == bindparam("call_id")))

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
        self._standings: dict[CallId, tuple[int, bytes]] = {}
        """The same as it is written, and the number of that event."""
        self._waiting: dict[CallId, int] = {}
        """Events of a call that PostgreSQL does not have."""

    def append(self, call: Call, event: Journalled, at: datetime, left: Left) -> None:
        """Number an event and keep it, with how the call stands now; when this returns, the death of the process does
        not lose it."""
        number = self._numbers.get(call.id, 0) + 1
        kind, payload = type(event).__name__, orjson.Fragment(encode(event))
        entry = {"seq": number, "kind": kind, "version": FORMAT, "event": payload}
        stands = standing.encode(Replayed(call=noted(call), seq=number, last_at=at, left=left))
        try:
            self._spool.put(EVENT, call.id, at, orjson.dumps(entry), standing=stands)
        except CallCenterError as error:
            _log.error("event_not_kept", call_id=call.id, event_kind=kind, reason=error.message)
            return
        self._numbers[call.id] = number
        self._faces[call.id] = call
        self._standings[call.id] = (number, stands)
        self._waiting[call.id] = self._waiting.get(call.id, 0) + 1
        if call.phase is Phase.ENDED:
            del self._numbers[call.id]
        self._wake()

    async def write(self, direct: DirectWrite, entries: Sequence[Entry]) -> None:
        """The spool's handler: events and what the calls look like now."""
        rows, newest = [], dict[CallId, int]()
        for entry in entries:
            told = orjson.loads(entry.payload)
            newest[CallId(entry.key)] = told["seq"]
            row = {"call_id": entry.key, "seq": told["seq"], "at": entry.at, "kind": told["kind"]}
            rows.append({**row, "version": told["version"], "payload": told["event"]})
        await direct.put(_APPEND, rows)
        calls = [self._faces[call_id] for call_id in newest if call_id in self._faces]
        await write_contacts(direct, calls)
        await self._write_standings(direct, calls, newest)
        await self._beside(direct, calls)

    async def _write_standings(self, direct: DirectWrite, calls: Sequence[Call], newest: Mapping[CallId, int]) -> None:
        """Of the calls whose newest event is among these: no standing is there without the events it is made of."""
        stand, fall = [], []
        for call in calls:
            number, stands = self._standings.get(call.id, (0, b""))
            if number != newest[call.id]:
                continue
            if call.phase is Phase.ENDED:
                fall.append({"call_id": call.id})
            else:
                stand.append({"call_id": call.id, "seq": number, "standing": stands.decode()})
        for statement, rows in ((_STAND, stand), (_FALL, fall)):
            if rows:
                await direct.put(statement, rows)

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
            self._standings.pop(call_id, None)
            face = self._faces.pop(call_id, None)
            if face is not None and face.phase is Phase.ENDED:
                over.append(call_id)
        self._spool.forget(over)

    async def load(self, flows: Flows) -> tuple[list[Replayed], list[CallId]]:
        """After a start: the calls that were live, and the ids of those of which nothing can be read."""
        entries = sorted(self._spool.kept(EVENT), key=lambda entry: (entry.key, entry.number))
        pending = {entry.number for entry in self._spool.pending(10_000_000)} if entries else set()
        standings = self._spool.standings() if entries else {}
        live: list[Replayed] = []
        broken: list[CallId] = []
        for key, group in groupby(entries, key=lambda entry: entry.key):
            mine = list(group)
            call_id = CallId(key)
            self._waiting[call_id] = sum(entry.number in pending for entry in mine)
            found = await rebuilt(call_id, mine, standings.get(key), flows)
            if found is None:
                broken.append(call_id)
                continue
            self._faces[call_id] = found.call
            if key in standings:
                self._standings[call_id] = (found.seq, standing.encode(found))
            if found.call.phase is not Phase.ENDED:
                self._numbers[call_id] = found.seq
                live.append(found)
            elif not self._waiting[call_id]:
                self._spool.forget((call_id,))
        return live, broken
