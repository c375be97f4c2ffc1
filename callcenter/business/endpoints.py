"""Customers, calls and their outcomes over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import bindparam, select

from callcenter.access import audit
from callcenter.access.guard import ServiceStaff, SignedIn, require
from callcenter.access.roles import EVERYONE, LEADS, Role
from callcenter.access.schemas import HEX_ID
from callcenter.access.sessions import Principal
from callcenter.access.tables import Account
from callcenter.business import contacts, customers, outcomes
from callcenter.business.schemas import (
    BreakReasonOut,
    ContactLine,
    ContactOut,
    ContactPage,
    CustomerIn,
    CustomerOut,
    CustomerPage,
    CustomerPatch,
    DispositionOut,
    OutcomeIn,
    OutcomeOut,
    OutcomeQueued,
    OutcomeSaved,
)
from callcenter.business.tables import BreakReason, Customer, Disposition
from callcenter.calls.tables import Contact
from callcenter.cases import repository as cases
from callcenter.cases.changes import Opening
from callcenter.cases.tables import Case
from callcenter.context import Services, ServicesDep
from callcenter.db.direct import Fixed
from callcenter.errors import Conflict, NotFound, NotPermitted, Unavailable

router = APIRouter(prefix="/api/v1", tags=["business"])

_MAY_BE_EMPTY: Final = frozenset({"owner_account_id", "customer_since"})
"""What null takes away from a customer; null for anything else changes nothing."""
_PATIENCE_S: Final = 3.0
"""How long an outcome waits for a database that does not answer, before it is kept on our disk."""

_WHOSE: Final = Fixed(
    select(
        select(Account.display_name).where(Account.id == bindparam("agent")).scalar_subquery(),
        select(Contact.customer_id).where(Contact.id == bindparam("contact")).scalar_subquery(),
        select(Case.number).where(Case.outcome_id == bindparam("outcome")).exists(),
    )
)
"""The agent's name, the call's customer, and whether the outcome has a case."""
Id = Annotated[str, Path(pattern=HEX_ID)]
Limit = Annotated[int, Query(ge=1, le=200)]


def _may_mark(who: Principal, *, vip: bool | None, owner: str | None) -> None:
    """Who is a VIP, and whose customer they are, is for leads to say: both change who is served first."""
    if who.role not in LEADS and (vip or owner not in (None, who.account_id)):
        raise NotPermitted("ask a team lead to mark a VIP or to give a customer to a colleague")


@router.get("/customers")
async def search_customers(
    who: ServiceStaff,
    made: ServicesDep,
    q: Annotated[str, Query(max_length=120)] = "",
    before: Annotated[str | None, Query(pattern=HEX_ID)] = None,
    limit: Limit = 50,
) -> CustomerPage:
    """By part of a name, a company or a number; newest first. ``next`` is the ``before`` of the next page."""
    async with made.db.read() as session:
        found = await customers.search(session, q, before=before, limit=limit + 1)
    shown = found[:limit]
    return CustomerPage(
        customers=[CustomerOut.of(record) for record in shown], next=shown[-1].id if len(found) > limit else None
    )


@router.get("/customers/{customer_id}")
async def get_customer(customer_id: Id, who: ServiceStaff, made: ServicesDep) -> CustomerOut:
    """One customer with all numbers."""
    async with made.db.read() as session:
        return CustomerOut.of(await customers.get(session, customer_id))


@router.post("/customers", status_code=201)
async def create_customer(body: CustomerIn, who: ServiceStaff, made: ServicesDep) -> CustomerOut:
    """Add a customer; earlier calls from these numbers become theirs. 409 when a number is another's."""
    _may_mark(who, vip=body.vip, owner=body.owner_account_id)
    now = made.clock.now()
    phones = tuple(customers.Phone(number=phone.number, label=phone.label) for phone in body.phones)
    async with made.db.write() as session:
        fields = body.model_dump(exclude={"phones"})
        customer_id = await customers.create(session, now, phones=phones, **fields)
        audit.record(session, now, who.account_id, "customer.created", customer_id)
        return CustomerOut.of(await customers.get(session, customer_id))


