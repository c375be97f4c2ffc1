"""Who is calling: what the screen-pop shows. Two queries, because it must leave before the phone rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, any_, bindparam, or_, select
from sqlalchemy.orm import aliased

from callcenter.access.tables import Account
from callcenter.business.customers import CustomerRecord, find_by_number
from callcenter.business.numbers import variants
from callcenter.business.tables import Outcome
from callcenter.calls.tables import Contact, SegmentRow
from callcenter.cases.tables import Case
from callcenter.db.direct import Direct, Fixed

LAST_CONTACTS = 5
_NO_CALL: Final = "0" * 32


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


async def caller_record(direct: Direct, number: str, *, except_call: str | None = None) -> CallerRecord:
    """The customer with this number and what was last spoken about. A withheld number has neither."""
    spellings = variants(number)
    if not spellings:
        return CallerRecord(customer=None, last_contacts=())
    customer = await find_by_number(direct, number)
    binds: dict[str, object] = {"numbers": list(spellings), "except_call": except_call or _NO_CALL}
    if customer is not None:
        binds["customer"] = customer.id
    rows = await direct.rows(_LAST_CONTACTS[customer is not None], binds)
    return CallerRecord(
        customer=customer,
        last_contacts=tuple(
            LastContact(
                id=id_,
                started_at=started_at,
                queue=queue,
                agent_name=name,
                disposition=disposition,
                note=note or "",
            )
            for id_, started_at, queue, name, disposition, note in rows
        ),
    )


def _last_contacts(*, known: bool) -> Select[str, datetime, str | None, str | None, str | None, str | None]:
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
    last = (
        select(Contact.id, Contact.started_at, Contact.queue, Contact.answered_by)
        .where(_theirs(known=known), ~Contact.drill, Contact.id != bindparam("except_call"))
        .order_by(Contact.started_at.desc(), Contact.id.desc())
        .limit(LAST_CONTACTS)
        .subquery()
    )
    return (
        select(last.c.id, last.c.started_at, last.c.queue, Account.display_name, Outcome.disposition, Outcome.note)
        .select_from(last)
        .outerjoin(Outcome, and_(Outcome.contact_id == last.c.id, ~superseded))
        .outerjoin(
            Account,
            or_(Account.id == Outcome.agent_id, and_(Outcome.id.is_(None), Account.id == last.c.answered_by)),
        )
        .order_by(last.c.started_at.desc(), last.c.id.desc())
    )


def _theirs(*, known: bool) -> ColumnElement[bool]:
    """The customer's contacts, and those from their number that are nobody's. Binds ``numbers`` and ``customer``."""
    by_number = Contact.caller_number == any_(bindparam("numbers", type_=ARRAY(Text)))
    if not known:
        return by_number
    return or_(Contact.customer_id == bindparam("customer"), and_(Contact.customer_id.is_(None), by_number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiar:
    """What routing wants to know of a caller."""

    customer_id: str | None
    vip: bool
    agent_id: str | None
    """Who owns their newest case that is not done, else the customer's owner, else who spoke last with this customer or
    number."""


async def familiar(direct: Direct, number: str, since: datetime) -> Familiar | None:
    """Who has this number, and which agent knows them; who spoke before ``since`` does not count. None: nobody."""
    spellings = variants(number)
    if not spellings:
        return None
    customer = await find_by_number(direct, number)
    known = customer is not None
    binds: dict[str, object] = {"numbers": list(spellings), **({"customer": customer.id} if customer else {})}
    cases = await direct.rows(_CASE_OWNER[known], binds)
    agent_id = cases[0][0] if cases else customer.owner_account_id if customer else None
    if agent_id is None:
        spoke = await direct.rows(_SPOKE_LAST[known], {**binds, "since": since})
        agent_id = spoke[0][0] if spoke else None
    if customer is None and agent_id is None:
        return None
    return Familiar(
        customer_id=customer.id if customer else None, vip=customer.vip if customer else False, agent_id=agent_id
    )


def _spoke_last(*, known: bool) -> Select[str | None]:
    return (
        select(SegmentRow.agent_id)
        .join(Contact, Contact.id == SegmentRow.contact_id)
        .where(
            _theirs(known=known),
            ~Contact.drill,
            Contact.started_at >= bindparam("since"),
            SegmentRow.kind == "talk",
            SegmentRow.agent_id.is_not(None),
        )
        .order_by(SegmentRow.started_at.desc())
        .limit(1)
    )


def _case_owner(*, known: bool) -> Select[str | None]:
    """Of those who take calls: a department's clerk has no telephone here."""
    theirs = Case.caller_number == any_(bindparam("numbers", type_=ARRAY(Text)))
    if known:
        theirs = or_(Case.customer_id == bindparam("customer"), and_(Case.customer_id.is_(None), theirs))
    return (
        select(Case.owner_id)
        .join(Account, Account.id == Case.owner_id)
        .where(theirs, Case.state != "resolved", Case.state != "closed", Account.active, Account.extension.is_not(None))
        .order_by(Case.updated_at.desc())
        .limit(1)
    )


# Asked for every call, while its telephone waits to ring.
_LAST_CONTACTS: Final = {known: Fixed(_last_contacts(known=known)) for known in (False, True)}
_CASE_OWNER: Final = {known: Fixed(_case_owner(known=known)) for known in (False, True)}
_SPOKE_LAST: Final = {known: Fixed(_spoke_last(known=known)) for known in (False, True)}
