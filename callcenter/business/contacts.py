"""Calls as the business reads them: the list, page by page, and everything about one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select

from callcenter.access.tables import Account
from callcenter.business.customers import CustomerRecord
from callcenter.business.customers import get as get_customer
from callcenter.business.numbers import variants
from callcenter.business.tables import Customer, Outcome
from callcenter.calls.tables import TRUNK_OF, Contact, Rating, SegmentRow
from callcenter.cases.repository import of_contact, of_outcomes
from callcenter.cases.tables import Case
from callcenter.db.cursor import cursor_of, older
from callcenter.db.engine import ReadSession
from callcenter.errors import NotFound
from callcenter.quality import repository as quality
from callcenter.quality.tables import LegSoundRow
from callcenter.recording.tables import Recording


class Kind(StrEnum):
    """The calls that one looks for: a caller's that an agent answered, or nobody; one of ours to somebody outside."""

    ANSWERED = "answered"
    MISSED = "missed"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; None is any. ``since`` is included, ``until`` is not."""

    since: datetime | None = None
    until: datetime | None = None
    number: str | None = None
    agent_id: str | None = None
    queue: str | None = None
    hotline: str | None = None
    trunk: str | None = None
    """As reports name it: all its endpoints; ``phone`` is every browser's test telephone."""
    disposition: str | None = None
    customer_id: str | None = None
    kind: Kind | None = None
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call in the list."""

    contact: Contact
    customer_name: str | None
    agent_name: str | None
    dispositions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    lines: tuple[Line, ...]
    next: str | None
    """Cursor of the page after this one; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    contact: Contact
    customer: CustomerRecord | None
    segments: tuple[SegmentRow, ...]
    outcomes: tuple[Outcome, ...]
    recordings: tuple[Recording, ...]
    ratings: tuple[Rating, ...]
    sounds: tuple[LegSoundRow, ...]
    names: dict[str, str]
    """Account id → name, for every agent who had a part."""
    cases: dict[str, Case]
    """Outcome id → the case that was opened with it."""
    about: tuple[Case, ...]
    """The cases that this call is about, whichever call they were opened in."""


def took_part(agent_id: str) -> ColumnElement[bool]:
    """Whether the agent answered the call or has a segment of it."""
    return or_(Contact.answered_by == agent_id, _has_segment(agent_id))


def _has_segment(agent_id: str) -> ColumnElement[bool]:
    """Who answered a call has one. Asked alone it is asked from call to call down a page; with an ``or`` beside it
    PostgreSQL first reads all that the agent ever did."""
    return select(SegmentRow.id).where(SegmentRow.contact_id == Contact.id, SegmentRow.agent_id == agent_id).exists()


def _filtered(wanted: Filter) -> Select[Contact]:
    query = select(Contact)
    if not wanted.drill:
        query = query.where(~Contact.drill)
    if wanted.since is not None:
        query = query.where(Contact.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Contact.started_at < wanted.until)
    if wanted.number is not None:
        query = query.where(Contact.caller_number.in_(variants(wanted.number)))
    if wanted.customer_id is not None:
        query = query.where(Contact.customer_id == wanted.customer_id)
    if wanted.agent_id is not None:
        query = query.where(_has_segment(wanted.agent_id))
    if wanted.queue is not None:
        # The last queue that the contact itself names has a segment too; asked by ``or`` no index would help.
        waited = select(SegmentRow.id).where(SegmentRow.contact_id == Contact.id, SegmentRow.queue == wanted.queue)
        query = query.where(waited.exists())
    if wanted.hotline is not None:
        query = query.where(Contact.hotline == wanted.hotline)
    if wanted.trunk is not None:
        query = query.where(literal_column(TRUNK_OF) == wanted.trunk)
    if wanted.disposition is not None:
        written = select(Outcome.id).where(Outcome.contact_id == Contact.id, Outcome.disposition == wanted.disposition)
        query = query.where(written.exists())
    match wanted.kind:
        case Kind.ANSWERED:
            query = query.where(Contact.direction == "inbound", Contact.answered_at.is_not(None))
        case Kind.MISSED:
            over = Contact.ended_at.is_not(None)
            query = query.where(Contact.direction == "inbound", Contact.answered_at.is_(None), over)
        case Kind.OUTBOUND:
            query = query.where(Contact.direction == "outbound")
        case None:
            pass
        case _:
            assert_never(wanted.kind)
    return query