@router.patch("/customers/{customer_id}")
async def change_customer(customer_id: Id, body: CustomerPatch, who: ServiceStaff, made: ServicesDep) -> CustomerOut:
    """Change what is given; ``phones``, if given, replaces all numbers."""
    given = body.model_dump(exclude_unset=True, exclude={"phones", "updated_at"})
    values = {name: value for name, value in given.items() if value is not None or name in _MAY_BE_EMPTY}
    now = made.clock.now()
    async with made.db.write() as session:
        row = await session.scalar(select(Customer).where(Customer.id == customer_id).with_for_update())
        if row is None:
            raise NotFound("no such customer")
        if values.get("vip", row.vip) != row.vip or values.get("owner_account_id", row.owner_account_id) not in (
            row.owner_account_id,
            who.account_id,
        ):
            _may_mark(who, vip=True, owner=None)
        if body.updated_at is not None and body.updated_at != row.updated_at:
            raise Conflict(
                "this customer was changed meanwhile; look at the record again before saving",
                details={"updated_at": row.updated_at.isoformat()},
            )
        before = CustomerOut.of(await customers.get(session, customer_id))
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = now
        await session.flush()
        if body.phones is not None:
            phones = tuple(customers.Phone(number=phone.number, label=phone.label) for phone in body.phones)
            await customers.set_phones(session, customer_id, phones)
        after = CustomerOut.of(await customers.get(session, customer_id))
        changed = audit.changes(_told(before), _told(after))
        audit.record(session, now, who.account_id, "customer.changed", customer_id, changes=changed)
        return after


def _told(customer: CustomerOut) -> dict[str, object]:
    """What the audit compares. Notes may be long: their beginning says which they were."""
    told = customer.model_dump(mode="json", exclude={"id", "created_at", "updated_at"})
    phones = [" ".join(filter(None, (phone.number, phone.label))) for phone in customer.phones]
    return {**told, "notes": customer.notes[:200], "phones": phones}


@router.get("/contacts")
async def list_contacts(
    who: ServiceStaff,
    made: ServicesDep,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    number: Annotated[str | None, Query(max_length=40)] = None,
    agent: Annotated[str | None, Query(pattern=HEX_ID)] = None,
    queue: Annotated[str | None, Query(max_length=64)] = None,
    hotline: Annotated[str | None, Query(max_length=64)] = None,
    trunk: Annotated[str | None, Query(max_length=64, description="As reports name it")] = None,
    disposition: Annotated[str | None, Query(max_length=64)] = None,
    customer: Annotated[str | None, Query(pattern=HEX_ID)] = None,
    kind: contacts.Kind | None = None,
    drill: bool = False,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
) -> ContactPage:
    """Calls, newest first. Agents list their own calls, or all those of one customer or number."""
    if who.role is Role.AGENT and customer is None and number is None:
        if agent not in (None, who.account_id):
            raise NotPermitted("agents list their own calls, or those of one customer")
        agent = who.account_id
    wanted = contacts.Filter(
        since=since,
        until=until,
        number=number,
        agent_id=agent,
        queue=queue,
        hotline=hotline,
        trunk=trunk,
        disposition=disposition,
        customer_id=customer,
        kind=kind,
        drill=drill,
    )
    async with made.db.read() as session:
        found = await contacts.page(session, wanted, cursor=cursor, limit=limit)
    return ContactPage(contacts=[ContactLine.of(line) for line in found.lines], next=found.next)


@router.get("/contacts/{contact_id}")
async def get_contact(contact_id: Id, who: ServiceStaff, made: ServicesDep) -> ContactOut:
    """One call with its segments, outcomes, menu path, recordings and customer."""
    async with made.db.read() as session:
        return ContactOut.of(await contacts.record(session, contact_id))


