"""Who is calling: what the screen-pop shows. Two queries, because it must leave before the phone rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from callcenter.access.tables import Account
from callcenter.business.customers import CustomerRecord, find_by_number
from callcenter.business.numbers import variants
from callcenter.business.tables import Outcome
from callcenter.calls.tables import Contact, SegmentRow
from callcenter.db.engine import ReadSession

LAST_CONTACTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LastContact:
    id: str
    started_at: datetime
    queue: str | None
    agent_name: str | None
    disposition: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRecord:
    customer: CustomerRecord | None
    last_contacts: tuple[LastContact, ...]
    """Newest first, with the outcome written last; the call that is being looked up for is left out."""


async def caller_record(session: ReadSession, number: str, *, except_call: str | None = None) -> CallerRecord:
    """The customer with this number and what was last spoken about. A withheld number has neither."""
    spellings = variants(number)
    if not spellings:
        return CallerRecord(customer=None, last_contacts=())
    customer = await find_by_number(session, number)
    newer = aliased(Outcome)
    superseded = (
        select(newer.id)
        .where(
            newer.contact_id == Outcome.contact_id,
            or_(
                newer.updated_at > Outcome.updated_at,
                and_(newer.updated_at == Outcome.updated_at, newer.id > Outcome.id),
            ),
        )
        .exists()
    )
    whose: ColumnElement[bool] = Contact.caller_number.in_(spellings)
    if customer is not None:
        whose = or_(Contact.customer_id == customer.id, and_(Contact.customer_id.is_(None), whose))
    recent = (
        select(Contact).where(whose, ~Contact.drill).order_by(Contact.started_at.desc(), Contact.id.desc())
    ).limit(LAST_CONTACTS)
    if except_call is not None:
        recent = recent.where(Contact.id != except_call)
    last = aliased(Contact, recent.subquery())
    query = (
        select(last, Outcome, Account.display_name)
        .select_from(last)
        .outerjoin(Outcome, and_(Outcome.contact_id == last.id, ~superseded))
        .outerjoin(
            Account,
            or_(Account.id == Outcome.agent_id, and_(Outcome.id.is_(None), Account.id == last.answered_by)),
        )
        .order_by(last.started_at.desc(), last.id.desc())
    )
    rows = await session.execute(query)
    return CallerRecord(
        customer=customer,
        last_contacts=tuple(
            LastContact(
                id=contact.id,
                started_at=contact.started_at,
                queue=contact.queue,
                agent_name=name,
                disposition=outcome.disposition if outcome else None,
                note=outcome.note if outcome else "",
            )
            for contact, outcome, name in rows
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiar:
    """What routing wants to know of a caller."""

    customer_id: str | None
    vip: bool
    agent_id: str | None
    """The customer's owner, else who spoke last with this customer or number."""


async def familiar(session: ReadSession, number: str, since: datetime) -> Familiar | None:
    """Who has this number, and which agent knows them; who spoke before ``since`` does not count. None: nobody."""
    spellings = variants(number)
    if not spellings:
        return None
    customer = await find_by_number(session, number)
    agent_id = customer.owner_account_id if customer else None
    if agent_id is None:
        whose: ColumnElement[bool] = Contact.caller_number.in_(spellings)
        if customer is not None:
            whose = or_(Contact.customer_id == customer.id, whose)
        agent_id = await session.scalar(
            select(SegmentRow.agent_id)
            .join(Contact, Contact.id == SegmentRow.contact_id)
            .where(
                whose,
                ~Contact.drill,
                Contact.started_at >= since,
                SegmentRow.kind == "talk",
                SegmentRow.agent_id.is_not(None),
            )
            .order_by(SegmentRow.started_at.desc())
            .limit(1)
        )
    if customer is None and agent_id is None:
        return None
    return Familiar(
        customer_id=customer.id if customer else None, vip=customer.vip if customer else False, agent_id=agent_id
    )