async def page(session: ReadSession, wanted: Filter, *, cursor: str | None, limit: int) -> Page:
    """Newest first. New calls that arrive meanwhile move nothing on later pages. Raises BadRequest (cursor)."""
    query = _filtered(wanted).order_by(Contact.started_at.desc(), Contact.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(older(cursor, Contact.started_at, Contact.id))
    found = list(await session.scalars(query))
    contacts, more = found[:limit], len(found) > limit
    names = await _names(session, {c.answered_by for c in contacts if c.answered_by})
    customers = await _customer_names(session, {c.customer_id for c in contacts if c.customer_id})
    dispositions: dict[str, tuple[str, ...]] = {}
    written = (
        select(Outcome.contact_id, Outcome.disposition)
        .where(Outcome.contact_id.in_([c.id for c in contacts]))
        .order_by(Outcome.created_at, Outcome.id)
    )
    for contact_id, disposition in await session.execute(written):
        dispositions[contact_id] = (*dispositions.get(contact_id, ()), disposition)
    return Page(
        lines=tuple(
            Line(
                contact=contact,
                customer_name=customers.get(contact.customer_id or ""),
                agent_name=names.get(contact.answered_by or ""),
                dispositions=dispositions.get(contact.id, ()),
            )
            for contact in contacts
        ),
        next=cursor_of(contacts[-1].started_at, contacts[-1].id) if more else None,
    )


async def _names(session: ReadSession, ids: set[str]) -> dict[str, str]:
    rows = await session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return dict(rows.all())


async def _customer_names(session: ReadSession, ids: set[str]) -> dict[str, str]:
    rows = await session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    return dict(rows.all())


async def record(session: ReadSession, contact_id: str) -> ContactRecord:
    """Everything about one call. Raises NotFound."""
    contact = await session.get(Contact, contact_id)
    if contact is None:
        raise NotFound("no such call")

    segments = await session.scalars(
        select(SegmentRow).where(SegmentRow.contact_id == contact_id).order_by(SegmentRow.track, SegmentRow.seq)
    )
    outcomes = await session.scalars(
        select(Outcome).where(Outcome.contact_id == contact_id).order_by(Outcome.created_at, Outcome.id)
    )
    recordings = await session.scalars(
        select(Recording).where(Recording.contact_id == contact_id).order_by(Recording.started_at, Recording.id)
    )
    ratings = await session.scalars(select(Rating).where(Rating.contact_id == contact_id).order_by(Rating.at))
    parts: tuple[Sequence[SegmentRow], Sequence[Outcome]] = (segments.all(), outcomes.all())
    sounds = await quality.of_call(session, contact_id)
    agents = {part.agent_id for rows in (*parts, sounds) for part in rows if part.agent_id}
    return ContactRecord(
        contact=contact,
        customer=await get_customer(session, contact.customer_id) if contact.customer_id else None,
        segments=tuple(parts[0]),
        outcomes=tuple(parts[1]),
        recordings=tuple(recordings),
        ratings=tuple(ratings),
        sounds=tuple(sounds),
        names=await _names(session, agents | ({contact.answered_by} if contact.answered_by else set())),
        cases=await of_outcomes(session, [outcome.id for outcome in parts[1]]),
        about=await of_contact(session, contact_id),
    )


async def has_part(session: ReadSession, contact_id: str, agent_id: str) -> bool:
    """Whether the database knows of a part of this agent in this call."""
    query = select(Contact.id).where(and_(Contact.id == contact_id, took_part(agent_id)))
    return await session.scalar(query) is not None