@router.put("/contacts/{contact_id}/outcome", responses={202: {"model": OutcomeQueued}})
async def save_outcome(
    contact_id: Id, body: OutcomeIn, who: ServiceStaff, made: ServicesDep, response: Response
) -> OutcomeSaved | OutcomeQueued:
    """Save what came of a call, during it or after: an agent of their own call, a lead of any.

    Everything (outcome, customer, link) is visible to all when this answers, or nothing of it is. While the database
    is away the answer is 202 with ``queued``: it is kept on our disk and written, once and in order, when it is back.
    """
    lead = who.role in LEADS
    if not lead and body.agent_id not in (None, who.account_id):
        raise NotPermitted("only a team lead writes another agent's outcome")
    wish = outcomes.OutcomeWish(
        disposition=body.disposition,
        note=body.note,
        department=body.department,
        open_case=body.open_case,
        case=Opening(**body.case.model_dump()) if body.case else None,
        about_case=body.about_case,
        customer=body.customer.model_dump(exclude_none=True) if body.customer else None,
        seen=body.updated_at,
    )
    mine = made.in_call(contact_id, who.account_id)
    may_keep = made.keep_outcome is not None and (lead or mine)
    if not (may_keep and made.outcomes_wait()):
        try:
            async with asyncio.timeout(_PATIENCE_S if may_keep else None):
                return await _save_now(contact_id, body, wish, who, made)
        except (Unavailable, TimeoutError):
            if not may_keep:
                raise
        except NotFound:
            if not (may_keep and mine):  # a call that is live here and on its way to the database
                raise
    assert made.keep_outcome is not None
    response.status_code = 202
    return OutcomeQueued(at=made.keep_outcome(contact_id, body.agent_id or who.account_id, wish, who.account_id))


async def _save_now(
    contact_id: str, body: OutcomeIn, wish: outcomes.OutcomeWish, who: Principal, made: Services
) -> OutcomeSaved:
    lead = who.role in LEADS
    async with made.db.write() as session:
        agent_id = body.agent_id or who.account_id
        if not lead:
            live = made.in_call(contact_id, who.account_id)
            if not live and not await outcomes.belongs_to(session, contact_id, who.account_id):
                if await session.get(Contact, contact_id) is None:
                    raise NotFound("no such call; if it has only just begun, save again in a moment")
                raise NotPermitted("this call was not yours; ask its agent or a team lead")
        elif body.agent_id is None and not await outcomes.belongs_to(session, contact_id, who.account_id):
            contact = await session.get(Contact, contact_id)
            agent_id = (contact.answered_by if contact else None) or who.account_id
        row = await outcomes.save(session, made.clock.now(), contact_id, agent_id, wish, by=who.account_id)
        await session.flush()
        asked = {"agent": agent_id, "contact": contact_id, "outcome": row.id}
        ((name, customer_id, has_case),) = await (await session.direct()).rows(_WHOSE, asked)
        customer = CustomerOut.of(await customers.get(session, customer_id)) if customer_id else None
        case = (await cases.of_outcomes(session, [row.id])).get(row.id) if has_case else None
        return OutcomeSaved(outcome=OutcomeOut.of(row, name, case), customer=customer)


@router.get("/dispositions")
async def list_dispositions(who: SignedIn, made: ServicesDep) -> list[DispositionOut]:
    """How a call can have ended, in the order to show."""
    query = select(Disposition).where(Disposition.active).order_by(Disposition.position)
    async with made.db.read() as session:
        return [DispositionOut.model_validate(row) for row in await session.scalars(query)]


@router.get("/break-reasons", dependencies=[Depends(require(*EVERYONE))])
async def list_break_reasons(made: ServicesDep) -> list[BreakReasonOut]:
    """Why one can be on a break, and for how long in a shift."""
    query = select(BreakReason).where(BreakReason.active).order_by(BreakReason.position)
    async with made.db.read() as session:
        return [BreakReasonOut.model_validate(row) for row in await session.scalars(query)]
