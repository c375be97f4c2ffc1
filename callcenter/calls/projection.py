"""Contacts and segments: what the calls look like now, as the business sees them. The journal is what they follow.

The statements are built once, and all calls of a group go by one of each: building one for each call cost more than
everything else that the service did for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Table, bindparam, column, func, select, table, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert

from callcenter.calls.state import Call
from callcenter.calls.tables import Contact, SegmentRow
from callcenter.db.base import HexId
from callcenter.db.direct import DirectWrite, Fixed
from callcenter.ids import new_id


def _upsert(table: Table, key: Sequence[str], facts: Sequence[str]) -> Insert:
    """A row for each, or its ``facts`` made what they are now; a row that is so already is left alone."""
    statement = insert(table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(key),
        set_={name: new[name] for name in facts},
        where=tuple_(*(table.c[name] for name in facts)).is_distinct_from(tuple_(*(new[name] for name in facts))),
    )


_CONTACT_FACTS = (
    "direction",
    "purpose",
    "hotline",
    "trunk",
    "caller_number",
    "flow",
    "flow_version",
    "language",
    "started_at",
    "answered_at",
    "ended_at",
    "end_reason",
    "ended_by",
    "answered_by",
    "transfers",
    "drill",
    "menu_trace",
    "node",
)
_KNOWN = "recognised"
"""Bind of the customer whom the caller was recognised as."""
_SEGMENT_FACTS = ("kind", "agent_id", "queue", "number", "started_at", "ended_at", "result")
_SEGMENT_KEY = ("contact_id", "track", "seq")
_customers = table("customers", column("id", HexId()))
_contacts, _segments = Contact.metadata.tables["contacts"], SegmentRow.metadata.tables["segments"]


def _upsert_contacts(*more: str) -> Insert:
    """Whom an agent made a call's customer stays so; before that it is who was recognised, unless that record has
    been deleted meanwhile."""
    facts = (*_CONTACT_FACTS, *more)
    known = select(_customers.c.id).where(_customers.c.id == bindparam(_KNOWN, type_=HexId())).scalar_subquery()
    statement = insert(_contacts).values({name: bindparam(name) for name in ("id", *facts)} | {"customer_id": known})
    new = statement.excluded
    columns = [_contacts.c[name] for name in facts]
    values = [new[name] for name in facts]
    customer = func.coalesce(_contacts.c.customer_id, new.customer_id)
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={**{name: new[name] for name in facts}, "customer_id": customer},
        where=tuple_(*columns, _contacts.c.customer_id).is_distinct_from(tuple_(*values, customer)),
    )


_QUEUELESS = Fixed(_upsert_contacts())
_QUEUED = Fixed(_upsert_contacts("queue"))
_SEGMENT = Fixed(_upsert(_segments, _SEGMENT_KEY, _SEGMENT_FACTS), "id", *_SEGMENT_KEY, *_SEGMENT_FACTS)


async def write_contacts(direct: DirectWrite, calls: Iterable[Call]) -> None:
    """Make the contacts of these calls, and their segments, what the calls are now."""
    queued: list[dict[str, Any]] = []
    queueless: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    for call in calls:
        row = _contact(call)
        (queued if "queue" in row else queueless).append(row)
        segments += _segments_of(call)
    for statement, rows in ((_QUEUED, queued), (_QUEUELESS, queueless), (_SEGMENT, segments)):
        if rows:
            await direct.put(statement, rows)


def _contact(call: Call) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": call.id,
        "direction": call.direction,
        "purpose": call.purpose,
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
        _KNOWN: call.customer_id,
    }
    if call.wait is not None:
        row["queue"] = call.wait.queue
    elif call.direction == "outbound" and call.segments:
        row["queue"] = call.segments[0].queue
    return row


def _segments_of(call: Call) -> list[dict[str, Any]]:
    """What the caller lived through (track 0), and what colleagues who were asked did beside it (track 1)."""
    return [
        {
            "id": new_id(),
            "contact_id": call.id,
            "track": track,
            "seq": number,
            "kind": segment.kind.value,
            "agent_id": segment.agent_id,
            "queue": segment.queue,
            "number": segment.number,
            "started_at": segment.started_at,
            "ended_at": segment.ended_at,
            "result": segment.result,
        }
        for track, lived in enumerate((call.segments, call.beside))
        for number, segment in enumerate(lived, start=1)
    ]
