"""One call out of what the last service wrote of it: how it stood, and the events that are younger than that.

Whatever is there, it concerns this call alone. What cannot be read, or what these rules raise for, is passed over; the
call is then doubtful, and the switch and the desk say where it is (:mod:`callcenter.calls.adopting`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
import structlog

from callcenter.calls import standing
from callcenter.calls.journal_format import decode
from callcenter.calls.replay import Entry as Event
from callcenter.calls.replay import Replayed, replay, salvage
from callcenter.ids import CallId
from callcenter.ivr.flow import FlowSet
from callcenter.spool.store import Entry

Flows = Callable[[str], Awaitable[FlowSet]]
"""Gives the flow set of a version, or the nearest that there is."""
_Told = tuple[int, datetime, dict[str, Any]]
_log = structlog.get_logger()


async def rebuilt(call_id: CallId, entries: Sequence[Entry], stands: bytes | None, flows: Flows) -> Replayed | None:
    """``stands``: what was written with the newest entry. None when not even a beginning can be read."""
    since = _standing(call_id, stands)
    told, torn = _told(entries)
    younger = [one for one in told if since is None or one[0] > since.seq]
    if since is not None and not younger:
        return since
    try:
        events = [_event(one) for one in younger]
        if torn:
            raise ValueError(f"{torn} entries are torn")
        found = replay(await flows(_version(events, since)), events, since)
        return replace(found, doubtful=stands is not None and since is None)
    except Exception as error:
        _tell(call_id, error)
    try:
        events = [event for one in younger if (event := _if_read(one)) is not None]
        return salvage(await flows(_version(events, since)), events, since)
    except Exception as error:
        _tell(call_id, error)
        return replace(since, seq=younger[-1][0], doubtful=True) if since is not None else None


def _tell(call_id: CallId, error: Exception) -> None:
    # What others raise quotes what it does not like, and that is customers'.
    reason = str(error) if type(error) is ValueError else type(error).__name__
    _log.error("journal_unreadable", call_id=call_id, reason=reason)


def _standing(call_id: CallId, stands: bytes | None) -> Replayed | None:
    try:
        return standing.decode(stands) if stands is not None else None
    except Exception as error:
        _log.error("standing_unreadable", call_id=call_id, reason=str(error))
        return None


def _told(entries: Sequence[Entry]) -> tuple[list[_Told], int]:
    """In their order, as what came from the database stands behind what only this disk had; and how many are torn."""
    told: list[_Told] = []
    for entry in entries:
        try:
            one = orjson.loads(entry.payload)
            told.append((int(one["seq"]), entry.at, one))
        except (KeyError, TypeError, ValueError):
            continue
    told.sort(key=lambda one: one[0])
    return told, len(entries) - len(told)


def _event(told: _Told) -> Event:
    number, at, one = told
    return number, at, decode(one["kind"], one["version"], one["event"])


def _if_read(told: _Told) -> Event | None:
    try:
        return _event(told)
    except Exception:  # told before, by who tried to read them all
        return None


def _version(events: Sequence[Event], since: Replayed | None) -> str:
    if since is not None:
        return since.call.flow_version
    return str(getattr(events[0][2], "flow_version", "")) if events else ""
