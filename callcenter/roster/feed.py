"""An agent's shifts as an iCalendar feed, for the calendar in their pocket (RFC 5545)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from callcenter.db.engine import ReadSession, WriteSession
from callcenter.roster.shifts import ShiftKind, span_of
from callcenter.roster.tables import AssignmentRow, FeedRow


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def renew(session: WriteSession, account_id: str, now: datetime) -> str:
    """A new secret for the agent's feed; the last one is void."""
    token = secrets.token_urlsafe(24)
    values = {"token_hash": _hash(token), "created_at": now}
    await session.execute(
        insert(FeedRow)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=[FeedRow.account_id], set_=values)
    )
    return token


async def owner(session: ReadSession, token: str) -> str | None:
    """Whose feed it is; None: nobody's."""
    found: str | None = await session.scalar(select(FeedRow.account_id).where(FeedRow.token_hash == _hash(token)))
    return found


def calendar(
    rows: Iterable[AssignmentRow], kinds: Mapping[str, ShiftKind], zone: tzinfo, name: str, language: str
) -> bytes:
    """Events in UTC, so that every calendar shows them right whatever it knows of zones."""
    from icalendar import Calendar, Event  # read when first needed, for the service's sake, which must start fast

    made = Calendar()
    made.add("prodid", "-//callcenter//roster//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"{name} · roster" if language == "en" else f"{name} · 排班")
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for row in rows:
        kind = kinds.get(row.shift)
        if kind is None:
            continue
        span = span_of(kind, row.day, zone)
        event = Event()
        event.add("uid", f"{row.id}@callcenter")
        event.add("dtstamp", row.updated_at)
        event.add("last-modified", row.updated_at)
        event.add("dtstart", span.begins)
        event.add("dtend", span.ends)
        event.add("summary", (kind.title_en if language == "en" else "") or kind.title)
        if row.note:
            event.add("description", row.note)
        event.add("transp", "TRANSPARENT" if kind.on_call else "OPAQUE")
        made.add_component(event)
    encoded: bytes = made.to_ical()
    return encoded
