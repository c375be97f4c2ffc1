"""Contacts for tests, written as the calls' side writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from callcenter.calls.tables import Contact, SegmentRow
from callcenter.db.engine import Database
from callcenter.ids import new_id


async def contact(db: Database, at: datetime, number: str = "13800000001", **fields: Any) -> str:
    """One call that has begun."""
    call_id = fields.pop("id", None) or new_id()
    async with db.write() as session:
        session.add(Contact(id=call_id, caller_number=number, hotline="4008001", started_at=at, **fields))
    return call_id


async def segment(db: Database, call_id: str, seq: int, kind: str, at: datetime, **fields: Any) -> None:
    async with db.write() as session:
        session.add(SegmentRow(id=new_id(), contact_id=call_id, seq=seq, kind=kind, started_at=at, **fields))
