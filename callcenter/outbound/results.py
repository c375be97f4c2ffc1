"""What became of call-backs, on its way to the database: by the spool, so that neither an outage nor a death in it
forgets that a customer was reached, and rings twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import update

from callcenter.clock import Clock
from callcenter.db.engine import WriteSession
from callcenter.errors import CallCenterError
from callcenter.ids import CallId
from callcenter.outbound.tables import CallbackRow
from callcenter.spool.store import Entry, Spool

RESULT: Final = "callback"
"""The kind of these entries in the spool."""
_LOOK_S = 0.05
_INSTANTS = ("next_attempt_at", "closed_at")
_log = structlog.get_logger()


class Results:
    """``wake`` is told that there is something new in the spool."""

    def __init__(self, spool: Spool, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        self._spool, self._clock, self._wake = spool, clock, wake

    def keep(self, place: CallId, values: Mapping[str, Any]) -> None:
        """Columns of a place's row that change."""
        try:
            self._spool.put(RESULT, "", self._clock.now(), orjson.dumps({"place": place, "values": dict(values)}))
        except CallCenterError as error:
            _log.error("callback_result_not_kept", place=place, reason=error.message)
        self._wake()

    async def written(self, patience_s: float) -> bool:
        """Wait until the database has all that the spool was given so far, also by others: rows that are read after
        it are not of the past. False: not in that time."""
        upto = self._spool.last
        try:
            async with asyncio.timeout(patience_s):
                while self._spool.owes(upto):  # noqa: ASYNC110 - asked four times a minute, mostly once
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            return False
        return True


async def write_results(session: WriteSession, entries: Sequence[Entry]) -> None:
    """The spool's handler."""
    for entry in entries:
        told = orjson.loads(entry.payload)
        values = {name: _read(name, value) for name, value in told["values"].items()}
        await session.execute(update(CallbackRow).where(CallbackRow.id == told["place"]).values(**values))


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if value is not None and name in _INSTANTS else value
