"""The SQL of the audit: newest first, by person, group of deeds, what it was done to, and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.access.tables import Account, AuditEntry
from callcenter.business.tables import Customer
from callcenter.calls.tables import Contact
from callcenter.db.cursor import cursor_of, older
from callcenter.db.engine import ReadSession
from callcenter.outbound.tables import CallbackRow
from callcenter.roster.tables import ShiftRow
from callcenter.trail.telling import Entry, Names
from callcenter.trail.words import Words

NOBODY = "none"
"""In place of a person: the command line, and what the service did of itself."""
_group: ColumnElement[str] = literal_column("split_part(audit.action, '.', 1)")
"""As the index has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; None is any. ``person``: who did it, or :data:`NOBODY`. ``until`` is not included."""

    person: str | None = None
    group: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def page(
    session: ReadSession, wanted: Filter, *, cursor: str | None, limit: int
) -> tuple[list[Entry], str | None]:
    """Newest first, and the cursor of the next page. Raises BadRequest (cursor)."""
    query = _matching(wanted).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(older(cursor, AuditEntry.at, AuditEntry.id))
    rows = (await session.scalars(query)).all()
    found = [
        Entry(
            id=row.id,
            at=row.at,
            account_id=row.account_id,
            action=row.action,
            subject=row.subject,
            detail=row.detail,
        )
        for row in rows[:limit]
    ]
    return found, cursor_of(found[-1].at, found[-1].id) if len(rows) > limit else None


def _matching(wanted: Filter) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if wanted.person == NOBODY:
        query = query.where(AuditEntry.account_id.is_(None))
    elif wanted.person is not None:
        query = query.where(AuditEntry.account_id == wanted.person)
    if wanted.group is not None:
        query = query.where(_group == wanted.group)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query


async def names(session: ReadSession, entries: Sequence[Entry], queues: Mapping[str, Words]) -> Names:
    """What the accounts, customers, calls and shifts of some entries are called now."""
    accounts = {found for entry in entries for found in entry.accounts}
    customers = {entry.subject for entry in entries if entry.group in ("customer", "visit")}
    contacts = {entry.contact for entry in entries if entry.contact}
    callbacks = {entry.subject for entry in entries if entry.group == "callback"}
    shifts = await session.execute(select(ShiftRow.code, ShiftRow.title, ShiftRow.title_en))
    return Names(
        accounts=await _called(session, Account.id, Account.display_name, accounts),
        customers=await _called(session, Customer.id, Customer.name, customers),
        contacts=await _called(session, Contact.id, Contact.caller_number, contacts),
        callbacks=await _called(session, CallbackRow.id, CallbackRow.number, callbacks),
        shifts={code: (title, title_en or title) for code, title, title_en in shifts},
        queues=queues,
    )


async def _called(
    session: ReadSession, row_id: InstrumentedAttribute[str], name: InstrumentedAttribute[str], wanted: set[str]
) -> dict[str, str]:
    ids = [one for one in wanted if _is_id(one)]
    if not ids:
        return {}
    rows = await session.execute(select(row_id, name).where(row_id.in_(ids)))
    return {found: str(called) for found, called in rows}


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(letter in "0123456789abcdef" for letter in text)
